import assert from 'node:assert/strict';
import { test, texts, until } from './harness.mjs';
import { score, send, spanId } from './otlp.mjs';
import { answer, workflow } from './workflow.mjs';

const trace = '/#/trace/00000000000000000000000000000001';
const pane = 'aside.detail';

async function openDetail({ receiver, open }, id, options) {
  await send(receiver, workflow);
  const page = await open(`${trace}/${spanId(id)}`, options);
  await page.locator(`${pane} .section`).first().waitFor();
  return page;
}

const section = (page, name) => page.getByRole('complementary').getByRole('region', { name, exact: true });

test('A generation shows its conversation, and all that is known of it', async (t) => {
  const page = await openDetail(t, 7);

  assert.deepEqual(await texts(page, `${pane} .chat .role`), ['system', 'user', 'assistant', 'tool call_1', 'assistant']);
  assert.equal(await section(page, 'Output').locator('pre').textContent(), answer);
  assert.match(await section(page, 'Input').locator('.call').textContent(), /calls look_up_order.*order: A-1055/);
  assert.equal(await section(page, 'Tokens').locator('dl').innerText().then((text) => text.replaceAll('\n', ' ')),
    'input 812 output 164 input_cached_tokens 512 total 1,488');
  assert.match(await section(page, 'Cost in USD').innerText(), /total\n\$0.0030/);
  assert.match(await section(page, 'Model parameters').innerText(), /temperature\n0.2\nmax_tokens\n500/);
  assert.match(await section(page, 'Prompt').innerText(), /name\nsupport-answer\nversion\n3/);
  assert.match(await section(page, 'Metadata').innerText(), /region\neu/);
  const chips = await texts(page, `${pane} .chip`);
  assert.deepEqual(chips.slice(0, 6), ['generation', '1.20 s', 'first token 400 ms', 'qwen3-8b', '1,488 tokens', '$0.0030']);
});

test('A log line shows where in the program it was written', async (t) => {
  const page = await openDetail(t, 3);

  assert.equal(await section(page, 'Source').locator('code').textContent(), 'src/retriever.cpp:118 in Retriever::find');
  assert.equal(await section(page, 'Message').locator('pre').textContent(), 'cache miss for "payments"');
  assert.match(await section(page, 'Metadata').innerText(), /logger\nretriever$/);
});

test('Scores stand at what they are about', async ({ receiver, open }) => {
  await send(receiver, workflow);
  await score(receiver, { name: 'helpful', value: 0.9, comment: 'short and right' });
  await score(receiver, { id: 7, name: 'grounded', value: 0.25, comment: 'no source' });
  const page = await open(`${trace}/${spanId(7)}`);
  await section(page, 'Scores').waitFor();

  assert.match(await section(page, 'Scores').innerText(), /grounded\n0.25 – no source$/);
  assert.match(await page.locator('.facts dl').innerText(), /score helpful\n0.9/);
});

test('JSON is folded, and opens where it is clicked', async ({ receiver, open }) => {
  const input = { deep: { list: Array.from({ length: 250 }, (_, i) => ({ number: i, text: 'x'.repeat(30) })) } };
  await send(receiver, [{ id: 1, start: 0, end: 1, input }]);
  const page = await open(`${trace}/${spanId(1)}`);
  const toggle = (text) => section(page, 'Input').getByRole('button', { name: text });

  await toggle(/^deep/).click();
  await toggle(/^list/).click();
  await toggle('150 more').waitFor();
  assert.equal(await section(page, 'Input').locator('.toggle').count(), 3 + 100);
  await toggle('150 more').click();

  await until(page, () => document.querySelectorAll('.json .toggle').length === 253);
});

test('A long text is cut until all of it is asked for, and is copied whole', async ({ receiver, open }) => {
  const output = `begin ${'lorem ipsum '.repeat(2000)}end`;
  await send(receiver, [{ id: 1, start: 0, end: 1, output }]);
  const page = await open(`${trace}/${spanId(1)}`, { permissions: ['clipboard-read', 'clipboard-write'] });
  const text = section(page, 'Output').locator('pre');
  await text.waitFor();
  assert.equal((await text.textContent()).length, 3001);

  await section(page, 'Output').getByRole('button', { name: 'Copy' }).click();
  await section(page, 'Output').getByRole('button', { name: 'Copied' }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), output);
  await section(page, 'Output').getByRole('button', { name: 'Show all 24,009 characters' }).click();
  assert.equal(await text.textContent(), output);
});

