// The newest traces, live.
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Trace } from './api';
import { FilterBar } from './filters';
import { clock, count, dollars, duration, percent, plural } from './format';
import { focusSearch, useKeys } from './keyboard';
import { type Filters, navigate, traceHash } from './route';
import { useTraces } from './traces';
import { VirtualRows } from './virtual_rows';
import { Waiting } from './waiting';

const rowHeight = 36;

// The trace that was last looked at: where the list goes on.
let lastOpened = '';

export function TraceList({ filters, version }: { filters: Filters; version: string }) {
  const { traces, more, isLoaded, loadMore } = useTraces(filters, version);
  const [cursor, setCursor] = useState(lastOpened);
  const index = traces.findIndex((trace) => trace.id === cursor);
  const move = (step: number) => {
    const next = traces[Math.min(Math.max(index + step, 0), traces.length - 1)];
    if (next) setCursor(next.id);
  };
  const open = () => {
    if (index < 0) return;
    lastOpened = cursor;
    navigate({ page: 'trace', trace: cursor, observation: '', view: 'tree', q: '' });
  };
  useKeys({
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    Enter: open,
    Escape: () => (cursor ? setCursor('') : navigate({ page: 'traces', filters: {} })),
    '/': focusSearch,
  });

  const sessions = useMemo(() => [...new Set(traces.map((trace) => trace.sessionId))].filter(Boolean), [traces]);
  const isFiltered = Object.keys(filters).length > 0;
  const longest = traces.reduce((most, trace) => Math.max(most, trace.end - trace.start), 1);
  return (
    <section class="view" aria-label="Traces">
      <h1 class="unseen">Traces</h1>
      <FilterBar filters={filters} version={version} sessions={sessions} />
      {traces.length > 0 && (
        <VirtualRows class="table traces" role="table" label="Traces, the newest first" rows={traces.length}
          rowHeight={rowHeight} reveal={index} onNearEnd={more ? loadMore : undefined} head={<Head />}
          draw={(i, style) => (
            <TraceRow key={traces[i]!.id} trace={traces[i]!} index={i} style={style} longest={longest}
              filters={filters} hasCursor={traces[i]!.id === cursor} onOpen={() => (lastOpened = traces[i]!.id)} />
          )} />
      )}
      {isLoaded && traces.length === 0 && (isFiltered ? <NothingFound /> : <Waiting />)}
    </section>
  );
}

function NothingFound() {
  return (
    <div class="empty">
      <h2>No trace matches</h2>
      <p>Nothing that was received so far passes all filters.</p>
      <button class="button" onClick={() => navigate({ page: 'traces', filters: {} })}>Clear filters</button>
    </div>
  );
}

const columns: [string, string][] = [
  ['Trace', 'name'],
  ['Started', 'started'],
  ['Duration', 'num duration'],
  ['Observations', 'num observations'],
  ['Log lines', 'num logs'],
  ['Tokens', 'num tokens'],
  ['Cost', 'num cost'],
  ['User', 'user'],
  ['Session', 'session'],
];

function Head() {
  return (
    <div class="row head" role="row">
      {columns.map(([text, name]) => <div key={name} class={name} role="columnheader">{text}</div>)}
    </div>
  );
}

interface RowProperties {
  trace: Trace;
  index: number;
  style: { top: string; height: string };
  longest: number;
  filters: Filters;
  hasCursor: boolean;
  onOpen: () => void;
}

function TraceRow({ trace, index, style, longest, filters, hasCursor, onOpen }: RowProperties) {
  const link = useRef<HTMLAnchorElement>(null);
  useLayoutEffect(() => {
    if (hasCursor) link.current?.focus({ preventScroll: true });
  }, [hasCursor]);
  const length = Math.max(0, trace.end - trace.start);
  const meter = percent(Math.max(2, 100 * Math.sqrt(length / longest)));
  const narrow = (name: 'user' | 'session', value: string) => value && (
    <button class="link" title={`Only this ${name}`}
      onClick={() => navigate({ page: 'traces', filters: { ...filters, [name]: value } })}>{value}</button>
  );
  return (
    <div class={`row${trace.errors ? ' failed' : ''}${hasCursor ? ' cursor' : ''}`} role="row" aria-rowindex={index + 2}
      style={style}>
      <div class="name" role="cell">
        <a ref={link} class="whole" href={traceHash(trace.id)} onClick={onOpen}>{trace.name || '(unnamed)'}</a>
        {trace.rootName && trace.rootName !== trace.name && <span class="root-name">{trace.rootName}</span>}
        {!trace.hasRoot && <span class="pill running">running</span>}
        {trace.errors > 0 && <span class="pill error">{plural(trace.errors, 'error')}</span>}
        {trace.warnings > 0 && <span class="pill warning">{plural(trace.warnings, 'warning')}</span>}
        {(trace.lint ?? 0) > 0 && (
          <span class="pill lint" title="A Langfuse server would lose something of this">{trace.lint} lint</span>
        )}
        {trace.tags.length > 0 && (
          <span class="tags">{trace.tags.map((tag) => <span key={tag} class="pill">{tag}</span>)}</span>
        )}
      </div>
      <div class="started" role="cell">{clock(trace.start)}</div>
      <div class="num duration" role="cell">
        {duration(length)}
        <span class="meter" aria-hidden="true"><i style={{ width: meter }} /></span>
      </div>
      <div class="num observations" role="cell">{count(trace.observations - trace.events)}</div>
      <div class="num logs" role="cell">{trace.events ? count(trace.events) : ''}</div>
      <div class="num tokens" role="cell">{trace.tokens ? count(trace.tokens) : ''}</div>
      <div class="num cost" role="cell">{dollars(trace.cost)}</div>
      <div class="user" role="cell">{narrow('user', trace.userId)}</div>
      <div class="session" role="cell">{narrow('session', trace.sessionId)}</div>
    </div>
  );
}
