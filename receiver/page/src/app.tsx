// The frame around the views: where to go, whether the receiver is there, the theme, the keys.
import { useEffect, useRef } from 'preact/hooks';
import { Help } from './help';
import { useKeys } from './keyboard';
import { type Connection, useLive } from './live';
import { Matches } from './matches';
import { listHash, type Route, useRoute } from './route';
import { Sessions } from './sessions';
import { useTheme } from './theme';
import { TraceList } from './trace_list';
import { TraceView } from './trace_view';

const connectionTexts: Record<Connection, string> = {
  connecting: 'connecting',
  live: 'live',
  polling: 'live, every 2 s',
  stopped: 'receiver stopped',
};

export function App() {
  const route = useRoute();
  const live = useLive();
  const [theme, nextTheme] = useTheme();
  const help = useRef<HTMLDialogElement>(null);
  const main = useRef<HTMLElement>(null);
  const showHelp = () => help.current?.showModal();
  useKeys({ '?': showHelp, t: nextTheme });

  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href="#/" aria-label="Langfuse local, all traces">
          <span class="mark" aria-hidden="true"><i /><i /><i /></span>
          <span>Langfuse</span> <small>local</small>
        </a>
        <Navigation route={route} />
        <span class="spacer" />
        <span class={`connection ${live.connection}`} role="status">
          <i aria-hidden="true" /><span>{connectionTexts[live.connection]}</span>
        </span>
        <button class="icon" onClick={nextTheme} aria-label="Switch between light and dark" title="Light or dark (t)">
          <span aria-hidden="true">◐</span>
        </button>
        <button class="icon" onClick={showHelp} aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)">
          <span aria-hidden="true">?</span>
        </button>
      </header>
      <main id="main" ref={main} tabIndex={-1} data-theme-chosen={theme}>
        <View route={route} version={live.version} />
      </main>
      <Help dialog={help} />
    </>
  );
}

function View({ route, version }: { route: Route; version: string }) {
  useEffect(() => {
    const titles = { traces: 'Traces', sessions: 'Sessions', matches: 'Matches', trace: '' };
    if (route.page !== 'trace') document.title = `${titles[route.page]} · Langfuse local`;
  }, [route.page]);
  switch (route.page) {
    case 'traces':
      return <TraceList filters={route.filters} version={version} />;
    case 'sessions':
      return <Sessions version={version} />;
    case 'matches':
      return <Matches q={route.q} version={version} />;
    case 'trace':
      return <TraceView key={route.trace} route={route} version={version} />;
  }
}

function Navigation({ route }: { route: Route }) {
  const current = (isHere: boolean) => (isHere ? 'page' : undefined);
  const q = route.page === 'matches' ? route.q : route.page === 'traces' ? route.filters.q : '';
  return (
    <nav aria-label="Views">
      <a href={route.page === 'trace' ? listHash() : '#/'}
        aria-current={current(route.page === 'traces')}>Traces</a>
      <a href="#/sessions" aria-current={current(route.page === 'sessions')}>Sessions</a>
      {q && (
        <a href={`#/matches?${new URLSearchParams({ q })}`} aria-current={current(route.page === 'matches')}>Matches</a>
      )}
    </nav>
  );
}
