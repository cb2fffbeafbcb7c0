// Compares what the receiver at LANGFUSE_BASE_URL stored of the scenario with the rows that a Langfuse server made of it.
// Usage: verify.mjs TRACE_ID SERVER_ROWS.json. Ends with a line `N passed, N failed`.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

const [traceId, rowsFile] = process.argv.slice(2);
const base = process.env.LANGFUSE_BASE_URL;
const authorization =
  'Basic ' + Buffer.from(`${process.env.LANGFUSE_PUBLIC_KEY}:${process.env.LANGFUSE_SECRET_KEY}`).toString('base64');

async function get(path) {
  const response = await fetch(base + path, { headers: { authorization } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()).data;
}

const groups = 'core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context';
const observations = await get(`/api/public/v2/observations?traceId=${traceId}&limit=100&fields=${groups}`);
const scores = await get(`/api/public/v3/scores?traceId=${traceId}&fields=details,subject`);
const recorded = JSON.parse(readFileSync(rowsFile, 'utf8'));

let passed = 0;
let failed = 0;
function expect(what, actual, expected) {
  if (isDeepStrictEqual(actual ?? null, expected ?? null)) {
    ++passed;
  } else {
    ++failed;
    console.log(`${what}: stored ${JSON.stringify(actual)}, a server ${JSON.stringify(expected)}`);
  }
}

// Ids differ from run to run: parents are compared by name.
const rows = recorded.filter((row) => row.table === 'events_full').map((row) => row.row);
const rowName = new Map(rows.map((row) => [row.span_id, row.name]));
const observationName = new Map(observations.map((observation) => [observation.id, observation.name]));
const isOurs = (name) => !/^(resourceAttributes|scope|attributes)\b/.test(name);
const flat = (value, path) =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, inner]) => flat(inner, path ? `${path}.${key}` : key))
    : [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
const ownMetadata = (metadata) => Object.fromEntries(flat(metadata ?? {}, '').filter(([name]) => isOurs(name)));
const empty = (value) => (value && Object.keys(value).length > 0 ? value : null);

for (const row of rows.filter((candidate) => candidate.name !== 'late-root')) {
  const found = observations.filter((observation) => observation.name === row.name);
  expect(`${row.name}: count`, found.length, 1);
  if (found.length !== 1) continue;
  const [observation] = found;
  const pairs = {
    type: [observation.type, row.type],
    parent: [observationName.get(observation.parentObservationId), rowName.get(row.parent_span_id)],
    level: [observation.level, row.level],
    statusMessage: [observation.statusMessage || null, row.status_message || null],
    environment: [observation.environment, row.environment],
    version: [observation.version, row.version],
    release: [observation.release, row.release],
    userId: [observation.userId, row.user_id],
    sessionId: [observation.sessionId, row.session_id],
    tags: [observation.tags, row.tags],
    traceName: [observation.traceName, row.trace_name],
    input: [observation.input || null, row.input || null],
    output: [observation.output || null, row.output || null],
    model: [observation.providedModelName || null, row.provided_model_name || null],
    modelParameters: [empty(observation.modelParameters), empty(row.model_parameters)],
    usageDetails: [empty(observation.usageDetails), empty(row.usage_details)],
    costDetails: [empty(observation.costDetails), empty(row.cost_details)],
    promptName: [observation.promptName || null, row.prompt_name || null],
    promptVersion: [observation.promptVersion || null, row.prompt_version || null],
    completionStartTime: [
      observation.completionStartTime ? Date.parse(observation.completionStartTime) : null,
      row.completion_start_time ? row.completion_start_time / 1000 : null,
    ],
    metadata: [ownMetadata(observation.metadata), ownMetadata(row.metadata)],
  };
  for (const [field, [actual, expected]] of Object.entries(pairs)) expect(`${row.name}: ${field}`, actual, expected);
}
expect('observations in the trace', observations.length, rows.length - 1);

for (const { row } of recorded.filter((candidate) => candidate.table === 'scores')) {
  const score = scores.find((candidate) => candidate.name === row.name);
  const value = { NUMERIC: row.value, BOOLEAN: row.value === 1, CATEGORICAL: row.string_value }[row.data_type];
  expect(`score ${row.name}: value`, score?.value, value);
  expect(`score ${row.name}: type`, score?.dataType, row.data_type);
  expect(`score ${row.name}: comment`, score?.comment || null, row.comment || null);
  expect(`score ${row.name}: environment`, score?.environment, row.environment);
}
expect('scores', scores.length, 3);

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
