import assert from 'node:assert/strict';
import { startReceiver, test, texts, until } from './harness.mjs';
import { send } from './otlp.mjs';
import { workflow } from './workflow.mjs';

const names = '.traces .row:not(.head) .name a';

test('An empty receiver says what to paste', async ({ receiver, open }) => {
  const page = await open();

  await page.getByRole('heading', { name: 'Waiting for the first trace' }).waitFor();
  assert.match(await page.locator('.paste pre').textContent(), new RegExp(`LANGFUSE_BASE_URL=${receiver.address}\n`));
});

test('A trace appears in the open list, and a later one above it', async ({ receiver, open }) => {
  const page = await open();
  await page.getByRole('heading', { name: 'Waiting for the first trace' }).waitFor();

  await send(receiver, [{ trace: 1, id: 1, name: 'first', start: 0, end: 10 }]);
  await until(page, (selector) => document.querySelectorAll(selector).length === 1, names);
  await send(receiver, [{ trace: 2, id: 2, name: 'second', start: 100, end: 110 }]);
  await until(page, (selector) => document.querySelectorAll(selector).length === 2, names);

  assert.deepEqual(await texts(page, names), ['second', 'first']);
});

test('An open trace grows, and what was chosen stays chosen', async ({ receiver, open }) => {
  await send(receiver, workflow.slice(1, 4));
  const page = await open('/#/trace/00000000000000000000000000000001');
  await page.getByRole('treeitem', { name: /cache miss/ }).click();

  await send(receiver, [workflow[0], ...workflow.slice(4)]);

  await until(page, () => document.querySelectorAll('[role=treeitem]').length === 9);
  assert.equal(await page.locator('[aria-selected=true] .message').textContent(), 'cache miss for "payments"');
});

test('A trace that has not arrived appears when it does', async ({ receiver, open }) => {
  const page = await open('/#/trace/00000000000000000000000000000001');
  await page.getByRole('heading', { name: 'This trace has not arrived' }).waitFor();

  await send(receiver, workflow);

  await page.getByRole('heading', { name: 'answer customer' }).waitFor();
});

test('The page follows the event stream and asks for nothing but what is new', async ({ receiver, open }) => {
  const page = await open();
  await page.getByRole('status').getByText('live', { exact: true }).waitFor();
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));

  await send(receiver, [{ id: 1, name: 'streamed', start: 0, end: 10 }]);
  await page.getByRole('link', { name: 'streamed' }).waitFor();

  assert.deepEqual([...new Set(asked)].sort().filter((path) => path !== '/local/facets'), ['/local/traces']);
});

test('The page polls where the event stream is refused', async ({ receiver, open }) => {
  const page = await open();
  await page.route('**/local/events', (route) => route.fulfill({ status: 503, headers: { 'Retry-After': '5' } }));
  await page.reload();
  await page.getByRole('status').getByText('live, every 2 s').waitFor();

  await send(receiver, [{ id: 1, name: 'polled', start: 0, end: 10 }]);

  await page.getByRole('link', { name: 'polled' }).waitFor();
});

test('The page says when the receiver stopped', async ({ open }) => {
  const other = await startReceiver(process.argv[2]);
  const page = await open();
  await page.goto(other.address);
  await page.getByRole('status').getByText('live').waitFor();

  await other.stop();

  await page.getByRole('status').getByText('receiver stopped').waitFor();
});
