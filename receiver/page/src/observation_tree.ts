// The observations of a trace as a tree, and the rows of it that are to be shown. Ready for 20 000
// observations, in one line below each other too: nothing here recurses.
import type { Level, Observation } from './api';

export interface Node {
  observation: Observation;
  children: Node[];
  // The log lines among the children.
  logs: Node[];
  parent: Node | null;
  depth: number;
  // A log line is an event that nothing hangs below.
  isLog: boolean;
  // The worst level at or below this node, log lines included.
  worst: Level;
}

export interface Tree {
  roots: Node[];
  // Depth first, as shown when nothing is folded.
  all: Node[];
  byId: Map<string, Node>;
}

const badness: Record<Level, number> = { DEBUG: 0, DEFAULT: 1, WARNING: 2, ERROR: 3 };

export const isWorse = (a: Level, b: Level) => (badness[a] ?? 1) > (badness[b] ?? 1);

// Where each node hangs. An observation whose parent has not arrived stands at the top; so does one of
// each circle of parents, which a broken program may send.
function linkParents(byId: Map<string, Node>): void {
  const settled = new Set<Node>();
  for (const start of byId.values()) {
    const path = new Set<Node>();
    for (let node: Node | undefined = start; node && !settled.has(node); ) {
      path.add(node);
      const parent = byId.get(node.observation.parent);
      if (!parent || path.has(parent)) break;
      node.parent = parent;
      node = parent;
    }
    for (const node of path) settled.add(node);
  }
}

export function buildTree(observations: Observation[]): Tree {
  const byId = new Map<string, Node>();
  const inOrder = observations.slice().sort((a, b) => a.start - b.start);
  for (const observation of inOrder) {
    byId.set(observation.id, {
      observation,
      children: [],
      logs: [],
      parent: null,
      depth: 0,
      isLog: false,
      worst: observation.level,
    });
  }
  linkParents(byId);

  const roots: Node[] = [];
  for (const node of byId.values()) (node.parent?.children ?? roots).push(node);

  const all: Node[] = [];
  const stack = roots.slice().reverse();
  for (let node = stack.pop(); node; node = stack.pop()) {
    all.push(node);
    node.depth = node.parent ? node.parent.depth + 1 : 0;
    node.isLog = node.observation.type === 'EVENT' && node.children.length === 0;
    if (node.isLog) node.parent?.logs.push(node);
    for (let i = node.children.length; i-- > 0; ) stack.push(node.children[i]!);
  }
  for (let i = all.length; i-- > 0; ) {
    const { parent, worst } = all[i]!;
    if (parent && isWorse(worst, parent.worst)) parent.worst = worst;
  }
  return { roots, all, byId };
}

export type LogMode = 'all' | 'problems' | 'none';

export interface Folding {
  // Nodes whose children are folded away.
  folded: ReadonlySet<string>;
  // Which log lines are shown, and the nodes whose own lines are shown or hidden against that.
  logs: LogMode;
  flipped: ReadonlySet<string>;
}

export interface Row {
  node: Node;
  // Shown only because something below it is looked for.
  isContext: boolean;
}

const isFlipped = (node: Node, folding: Folding) => folding.flipped.has(node.observation.id);

// Whether all of the node's own log lines are rows.
export const showsLogsOf = (node: Node, folding: Folding) =>
  (folding.logs === 'all') !== isFlipped(node, folding);

function isShownLog(node: Node, folding: Folding): boolean {
  if (node.parent ? showsLogsOf(node.parent, folding) : folding.logs === 'all') return true;
  return folding.logs === 'problems' && isWorse(node.observation.level, 'DEFAULT');
}

// `folding` with as little unfolded as shows the given row; itself if the row is shown.
export function uncovered(tree: Tree, id: string, folding: Folding): Folding {
  const node = tree.byId.get(id);
  if (!node) return folding;
  const unfolded: string[] = [];
  for (let at = node.parent; at; at = at.parent) {
    if (folding.folded.has(at.observation.id)) unfolded.push(at.observation.id);
  }
  const isHidden = node.isLog && node.parent !== null && !isShownLog(node, folding);
  if (unfolded.length === 0 && !isHidden) return folding;
  return {
    ...folding,
    folded: new Set([...folding.folded].filter((folded) => !unfolded.includes(folded))),
    flipped: isHidden ? toggled(folding.flipped, node.parent!.observation.id) : folding.flipped,
  };
}

export function toggled(set: ReadonlySet<string>, member: string): Set<string> {
  const changed = new Set(set);
  if (!changed.delete(member)) changed.add(member);
  return changed;
}

function matches({ observation: o }: Node, wanted: string): boolean {
  const texts = [o.name, o.type, o.message, o.statusMessage, o.model, o.id];
  return texts.some((text) => text !== undefined && text.toLowerCase().includes(wanted));
}

// What is looked for, and what leads there. Folding does not hide what was found.
function foundRows(tree: Tree, wanted: string): Row[] {
  const found = new Set(tree.all.filter((node) => matches(node, wanted)));
  const leading = new Set<Node>();
  for (const node of found) {
    for (let at = node.parent; at && !leading.has(at); at = at.parent) leading.add(at);
  }
  return tree.all
    .filter((node) => found.has(node) || leading.has(node))
    .map((node) => ({ node, isContext: !found.has(node) }));
}

export function visibleRows(tree: Tree, folding: Folding, query: string): Row[] {
  const wanted = query.trim().toLowerCase();
  if (wanted) return foundRows(tree, wanted);
  const rows: Row[] = [];
  const stack = tree.roots.slice().reverse();
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.isLog && !isShownLog(node, folding)) continue;
    rows.push({ node, isContext: false });
    if (folding.folded.has(node.observation.id)) continue;
    for (let i = node.children.length; i-- > 0; ) stack.push(node.children[i]!);
  }
  return rows;
}

// Everything in time order, for the log view.
export function inTimeOrder(tree: Tree): Node[] {
  return tree.all.slice().sort((a, b) => a.observation.start - b.observation.start || a.depth - b.depth);
}

// The next error after the given row, or before it; around the end. Log lines of level ERROR are errors.
export function nextError(tree: Tree, from: string, step: 1 | -1): string {
  const size = tree.all.length;
  const start = tree.all.findIndex((node) => node.observation.id === from);
  for (let i = 1; i <= size; i++) {
    const at = start < 0 ? (step === 1 ? i - 1 : size - i) : (start + step * i + size * 2) % size;
    const { observation } = tree.all[at]!;
    if (observation.level === 'ERROR') return observation.id;
  }
  return '';
}

export interface Tick {
  // Microseconds since the Unix epoch.
  time: number;
  level: Level;
  lines: number;
}

const mostTicks = 100;
const ticksOf = new WeakMap<Node, Tick[]>();

// The log lines of an observation as ticks on its bar. Lines that would stand on the same spot are one
// tick, which has the worst of their levels.
export function logTicks(node: Node): Tick[] {
  const known = ticksOf.get(node);
  if (known) return known;
  const ticks = new Map<number, Tick>();
  const { start, end } = node.observation;
  const width = Math.max(1, end - start) / mostTicks;
  for (const { observation } of node.logs) {
    const spot = Math.floor((observation.start - start) / width);
    const tick = ticks.get(spot);
    if (!tick) {
      ticks.set(spot, { time: observation.start, level: observation.level, lines: 1 });
    } else {
      tick.lines += 1;
      if (isWorse(observation.level, tick.level)) tick.level = observation.level;
    }
  }
  const result = [...ticks.values()];
  ticksOf.set(node, result);
  return result;
}
