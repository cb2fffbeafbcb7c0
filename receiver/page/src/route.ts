// Where we are: all of it stands in the address, so that every view can be linked, reloaded and gone
// back to.
//   #/?q=…&level=…&type=…&user=…&session=…&tag=…&environment=…
//   #/matches?q=…
//   #/sessions
//   #/trace/<trace>[/<observation>][?view=log][&q=…]
import { useEffect, useState } from 'preact/hooks';

export const filterNames = ['q', 'level', 'type', 'environment', 'user', 'session', 'tag'] as const;
export type FilterName = (typeof filterNames)[number];
export type Filters = Partial<Record<FilterName, string>>;
export type TraceViewName = 'tree' | 'log';

export type Route =
  | { page: 'traces'; filters: Filters }
  | { page: 'matches'; q: string }
  | { page: 'sessions' }
  | { page: 'trace'; trace: string; observation: string; view: TraceViewName; q: string };

// An address that was typed may hold a lone percent sign.
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function parseHash(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const q = parameters.get('q') ?? '';
  if (path === '/sessions') return { page: 'sessions' };
  if (path === '/matches') return { page: 'matches', q };
  const trace = /^\/trace\/([^/]+)(?:\/(.+))?$/.exec(path);
  if (trace) {
    const view = parameters.get('view') === 'log' ? 'log' : 'tree';
    return { page: 'trace', trace: decoded(trace[1]!), observation: decoded(trace[2] ?? ''), view, q };
  }
  const filters: Filters = {};
  for (const name of filterNames) {
    const value = parameters.get(name);
    if (value) filters[name] = value;
  }
  return { page: 'traces', filters };
}

function withQuery(path: string, values: Record<string, string | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value) query.set(name, value);
  }
  return query.size ? `${path}?${query}` : path;
}

export function toHash(route: Route): string {
  switch (route.page) {
    case 'traces':
      return withQuery('#/', route.filters);
    case 'matches':
      return withQuery('#/matches', { q: route.q });
    case 'sessions':
      return '#/sessions';
    case 'trace': {
      const observation = route.observation && `/${encodeURIComponent(route.observation)}`;
      const view = route.view === 'log' ? 'log' : '';
      return withQuery(`#/trace/${encodeURIComponent(route.trace)}${observation}`, { view, q: route.q });
    }
  }
}

export const traceHash = (trace: string, observation = '') =>
  toHash({ page: 'trace', trace, observation, view: 'tree', q: '' });

const moved = 'langfuse:moved';

// `replace` where the way back should skip this step: each key of a text, each row passed with j.
export function navigate(route: Route, how: 'push' | 'replace' = 'push'): void {
  const hash = toHash(route);
  if (how === 'replace') history.replaceState(null, '', hash);
  else if (hash !== location.hash) history.pushState(null, '', hash);
  dispatchEvent(new Event(moved));
}

// The list that a trace was opened from: where Escape leads.
let lastList = '#/';
export const listHash = () => lastList;

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('popstate', follow);
    addEventListener(moved, follow);
    follow();  // what changed since the first rendering, while nobody listened
    return () => {
      removeEventListener('popstate', follow);
      removeEventListener(moved, follow);
    };
  }, []);
  const route = parseHash(hash);
  if (route.page !== 'trace') lastList = toHash(route);
  return route;
}
