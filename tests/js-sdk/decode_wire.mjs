// Decodes what the library sends with protobufjs, the decoder of Langfuse's server. Where a sub-message occurs twice it keeps the last
// one, while protobuf's own libraries merge them: what both read alike was written once.
// Usage: decode_wire.mjs PROGRAM OTLP_TRACE.proto. Ends with a line `N passed, N failed`.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';

const [program, protoFile] = process.argv.slice(2);
const bodies = [];
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    bodies.push(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const child = spawn(program, ['wire'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    LANGFUSE_BASE_URL: `http://127.0.0.1:${server.address().port}`,
    LANGFUSE_PUBLIC_KEY: 'pk-lf-test',
    LANGFUSE_SECRET_KEY: 'sk-lf-test',
  },
});
const status = await new Promise((resolve) => child.on('exit', resolve));
server.close();
server.closeAllConnections();

const root = await protobuf.load(protoFile);
const message = root.lookupType('ExportTraceServiceRequest');
const spans = bodies
  .map((body) => message.toObject(message.decode(body), { longs: String, bytes: String }))
  .flatMap((request) => request.resourceSpans.flatMap((resource) => resource.scopeSpans.flatMap((scope) => scope.spans)));
const text = (span, key) =>
  span.attributes.filter((attribute) => attribute.key === key).map((attribute) => attribute.value.stringValue);

let passed = 0;
let failed = 0;
function expect(what, actual, expected) {
  if (isDeepStrictEqual(actual, expected)) return ++passed;
  console.log(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
  return ++failed;
}

expect('status of the program', status, 0);
expect('spans', spans.map((span) => span.name).sort(), ['level first', 'message first', 'output twice', 'type last']);
for (const span of spans) {
  const keys = span.attributes.map((attribute) => attribute.key);
  expect(`${span.name}: keys that occur twice`, keys.filter((key, at) => keys.indexOf(key) !== at), []);
  expect(`${span.name}: attributes without a value`, span.attributes.filter((attribute) => !attribute.value).length, 0);
  if (span.name === 'output twice') {
    expect('output twice: output', text(span, 'langfuse.observation.output'), ['second, and longer than the first']);
  } else if (span.name === 'type last') {
    expect('type last: type', text(span, 'langfuse.observation.type'), ['tool']);
    expect('type last: input', text(span, 'langfuse.observation.input'), ['in']);
  } else {
    expect(`${span.name}: level`, text(span, 'langfuse.observation.level'), ['ERROR']);
    expect(`${span.name}: status message`, text(span, 'langfuse.observation.status_message'), ['boom']);
    // The test's own description of the message says `repeated`, so that a second one is seen.
    expect(`${span.name}: status`, span.status, [{ message: 'boom', code: 2 }]);
  }
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
