// What is known of a trace as a whole.
import type { ComponentChildren } from 'preact';
import type { Score, Trace } from './api';
import { CopyButton } from './copy_button';
import { count, dollars, duration, plural, preciseClock } from './format';
import { type Filters, listHash, toHash } from './route';

function Fact({ label, children, bad }: { label: string; children?: ComponentChildren; bad?: boolean }) {
  if (!children) return null;
  return (
    <div class={bad ? 'fact bad' : 'fact'}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function scoreText({ value }: Score): string {
  return typeof value === 'number' ? String(Math.round(value * 1e6) / 1e6) : String(value);
}

export function TraceFacts({ trace, scores }: { trace: Trace; scores: Score[] }) {
  const only = (filters: Filters, text: string) =>
    text && <a href={toHash({ page: 'traces', filters })} title="Traces like this">{text}</a>;
  return (
    <div class="facts">
      <div class="title">
        <a class="back" href={listHash()} aria-label="Back to the list">‹</a>
        <h1>{trace.name || '(unnamed)'}</h1>
        {!trace.hasRoot && <span class="pill running">running</span>}
        {trace.tags.map((tag) => <span key={tag} class="pill">{only({ tag }, tag)}</span>)}
        <span class="mono faint id">{trace.id}</span>
        <CopyButton text={trace.id} label="Copy id" />
      </div>
      <dl>
        <Fact label="started">{preciseClock(trace.start)}</Fact>
        <Fact label="duration">{duration(Math.max(0, trace.end - trace.start))}</Fact>
        <Fact label="observations">{count(trace.observations - trace.events)}</Fact>
        <Fact label="log lines">{trace.events ? count(trace.events) : ''}</Fact>
        <Fact label="tokens">{trace.tokens ? count(trace.tokens) : ''}</Fact>
        <Fact label="cost">{dollars(trace.cost)}</Fact>
        <Fact label="errors" bad>{trace.errors ? count(trace.errors) : ''}</Fact>
        <Fact label="lint">{trace.lint ? plural(trace.lint, 'warning') : ''}</Fact>
        <Fact label="user">{only({ user: trace.userId }, trace.userId)}</Fact>
        <Fact label="session">{only({ session: trace.sessionId }, trace.sessionId)}</Fact>
        <Fact label="environment">{trace.environment === 'default' ? '' : trace.environment}</Fact>
        <Fact label="release">{trace.release}</Fact>
        <Fact label="version">{trace.version}</Fact>
        {scores.filter((score) => score.subject.kind === 'trace').map((score) => (
          <Fact key={score.id} label={`score ${score.name}`}>
            <span title={score.comment ?? ''}>{scoreText(score)}</span>
          </Fact>
        ))}
      </dl>
    </div>
  );
}
