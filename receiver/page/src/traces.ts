// The part of the list of traces that the page has: the newest, and as many older ones as a person
// scrolled to.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, type Trace, type TraceList } from './api';
import { useLoaded } from './live';
import type { Filters } from './route';

const pageSize = 100;
const mostAtOnce = 500;

export interface Traces {
  traces: Trace[];
  more: boolean;
  isLoaded: boolean;
  loadMore: () => void;
}

function path(filters: Filters, values: Record<string, string>): string {
  return `/local/traces?${new URLSearchParams({ ...filters, ...values })}`;
}

// The refreshed newest traces, then those that were loaded before and are older than all of them.
function merged(newest: TraceList, before: Trace[]): Trace[] {
  const last = newest.traces.at(-1);
  if (!newest.more || !last) return newest.traces;
  const known = new Set(newest.traces.map((trace) => trace.id));
  return [...newest.traces, ...before.filter((trace) => !known.has(trace.id) && trace.start <= last.start)];
}

export function useTraces(filters: Filters, version: string): Traces {
  const wanted = new URLSearchParams(filters).toString();
  const [older, setOlder] = useState<{ of: string; traces: Trace[]; more: boolean | null }>(
    { of: wanted, traces: [], more: null });
  const isLoading = useRef(false);
  const shown = useRef<Trace[]>([]);
  const limit = Math.min(mostAtOnce, Math.max(pageSize, Math.ceil(older.traces.length / pageSize) * pageSize));
  const { data } = useLoaded<TraceList>(path(filters, { limit: String(limit) }), version);
  // What was there before stays until the answer to other filters is there.
  const lastData = useRef<TraceList | undefined>(undefined);
  if (data) lastData.current = data;
  const newest = data ?? lastData.current;

  const isSame = older.of === wanted;
  const traces = newest ? merged(newest, isSame ? older.traces : []) : [];
  shown.current = traces;
  const more = (isSame && older.more !== null ? older.more : newest?.more) ?? false;
  useEffect(() => setOlder({ of: wanted, traces: [], more: null }), [wanted]);

  const loadMore = useCallback(async () => {
    const last = shown.current.at(-1);
    if (!last || isLoading.current) return;
    isLoading.current = true;
    try {
      const next = await get<TraceList>(
        path(filters, { limit: String(pageSize), before: String(last.start), before_id: last.id }));
      setOlder({ of: wanted, traces: [...shown.current, ...next.traces], more: next.more ?? false });
    } catch {
      return;  // Nobody answered, which `useLive` shows; scrolling asks again.
    } finally {
      isLoading.current = false;
    }
  }, [wanted]);
  return { traces, more, isLoaded: newest !== undefined, loadMore };
}