test('The parent is a step away', async (t) => {
  const page = await openDetail(t, 3);

  await section(page, 'Identity').getByRole('button', { name: 'retrieve' }).click();

  await page.getByRole('complementary').getByRole('heading', { name: 'retrieve' }).waitFor();
});

// What the receiver would add to an answer, added on the way.
async function alter(page, path, change) {
  await page.route(path, async (route) => {
    const response = await route.fetch();
    const json = await response.json();
    change(json);
    await route.fulfill({ response, json });
  });
}

const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

test('Media are shown where this receiver serves them, and nowhere else', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open();
  const item = (mediaId, contentType, url) => ({ mediaId, observationId: spanId(7), field: 'input', contentType, contentLength: 1234, url });
  await alter(page, /\/local\/traces\/0+1$/, (json) => {
    json.media = [item('a', 'image/png', '/local/media/a'), item('b', 'application/pdf', '/local/media/b'),
      item('c', 'image/png', 'javascript:globalThis.broken=1'), item('d', 'image/png', 'http://127.0.0.1:9/local/media/d')];
  });
  await page.route('**/local/media/*', (route) => route.fulfill({ contentType: 'image/png', body: pixel }));
  await page.goto(`${receiver.address}/#/trace/00000000000000000000000000000001/${spanId(7)}`);

  await until(page, () => document.querySelector('.media img')?.naturalWidth === 1);
  assert.deepEqual(await page.$$eval('.media :is(img, a)', (all) => all.map((element) => element.getAttribute('src') ?? element.getAttribute('href'))),
    ['/local/media/a', '/local/media/a', '/local/media/b']);
  assert.deepEqual(await texts(page, '.media a'), ['input: image/png, 1.2 kB', 'input: application/pdf, 1.2 kB']);
});

test('A reference to media in a text is the media, an unknown one stays text', async ({ receiver, open }) => {
  const reference = (id) => `@@@langfuseMedia:type=image/png|id=${id}|source=bytes@@@`;
  await send(receiver, [{ id: 1, start: 0, end: 1, input: [{ role: 'user', content: `see ${reference('a')} and ${reference('x')}` }] }]);
  const page = await open();
  await alter(page, /\/local\/traces\/0+1$/, (json) => {
    json.media = [{ mediaId: 'a', observationId: spanId(1), field: 'input', contentType: 'image/png', contentLength: 68, url: '/local/media/a' }];
  });
  await page.route('**/local/media/*', (route) => route.fulfill({ contentType: 'image/png', body: pixel }));
  await page.goto(`${receiver.address}/#/trace/00000000000000000000000000000001/${spanId(1)}`);

  await until(page, () => document.querySelector('.chat img')?.naturalWidth === 1);
  assert.equal(await page.locator('.chat pre').textContent(), `see image/png and ${reference('x')}`);
});

test('What a server would lose is said at list, trace, row and observation', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open();
  await alter(page, /\/local\/traces\?/, (json) => json.traces?.forEach((each) => { each.lint = 2; }));
  await alter(page, /\/local\/traces\/0+1$/, (json) => { json.trace.lint = 2; json.observations.find(({ name }) => name === 'chat').lint = 2; });
  await alter(page, /\/observations\//, (json) => { json.warnings = ['parent id is in capitals: this would be lost', 'level LOUD is unknown']; });
  await page.reload();

  await page.locator('.traces .pill.lint').getByText('2 lint').waitFor();
  await page.getByRole('link', { name: 'answer customer' }).click();
  await page.locator('.facts').getByText('2 warnings').waitFor();
  await page.locator('[role=treeitem]', { has: page.locator('.pill.lint') }).click();
  await page.locator(`${pane} .note.lint`).nth(1).waitFor();
  assert.deepEqual(await texts(page, `${pane} .note.lint`), ['parent id is in capitals: this would be lost', 'level LOUD is unknown']);
});
