// One trace: what is known of the whole, its observations as tree or log, and the chosen one in detail.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { tracePath, type TraceTree } from './api';
import { Detail } from './detail';
import { SearchField } from './filters';
import { count } from './format';
import { focusRows, focusSearch, useKeys } from './keyboard';
import { useLoaded } from './live';
import { LogView, type LogFilter, logRows } from './log_view';
import { buildTree, type Folding, type LogMode, nextError, toggled, type Tree, uncovered,
  visibleRows } from './observation_tree';
import { listHash, navigate, parseHash, type Route } from './route';
import { TraceFacts } from './trace_facts';
import { TreeView } from './tree_view';

type TraceRoute = Extract<Route, { page: 'trace' }>;

export function TraceView({ route, version }: { route: TraceRoute; version: string }) {
  const { data, refused } = useLoaded<TraceTree>(tracePath(route.trace), version);
  const tree = useMemo(() => (data ? buildTree(data.observations) : null), [data]);
  useKeys({ Escape: () => close(route) });
  if (data && tree) return <OpenTrace route={route} version={version} data={data} tree={tree} />;
  if (refused !== 404) return null;
  return (
    <div class="empty">
      <h1>This trace has not arrived</h1>
      <p class="mono">{route.trace}</p>
      <p>It appears here as soon as it does.</p>
    </div>
  );
}

// Step by step: the detail, the search, the trace.
function close(route: TraceRoute): void {
  if (route.observation) navigate({ ...route, observation: '' }, 'replace');
  else if (route.q) navigate({ ...route, q: '' }, 'replace');
  else navigate(parseHash(listHash()));
}

const logModes: [LogMode, string][] = [
  ['all', 'All log lines'],
  ['problems', 'Warnings and errors'],
  ['none', 'No log lines'],
];

const logFilters: [LogFilter, string][] = [
  ['everything', 'Everything'],
  ['lines', 'Log lines'],
  ['problems', 'Warnings and errors'],
];

interface OpenProperties {
  route: TraceRoute;
  version: string;
  data: TraceTree;
  tree: Tree;
}

function OpenTrace({ route, version, data, tree }: OpenProperties) {
  const [folding, setFolding] = useState<Folding>({ folded: new Set(), logs: 'all', flipped: new Set() });
  const [logFilter, setLogFilter] = useState<LogFilter>('everything');
  const [zoom, setZoom] = useState('');
  const { observation: selected, view, q } = route;
  const rows = useMemo(() => visibleRows(tree, folding, q), [tree, folding, q]);
  const lines = useMemo(() => (view === 'log' ? logRows(tree, logFilter, q) : []), [tree, view, logFilter, q]);
  const shown = useMemo(() => (view === 'log' ? lines : rows.map((row) => row.node)), [view, lines, rows]);
  const index = useMemo(() => shown.findIndex((node) => node.observation.id === selected), [shown, selected]);

  const select = (id: string) => {
    if (id) setFolding((before) => uncovered(tree, id, before));
    navigate({ ...route, observation: id }, 'replace');
  };
  useEffect(() => {
    if (selected) setFolding((before) => uncovered(tree, selected, before));
  }, [selected]);
  useEffect(() => {
    document.title = `${data.trace.name || data.trace.id} · Langfuse local`;
  }, [data.trace.name, data.trace.id]);

  const move = (step: number) => {
    const next = shown[Math.min(Math.max(index + step, 0), shown.length - 1)];
    if (!next) return;
    select(next.observation.id);
    focusRows();
  };
  const goToError = (step: 1 | -1) => {
    const id = nextError(tree, selected, step);
    if (id) select(id);
  };
  const change = (name: 'folded' | 'flipped', id: string) => setFolding({ ...folding, [name]: toggled(folding[name], id) });
  const fold = () => {
    const node = tree.byId.get(selected);
    if (node?.children.length && !folding.folded.has(selected)) change('folded', selected);
    else if (node?.parent) select(node.parent.observation.id);
  };
  const unfold = () => {
    if (folding.folded.has(selected)) change('folded', selected);
    else move(1);
  };
  const setLogs = (logs: LogMode) => setFolding({ ...folding, logs, flipped: new Set() });
  const nextLogs = () => {
    const at = logModes.findIndex(([mode]) => mode === folding.logs);
    setLogs(logModes[(at + 1) % logModes.length]![0]);
  };
  const setView = (name: 'tree' | 'log') => navigate({ ...route, view: name });
  useKeys({
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    h: fold,
    ArrowLeft: fold,
    l: unfold,
    ArrowRight: unfold,
    e: () => goToError(1),
    E: () => goToError(-1),
    L: nextLogs,
    v: () => setView(view === 'tree' ? 'log' : 'tree'),
    z: () => setZoom(zoom === selected ? '' : selected),
    '/': focusSearch,
  });

  const errors = data.trace.errors;
  return (
    <div class="split">
      <section class="view" aria-label={`Trace ${data.trace.name}`}>
        <TraceFacts trace={data.trace} scores={data.scores} />
        <div class="toolbar">
          <div class="segments" role="group" aria-label="View">
            <button aria-pressed={view === 'tree'} onClick={() => setView('tree')}>Tree</button>
            <button aria-pressed={view === 'log'} onClick={() => setView('log')}>Log</button>
          </div>
          {view === 'tree'
            ? <Select label="Log lines" value={folding.logs} values={logModes} onChange={setLogs} />
            : <Select label="Lines" value={logFilter} values={logFilters} onChange={setLogFilter} />}
          <SearchField value={q} placeholder="Search this trace"
            onChange={(text) => navigate({ ...route, q: text }, 'replace')} />
          {errors > 0 && (
            <button class="button error" title="Next error (e)" onClick={() => goToError(1)}>
              {selected ? 'Next error' : 'First error'} <small>of {count(errors)}</small>
            </button>
          )}
          {data.trace.observations > data.observations.length && (
            <span class="muted">{count(data.observations.length)} of {count(data.trace.observations)} are shown</span>
          )}
          {zoom && <button class="button" onClick={() => setZoom('')}>Whole time</button>}
        </div>
        {view === 'log'
          ? <LogView rows={lines} index={index} start={data.trace.start} onSelect={select} />
          : (
            <TreeView rows={rows} index={index} trace={data.trace} tree={tree} folding={folding} zoom={zoom} onSelect={select}
              onFold={(id) => change('folded', id)} onFlipLogs={(id) => change('flipped', id)} />
          )}
      </section>
      {selected && (
        <Detail trace={data.trace.id} node={tree.byId.get(selected)} id={selected} version={version}
          scores={data.scores} media={data.media ?? []} onClose={() => select('')} onSelect={select} />
      )}
    </div>
  );
}

interface SelectProperties<Value extends string> {
  label: string;
  value: Value;
  values: [Value, string][];
  onChange: (value: Value) => void;
}

function Select<Value extends string>({ label, value, values, onChange }: SelectProperties<Value>) {
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value as Value)}>
      {values.map(([name, text]) => <option key={name} value={name}>{text}</option>)}
    </select>
  );
}
