// Traces that belong together: one row a session.
import type { Session } from './api';
import { clock, count, dollars, duration, plural, px } from './format';
import { useLoaded } from './live';
import { navigate, toHash } from './route';
import { useKeys } from './keyboard';

const mostSessions = 500;

export function Sessions({ version }: { version: string }) {
  const { data, refused } = useLoaded<{ sessions: Session[] }>(`/local/sessions?limit=${mostSessions}`, version);
  useKeys({ Escape: () => navigate({ page: 'traces', filters: {} }) });
  if (!data && !refused) return null;
  const sessions = data?.sessions ?? [];
  if (sessions.length === 0) {
    return (
      <section class="view" aria-label="Sessions">
        <div class="empty">
          <h1>No sessions</h1>
          <p>Traces with the same <code>session_id</code> are a session.</p>
        </div>
      </section>
    );
  }
  return (
    <section class="view" aria-label="Sessions">
      <h1 class="unseen">Sessions</h1>
      <div class="table sessions" role="table" aria-label="Sessions" tabIndex={0}>
        <div class="row head" role="row">
          {['Session', 'Users', 'Last', 'Length', 'Traces', 'Observations', 'Tokens', 'Cost'].map((text, i) => (
            <div key={text} class={i > 2 ? 'num' : ''} role="columnheader">{text}</div>
          ))}
        </div>
        {sessions.map((session) => <SessionRow key={session.id} session={session} />)}
      </div>
    </section>
  );
}

function SessionRow({ session: s }: { session: Session }) {
  return (
    <div class={`row${s.errors ? ' failed' : ''}`} role="row" style={{ height: px(36) }}>
      <div class="name" role="cell">
        <a class="whole" href={toHash({ page: 'traces', filters: { session: s.id } })}>{s.id}</a>
        {s.errors > 0 && <span class="pill error">{plural(s.errors, 'error')}</span>}
      </div>
      <div role="cell" class="muted">{s.users.join(', ')}</div>
      <div role="cell">{clock(s.end)}</div>
      <div role="cell" class="num">{duration(s.end - s.start)}</div>
      <div role="cell" class="num">{count(s.traces)}</div>
      <div role="cell" class="num">{count(s.observations)}</div>
      <div role="cell" class="num">{s.tokens ? count(s.tokens) : ''}</div>
      <div role="cell" class="num">{dollars(s.cost)}</div>
    </div>
  );
}
