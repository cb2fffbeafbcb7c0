// The observations of a trace, one row each: what it is on the left, when it was on the right.
import type { Trace } from './api';
import { count, dollars, mark, percent, px } from './format';
import { type Folding, type Node, type Row, showsLogsOf, type Tree } from './observation_tree';
import { Lane, type TimeWindow, wholeOf } from './lane';
import { levelClass, typeClass } from './types';
import { VirtualRows } from './virtual_rows';

const rowHeight = 28;
const indentPixels = 16;
// Deeper rows are indented no further, so that their names stay in sight.
const deepestIndent = 24;

interface Properties {
  trace: Trace;
  tree: Tree;
  rows: Row[];
  index: number;
  folding: Folding;
  zoom: string;
  onSelect: (id: string) => void;
  onFold: (id: string) => void;
  onFlipLogs: (id: string) => void;
}

const rowId = (index: number) => `row-${index}`;

export function TreeView(p: Properties) {
  const window = timeWindow(p);
  return (
    <VirtualRows class="tree" role="tree" label="Observations" rows={p.rows.length} rowHeight={rowHeight}
      reveal={p.index} revealKey={p.rows[p.index]?.node.observation.id}
      activeDescendant={p.index < 0 ? undefined : rowId(p.index)} head={<Axis window={window} start={p.trace.start} />}
      draw={(i, style) => (
        <TreeRow key={p.rows[i]!.node.observation.id} {...p} row={p.rows[i]!} id={rowId(i)} style={style} window={window}
          isSelected={i === p.index} />
      )} />
  );
}

function timeWindow({ trace, tree, zoom }: Properties): TimeWindow {
  const node = tree.byId.get(zoom);
  const { start, end } = node && !node.isLog ? node.observation : trace;
  return { start, end: Math.max(start + 1, end), step: niceStep(Math.max(1, end - start)) };
}

// Microseconds between two marks of the axis: 1, 2 or 5 times a power of ten, for four to nine marks.
function niceStep(length: number): number {
  const rough = length / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = rough / power;
  return Math.max(1, power * (factor < 1.5 ? 1 : factor < 3.5 ? 2 : factor < 7.5 ? 5 : 10));
}

// Marks stand at even times since the trace began.
function Axis({ window, start }: { window: TimeWindow; start: number }) {
  const marks = [];
  const length = window.end - window.start;
  const offset = window.start - start;
  for (let at = Math.ceil(offset / window.step) * window.step; at <= offset + length; at += window.step) {
    marks.push(
      <span key={at} style={{ left: percent((100 * (at - offset)) / length) }}>{mark(at)}</span>);
  }
  return (
    <div class="axis" role="presentation" aria-hidden="true">
      <div>Observation</div>
      <div class="marks">{marks}</div>
    </div>
  );
}

interface RowProperties extends Properties {
  row: Row;
  id: string;
  style: { top: string; height: string };
  window: TimeWindow;
  isSelected: boolean;
}

function TreeRow(p: RowProperties) {
  const { node, isContext } = p.row;
  const { observation: o, isLog } = node;
  const hasChildren = node.children.length > 0;
  const isFolded = p.folding.folded.has(o.id);
  const classes = ['row', typeClass(o.type), levelClass(o.level), isLog && 'log', o.level === 'ERROR' && 'failed',
    p.isSelected && 'selected', isContext && 'context'].filter(Boolean).join(' ');
  const indent = Math.min(node.depth, deepestIndent) * indentPixels;
  return (
    <div id={p.id} class={classes} style={p.style} role="treeitem" aria-level={node.depth + 1}
      aria-selected={p.isSelected} aria-expanded={hasChildren ? !isFolded : undefined} onClick={() => p.onSelect(o.id)}>
      <div class="label" style={{ paddingLeft: px(indent + 10), '--indent': px(indent) }}>
        {hasChildren
          ? <button class="caret" tabIndex={-1} aria-hidden="true" title={isFolded ? 'Unfold (→)' : 'Fold (←)'}
              onClick={(event) => { event.stopPropagation(); p.onFold(o.id); }}>{isFolded ? '▸' : '▾'}</button>
          : <span class="caret" />}
        {node.depth > deepestIndent && <span class="depth">{node.depth}</span>}
        {isLog ? <LogLabel node={node} /> : <SpanLabel {...p} isFolded={isFolded} />}
      </div>
      <Lane node={node} window={p.window} whole={wholeOf(p.trace)} />
    </div>
  );
}

function LogLabel({ node: { observation: o } }: { node: Node }) {
  const level = o.name.startsWith('log.') ? o.name.slice(4) : o.name;
  return (
    <>
      <span class="level">{level}</span>
      <span class="message">{o.message ?? o.statusMessage ?? ''}</span>
    </>
  );
}

function SpanLabel({ row: { node }, folding, isFolded, onFlipLogs }: RowProperties & { isFolded: boolean }) {
  const o = node.observation;
  const extra = [
    o.model,
    o.tokens ? `${count(o.tokens)} tok` : '',
    dollars(o.cost),
    o.level === 'DEFAULT' ? '' : o.statusMessage,
    o.type === 'EVENT' ? o.message : '',
  ].filter(Boolean).join(' · ');
  const areLogsShown = showsLogsOf(node, folding);
  return (
    <>
      <i class="dot" aria-hidden="true" />
      <span class="name">{o.name || '(unnamed)'}</span>
      <span class="type">{o.type.toLowerCase()}</span>
      {o.level !== 'DEFAULT' && <span class="unseen">{o.level.toLowerCase()}</span>}
      {(o.lint ?? 0) > 0 && <span class="pill lint" title="A Langfuse server would lose something of this">lint</span>}
      {isFolded && node.worst === 'ERROR' && o.level !== 'ERROR' && <span class="pill error">error inside</span>}
      <span class="extra">{extra}</span>
      {node.logs.length > 0 && (
        <button class={areLogsShown ? 'lines shown' : 'lines'} tabIndex={-1}
          title={areLogsShown ? 'Fold log lines' : 'Unfold log lines'} aria-pressed={areLogsShown}
          onClick={(event) => { event.stopPropagation(); onFlipLogs(o.id); }}>≡ {count(node.logs.length)}</button>
      )}
    </>
  );
}
