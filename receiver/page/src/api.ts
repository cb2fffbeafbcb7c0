// What the receiver answers under /local, and how it is asked. Times are microseconds since the Unix
// epoch. Every text in here comes from programs and models: it is shown as text and never as markup.

export interface Trace {
  id: string;
  name: string;
  rootName: string;
  userId: string;
  sessionId: string;
  version: string;
  release: string;
  environment: string;
  tags: string[];
  start: number;
  end: number;
  observations: number;
  events: number;
  errors: number;
  warnings: number;
  // What the receiver accepted and a Langfuse server would lose.
  lint?: number;
  tokens: number;
  cost: number;
  scores: number;
  hasRoot: boolean;
}

export type Level = 'DEBUG' | 'DEFAULT' | 'WARNING' | 'ERROR';

export interface Observation {
  id: string;
  parent: string;
  name: string;
  type: string;
  level: Level;
  start: number;
  end: number;
  firstToken?: number;
  model?: string;
  tokens?: number;
  cost?: number;
  statusMessage?: string;
  message?: string;
  lint?: number;
}

export interface Score {
  id: string;
  name: string;
  value: string | number | boolean;
  dataType: string;
  source: string;
  comment: string | null;
  subject: { kind: string; id: string };
}

export interface Media {
  mediaId: string;
  observationId: string;
  field: string;
  contentType: string;
  contentLength: number;
  url: string;
}

export interface TraceList {
  revision: number;
  more?: boolean;
  traces: Trace[];
}

export interface TraceTree {
  trace: Trace;
  observations: Observation[];
  scores: Score[];
  media?: Media[];
}

export interface ObservationDetail {
  id: string;
  parentObservationId: string | null;
  input: string | null;
  output: string | null;
  statusMessage: string | null;
  metadata: Record<string, string>;
  model: string | null;
  modelParameters: Record<string, unknown>;
  usageDetails: Record<string, number>;
  costDetails: Record<string, number>;
  promptName: string | null;
  promptVersion: number | null;
  version: string | null;
  environment: string;
  userId: string | null;
  sessionId: string | null;
  warnings?: string[];
}

export interface Session {
  id: string;
  traces: number;
  observations: number;
  errors: number;
  tokens: number;
  cost: number;
  users: string[];
  start: number;
  end: number;
}

export interface SearchHit {
  traceId: string;
  observationId: string;
  name: string;
  type: string;
  field: string;
  snippet: string;
  start: number;
}

export interface Facets {
  types: string[];
  levels: string[];
  environments: string[];
  users: string[];
  tags: string[];
}

// An answer that is not 200.
export class Refused extends Error {
  constructor(readonly status: number) {
    super(`the receiver answered ${status}`);
  }
}

// Throws Refused, or what `fetch` throws when nobody answers.
export async function get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  const answer = await fetch(path, { signal: signal ?? null });
  if (!answer.ok) throw new Refused(answer.status);
  return (await answer.json()) as Answer;
}

export const tracePath = (trace: string) => `/local/traces/${encodeURIComponent(trace)}`;

export const observationPath = (trace: string, observation: string) =>
  `${tracePath(trace)}/observations/${encodeURIComponent(observation)}`;
