// The observations, of all traces, that hold what is searched for.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { SearchHit } from './api';
import { SearchField } from './filters';
import { clock } from './format';
import { focusSearch, useKeys } from './keyboard';
import { useLoaded } from './live';
import { navigate, traceHash } from './route';
import { typeClass } from './types';

const mostHits = 100;

export function Matches({ q, version }: { q: string; version: string }) {
  const path = q ? `/local/search?${new URLSearchParams({ q, limit: String(mostHits) })}` : null;
  const hits = useLoaded<{ hits: SearchHit[] }>(path, version).data?.hits;
  const [cursor, setCursor] = useState(-1);
  const list = useRef<HTMLUListElement>(null);
  const move = (step: number) => setCursor((at) => Math.min(Math.max(at + step, 0), (hits?.length ?? 1) - 1));
  useLayoutEffect(() => list.current?.children[cursor]?.querySelector('a')?.focus(), [cursor]);
  useKeys({
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    Escape: () => navigate({ page: 'traces', filters: q ? { q } : {} }),
    '/': focusSearch,
  });
  return (
    <section class="view" aria-label="Matches">
      <h1 class="unseen">Matches</h1>
      <div class="toolbar filters">
        <SearchField value={q} placeholder="Search names, inputs, outputs"
          onChange={(text) => navigate({ page: 'matches', q: text }, 'replace')} />
      </div>
      {hits?.length === 0 && <div class="empty"><h2>Nothing matches</h2></div>}
      <ul class="matches" ref={list} aria-label="Matching observations">
        {hits?.map((hit) => (
          <li key={`${hit.traceId} ${hit.observationId} ${hit.field}`} class={typeClass(hit.type)}>
            <a href={traceHash(hit.traceId, hit.observationId)}>
              <span class="hit-head">
                <i class="dot" aria-hidden="true" /><b>{hit.name || '(unnamed)'}</b>
                <span class="type">{hit.type.toLowerCase()}</span>
                <span class="muted">{hit.field}</span>
                <span class="spacer" /><span class="muted">{clock(hit.start)}</span>
              </span>
              <span class="snippet"><Snippet text={hit.snippet} /></span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

// The receiver puts U+0001 before what matches and U+0002 behind it.
function Snippet({ text }: { text: string }) {
  return <>{text.split('\u0001').flatMap((part, i) => {
    const end = part.indexOf('\u0002');
    if (i === 0 || end < 0) return [part];
    return [<mark key={i}>{part.slice(0, end)}</mark>, part.slice(end + 1)];
  })}</>;
}
