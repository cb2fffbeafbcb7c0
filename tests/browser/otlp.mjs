// Sends traces as an OTLP exporter does. An observation is described by what matters to a test; the rest
// has defaults.

const headers = {
  authorization: `Basic ${Buffer.from('pk-lf-local:sk-lf-local').toString('base64')}`,
  'content-type': 'application/json',
};

// All times of the tests are milliseconds since this one, 2026-03-01 12:00 UTC.
export const epoch = Date.UTC(2026, 2, 1, 12);

const nanoseconds = (ms) => `${BigInt(epoch) * 1_000_000n + BigInt(Math.round(ms * 1000)) * 1000n}`;
const hex = (n, digits) => n.toString(16).padStart(digits, '0');

export const traceId = (n) => hex(n, 32);
export const spanId = (n) => hex(n, 16);

function valueOf(value) {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(valueOf) } };
  if (typeof value === 'number' && Number.isInteger(value)) return { intValue: String(value) };
  return typeof value === 'number' ? { doubleValue: value } : { stringValue: value };
}

const json = (value) => (value === undefined || typeof value === 'string' ? value : JSON.stringify(value));

// { trace, id, parent, name, type, level, start, end } and what Langfuse knows of an observation.
function spanOf(o) {
  const metadata = Object.fromEntries(
    Object.entries(o.metadata ?? {}).map(([key, value]) => [`langfuse.observation.metadata.${key}`, value]));
  const attributes = {
    'langfuse.observation.type': o.type ?? 'span',
    'langfuse.observation.level': o.level,
    'langfuse.observation.status_message': o.statusMessage,
    'langfuse.observation.input': json(o.input),
    'langfuse.observation.output': json(o.output),
    'langfuse.observation.model.name': o.model,
    'langfuse.observation.model.parameters': json(o.parameters),
    'langfuse.observation.usage_details': json(o.usage),
    'langfuse.observation.cost_details': json(o.cost),
    'langfuse.observation.prompt.name': o.prompt?.name,
    'langfuse.observation.prompt.version': o.prompt?.version,
    'langfuse.observation.completion_start_time':
      o.firstToken === undefined ? undefined : JSON.stringify(new Date(epoch + o.firstToken).toISOString()),
    'langfuse.trace.name': o.traceName,
    'langfuse.trace.tags': o.tags,
    'langfuse.user.id': o.user,
    'langfuse.session.id': o.session,
    'langfuse.environment': o.environment,
    'langfuse.release': o.release,
    'langfuse.version': o.version,
    ...metadata,
  };
  return {
    traceId: traceId(o.trace ?? 1),
    spanId: spanId(o.id),
    parentSpanId: o.parent ? spanId(o.parent) : '',
    name: o.name ?? `span ${o.id}`,
    kind: 1,
    startTimeUnixNano: nanoseconds(o.start ?? 0),
    endTimeUnixNano: nanoseconds(o.end ?? o.start ?? 0),
    attributes: Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ({ key, value: valueOf(value) })),
    status: o.level === 'ERROR' ? { code: 2, message: o.statusMessage ?? '' } : {},
  };
}

// A log line as this library's sinks send one.
export const line = (o) => ({ type: 'event', name: `log.${o.severity ?? 'info'}`, input: o.message,
  statusMessage: o.level ? o.message : undefined, ...o });

async function post(address, path, body) {
  const answer = await fetch(address + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

export async function send({ address }, observations) {
  const resource = { attributes: [{ key: 'service.name', value: valueOf('browser-tests') }] };
  for (let at = 0; at < observations.length; at += 5000) {
    const spans = observations.slice(at, at + 5000).map(spanOf);
    await post(address, '/api/public/otel/v1/traces',
      { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'langfuse-sdk' }, spans }] }] });
  }
}

export async function score({ address }, { trace = 1, id, name, value, comment }) {
  await post(address, '/api/public/scores',
    { traceId: traceId(trace), observationId: id && spanId(id), name, value, comment, dataType: 'NUMERIC' });
}
