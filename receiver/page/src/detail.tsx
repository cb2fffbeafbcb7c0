// Everything about one observation.
import type { ComponentChildren } from 'preact';
import { type Media, type ObservationDetail, observationPath, type Score } from './api';
import { CopyButton } from './copy_button';
import { count, dollars, duration, preciseClock } from './format';
import { useLoaded } from './live';
import { KnownMedia, MediaList } from './media';
import type { Node } from './observation_tree';
import { sourceLocation } from './source_location';
import { scoreText } from './trace_facts';
import { levelClass, typeClass } from './types';
import { Value } from './value';

interface Properties {
  trace: string;
  id: string;
  node: Node | undefined;
  version: string;
  scores: Score[];
  media: Media[];
  onClose: () => void;
  onSelect: (id: string) => void;
}

export function Detail(p: Properties) {
  const { data, refused } = useLoaded<ObservationDetail>(observationPath(p.trace, p.id), p.version);
  const o = p.node?.observation;
  return (
    <aside class={`detail ${typeClass(o?.type ?? '')} ${levelClass(o?.level ?? '')}`} aria-label="Observation" tabIndex={0}>
      <div class="detail-head">
        <button class="icon close" onClick={p.onClose} aria-label="Close" title="Close (Esc)">×</button>
        <h2>{o ? o.name || '(unnamed)' : p.id}</h2>
        {p.node && <Chips node={p.node} data={data} />}
      </div>
      {refused === 404 && <p class="note">This observation has not arrived.</p>}
      {data && p.node && (
        <KnownMedia.Provider value={p.media}><Sections {...p} data={data} node={p.node} /></KnownMedia.Provider>
      )}
    </aside>
  );
}

function Chips({ node, data }: { node: Node; data: ObservationDetail | undefined }) {
  const { observation: o, isLog } = node;
  return (
    <div class="chips">
      <span class="chip type-chip">{o.type.toLowerCase()}</span>
      {o.level !== 'DEFAULT' && <span class="chip level-chip">{o.level.toLowerCase()}</span>}
      {!isLog && <span class="chip"><b>{duration(Math.max(0, o.end - o.start))}</b></span>}
      {o.firstToken !== undefined && (
        <span class="chip">first token <b>{duration(Math.max(0, o.firstToken - o.start))}</b></span>
      )}
      {data?.model && <span class="chip"><b>{data.model}</b></span>}
      {o.tokens ? <span class="chip"><b>{count(o.tokens)}</b> tokens</span> : null}
      {o.cost ? <span class="chip"><b>{dollars(o.cost)}</b></span> : null}
      <span class="chip">{preciseClock(o.start)}</span>
    </div>
  );
}

function Sections({ data, node, scores, media, onSelect }: Properties & { data: ObservationDetail; node: Node }) {
  const { observation: o, isLog, parent } = node;
  const { location, rest } = sourceLocation(data.metadata);
  const own = rest.filter(([key]) => !isContext(key));
  const context = rest.filter(([key]) => isContext(key)).map(([key, value]) => [key.replace('resourceAttributes.', ''), value]);
  const ownScores = scores.filter((score) => score.subject.kind === 'observation' && score.subject.id === o.id);
  const ownMedia = media.filter((item) => item.observationId === o.id);
  const isMessageRepeated = isLog && data.statusMessage === data.input;
  return (
    <>
      {(data.warnings ?? []).map((warning) => <p key={warning} class="note lint">{warning}</p>)}
      {data.statusMessage && !isMessageRepeated && <p class="note status">{data.statusMessage}</p>}
      {location && (
        <Section title="Source" copy={location}><code class="location">{location}</code></Section>
      )}
      {data.input !== null && (
        <Section title={isLog ? 'Message' : 'Input'} copy={data.input}><Value text={data.input} /></Section>
      )}
      {data.output !== null && <Section title="Output" copy={data.output}><Value text={data.output} /></Section>}
      {ownMedia.length > 0 && <Section title="Media"><MediaList media={ownMedia} /></Section>}
      <Table title="Scores" entries={ownScores.map((score) =>
        [score.name, [scoreText(score), score.comment].filter(Boolean).join(' – ')])} />
      <Table title="Tokens" entries={Object.entries(data.usageDetails).map(([key, n]) => [key, count(n)])} />
      <Table title="Cost in USD" entries={Object.entries(data.costDetails).map(([key, n]) => [key, dollars(n) || '$0'])} />
      <Table title="Model parameters" entries={Object.entries(data.modelParameters).map(([key, value]) =>
        [key, typeof value === 'string' ? value : JSON.stringify(value)])} />
      {data.promptName && (
        <Table title="Prompt" entries={[['name', data.promptName], ['version', String(data.promptVersion ?? '')]]} />
      )}
      {own.length > 0 && (
        <Section title="Metadata" copy={JSON.stringify(Object.fromEntries(own), null, 2)}>
          <Entries entries={own} />
        </Section>
      )}
      <Section title="Identity">
        <dl class="entries">
          <dt>id</dt>
          <dd>{o.id}</dd>
          <dt>parent</dt>
          <dd>
            {parent
              ? <button class="link" onClick={() => onSelect(parent.observation.id)}>{parent.observation.name || parent.observation.id}</button>
              : data.parentObservationId ? `${data.parentObservationId}, which has not arrived` : 'none'}
          </dd>
          {context.map(([key, value]) => [<dt key={key}>{key}</dt>, <dd key={`${key} value`}>{value}</dd>])}
        </dl>
      </Section>
    </>
  );
}

// What describes the sending program rather than this observation.
const isContext = (key: string) => /^(resourceAttributes\.|scope\.(name$|version$|attributes\.))/.test(key);

function Section({ title, copy, children }: { title: string; copy?: string; children: ComponentChildren }) {
  return (
    <section class="section" aria-label={title}>
      <div class="section-head">
        <h3>{title}</h3>
        {copy && <CopyButton text={copy} />}
      </div>
      {children}
    </section>
  );
}

function Table({ title, entries }: { title: string; entries: [string, string][] }) {
  if (entries.length === 0) return null;
  return <Section title={title}><Entries entries={entries} /></Section>;
}

function Entries({ entries }: { entries: [string, string][] }) {
  return (
    <dl class="entries">
      {entries.map(([key, value]) => [<dt key={key}>{key}</dt>, <dd key={`${key} value`}><Value text={value} isSmall /></dd>])}
    </dl>
  );
}
