// What narrows the list of traces. The receiver filters: it has all traces, the page has one part.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Facets } from './api';
import { useLoaded } from './live';
import { type FilterName, type Filters, filterNames, navigate } from './route';

const typingMilliseconds = 150;

// A field for search text that tells what was written when a person stops writing.
export function SearchField(p: { value: string; placeholder: string; onChange: (text: string) => void }) {
  const [text, setText] = useState(p.value);
  const timer = useRef(0);
  const told = useRef(p.value);
  useEffect(() => {
    if (p.value === told.current) return;
    told.current = p.value;
    setText(p.value);
  }, [p.value]);
  const tell = (value: string) => {
    clearTimeout(timer.current);
    told.current = value;
    p.onChange(value);
  };
  const written = (value: string) => {
    setText(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => tell(value), typingMilliseconds);
  };
  return (
    <form role="search" onSubmit={(event) => { event.preventDefault(); tell(text); }}>
      <input type="search" value={text} placeholder={p.placeholder} aria-label={p.placeholder}
        autocomplete="off" spellcheck={false} onInput={(event) => written(event.currentTarget.value)} />
      <kbd class="hint" aria-hidden="true">/</kbd>
    </form>
  );
}

const setFilter = (filters: Filters, name: FilterName, value: string, how: 'push' | 'replace' = 'push') =>
  navigate({ page: 'traces', filters: { ...filters, [name]: value } }, how);

const allTypes = ['SPAN', 'GENERATION', 'AGENT', 'TOOL', 'CHAIN', 'RETRIEVER', 'EVALUATOR', 'GUARDRAIL',
  'EMBEDDING', 'EVENT'];

const labels: Record<FilterName, string> = {
  q: 'Text',
  level: 'Level',
  type: 'Type',
  environment: 'Environment',
  user: 'User',
  session: 'Session',
  tag: 'Tag',
};

// What there is to choose from changes less often than what is listed, and is dearer to find out.
const facetsPauseMilliseconds = 5000;

interface BarProperties {
  filters: Filters;
  version: string;
  // Those of the listed traces.
  sessions: string[];
}

export function FilterBar({ filters, version, sessions }: BarProperties) {
  const facets = useLoaded<Facets>('/local/facets', version, facetsPauseMilliseconds).data;
  const choice = (name: FilterName, values: [string, string][]) => (
    <Choice key={name} label={labels[name]} value={filters[name] ?? ''} values={values}
      onChange={(value) => setFilter(filters, name, value)} />
  );
  const same = (values: string[] | undefined): [string, string][] => (values ?? []).map((value) => [value, value]);
  const types = facets?.types.length ? facets.types : allTypes;
  const active = filterNames.filter((name) => filters[name]);
  return (
    <div class="toolbar filters">
      <SearchField value={filters.q ?? ''} placeholder="Search names, inputs, outputs"
        onChange={(text) => setFilter(filters, 'q', text, 'replace')} />
      {choice('level', [['WARNING', 'warning or worse'], ['ERROR', 'error']])}
      {choice('type', types.map((type) => [type, type.toLowerCase()]))}
      {choice('environment', same(facets?.environments))}
      {choice('user', same(facets?.users))}
      {choice('session', same(sessions))}
      {choice('tag', same(facets?.tags))}
      {active.length > 0 && (
        <button class="button quiet" onClick={() => navigate({ page: 'traces', filters: {} })}>Clear filters</button>
      )}
    </div>
  );
}

interface ChoiceProperties {
  label: string;
  value: string;
  values: [string, string][];
  onChange: (value: string) => void;
}

// The chosen value is offered too when the receiver does not list it: an address may name any.
function Choice({ label, value, values, onChange }: ChoiceProperties) {
  const isKnown = value === '' || values.some(([known]) => known === value);
  const offered = isKnown ? values : [[value, value] as [string, string], ...values];
  return (
    <select class={value ? 'chosen' : ''} aria-label={label} value={value}
      onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">{label}</option>
      {offered.map(([name, text]) => <option key={name} value={name}>{text}</option>)}
    </select>
  );
}
