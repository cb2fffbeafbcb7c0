// Names of classes that give an observation its colours.

const types = new Set(['span', 'generation', 'agent', 'tool', 'chain', 'retriever', 'evaluator', 'guardrail',
  'embedding', 'event']);

export function typeClass(type: string): string {
  const name = type.toLowerCase();
  return types.has(name) ? `type-${name}` : 'type-span';
}

export function levelClass(level: string): string {
  return { ERROR: 'level-error', WARNING: 'level-warning', DEBUG: 'level-debug' }[level] ?? 'level-default';
}
