// A trace in time order: its log lines, and between them when its observations began.
import { clock, duration } from './format';
import { inTimeOrder, isWorse, type Node, type Tree } from './observation_tree';
import { levelClass, typeClass } from './types';
import { VirtualRows } from './virtual_rows';

const rowHeight = 26;

export type LogFilter = 'everything' | 'lines' | 'problems';

export function logRows(tree: Tree, filter: LogFilter, query: string): Node[] {
  const wanted = query.trim().toLowerCase();
  return inTimeOrder(tree).filter(({ observation: o, isLog }) => {
    if (filter === 'lines' && !isLog) return false;
    if (filter === 'problems' && !isWorse(o.level, 'DEFAULT')) return false;
    const texts = [o.name, o.message, o.statusMessage, o.id];
    return !wanted || texts.some((text) => text?.toLowerCase().includes(wanted));
  });
}

interface Properties {
  rows: Node[];
  index: number;
  // Microseconds since the Unix epoch: where the trace begins.
  start: number;
  onSelect: (id: string) => void;
}

export function LogView({ rows, index, start, onSelect }: Properties) {
  return (
    <VirtualRows class="log-view" role="listbox" label="Log" rows={rows.length} rowHeight={rowHeight} reveal={index}
      revealKey={rows[index]?.observation.id} activeDescendant={index < 0 ? undefined : `line-${index}`}
      draw={(i, style) => {
        const node = rows[i]!;
        return (
          <LogRow key={node.observation.id} id={`line-${i}`} node={node} style={style} start={start}
            isSelected={i === index} onSelect={onSelect} />
        );
      }} />
  );
}

interface RowProperties {
  node: Node;
  id: string;
  style: { top: string; height: string };
  start: number;
  isSelected: boolean;
  onSelect: (id: string) => void;
}

function LogRow({ node, id, style, start, isSelected, onSelect }: RowProperties) {
  const { observation: o, isLog, parent } = node;
  const level = o.name.startsWith('log.') ? o.name.slice(4) : isLog ? o.name : '';
  const owner = (isLog ? parent : node)?.observation;
  const classes = ['row', typeClass(owner?.type ?? 'event'), levelClass(o.level), isLog ? 'line' : 'began',
    o.level === 'ERROR' && 'failed', isSelected && 'selected'].filter(Boolean).join(' ');
  const text = isLog ? o.message ?? o.statusMessage ?? '' : [`${o.type.toLowerCase()}, ${duration(Math.max(0, o.end - o.start))}`,
    o.level === 'DEFAULT' ? '' : o.statusMessage].filter(Boolean).join(' · ');
  return (
    <div id={id} class={classes} style={style} role="option" aria-selected={isSelected} onClick={() => onSelect(o.id)}
      title={clock(o.start)}>
      <span class="offset">+{duration(o.start - start)}</span>
      <span class="level">{level}</span>
      <span class="owner"><i class="dot" aria-hidden="true" />{owner?.name ?? ''}</span>
      <span class="message">{text}</span>
    </div>
  );
}
