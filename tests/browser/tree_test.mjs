import assert from 'node:assert/strict';
import { test, texts, until } from './harness.mjs';
import { line, send } from './otlp.mjs';
import { workflow } from './workflow.mjs';

const trace = '/#/trace/00000000000000000000000000000001';

const rowCount = (page, n) => until(page, (wanted) => document.querySelectorAll('[role=treeitem]').length === wanted, n);

async function openWorkflow({ receiver, open }) {
  await send(receiver, workflow);
  const page = await open(trace);
  await rowCount(page, workflow.length);
  return page;
}

// What the rows say, without what only says how much.
const rowTexts = (page) => page.$$eval('[role=treeitem]', (rows) => rows.map((row) =>
  [...row.querySelectorAll('.name, .type, .unseen, .level, .message, .time')].map((part) => part.textContent).join(' ')));

test('Rows stand depth first, by time, log lines between observations', async (t) => {
  const page = await openWorkflow(t);

  assert.deepEqual(await rowTexts(page), [
    'support agent 2.00 s',
    'retrieve retriever 350 ms',
    'info cache miss for "payments" +120 ms',
    'warning index is 3 days old +300 ms',
    'look_up_order tool error 180 ms',
    'error order service did not answer +599 ms',
    'chat generation 1.20 s',
    'debug first token after 400 ms +1.10 s',
    'info answered in 2.0 s +2.00 s',
  ]);
});

test('Each level is indented by 16 pixels', async (t) => {
  const page = await openWorkflow(t);

  const paddings = await page.$$eval('[role=treeitem] .label', (all) => all.map((label) => getComputedStyle(label).paddingLeft));
  const levels = await page.$$eval('[role=treeitem]', (rows) => rows.map((row) => row.getAttribute('aria-level')));

  assert.deepEqual(paddings, [0, 1, 2, 2, 1, 2, 1, 2, 1].map((depth) => `${10 + 16 * depth}px`));
  assert.deepEqual(levels, ['1', '2', '3', '3', '2', '3', '2', '3', '2']);
});

test('A bar stands where its observation was, the first token on it', async (t) => {
  const page = await openWorkflow(t);

  const [bar, first, ticks] = await page.getByRole('treeitem', { name: /chat generation/ }).evaluate((row) => {
    const lane = row.querySelector('.lane').getBoundingClientRect();
    const part = (selector) => [...row.querySelectorAll(selector)].map((element) => {
      const box = element.getBoundingClientRect();
      return [box.left, box.right].map((x) => Math.round((2000 * (x - lane.left)) / lane.width));
    });
    return [part('.bar')[0], part('.first')[0], part('.tick').length];
  });

  assert.ok(Math.abs(bar[0] - 700) <= 4 && Math.abs(bar[1] - 1900) <= 4, `bar ${bar}`);
  assert.ok(Math.abs((first[0] + first[1]) / 2 - 1100) <= 6, `first token ${first}`);
  assert.equal(ticks, 1);
});

test('Each type has a colour of its own, an error the colour of errors', async ({ receiver, open }) => {
  const types = ['span', 'generation', 'agent', 'tool', 'chain', 'retriever', 'evaluator', 'guardrail', 'embedding'];
  await send(receiver, types.map((type, i) => ({ id: i + 1, type, start: i, end: i + 1 })));
  const page = await open(trace);
  await rowCount(page, types.length);

  const colours = await page.$$eval('.bar', (bars) => bars.map((bar) => getComputedStyle(bar).backgroundColor));

  assert.equal(new Set(colours).size, types.length);
});

test('The log lines of one observation fold by themselves, and all by their mode', async (t) => {
  const page = await openWorkflow(t);

  await page.getByRole('treeitem', { name: /retriever/ }).getByTitle('Fold log lines', { exact: true }).click();
  await rowCount(page, 7);
  assert.equal(await page.getByRole('treeitem', { name: /retriever/ }).locator('.tick').count(), 2);
  await page.getByRole('combobox', { name: 'Log lines' }).selectOption('problems');
  await rowCount(page, 6);
  await page.getByRole('combobox', { name: 'Log lines' }).selectOption('none');
  await rowCount(page, 4);
  await page.getByRole('treeitem', { name: /generation/ }).getByTitle('Unfold log lines').click();
  await rowCount(page, 5);
});

test('Folding an observation hides what is below, and says that an error is', async (t) => {
  const page = await openWorkflow(t);

  await page.getByRole('treeitem', { name: /support agent/ }).locator('button.caret').click();

  await rowCount(page, 1);
  assert.equal(await page.locator('[role=treeitem]').getAttribute('aria-expanded'), 'false');
  assert.deepEqual(await texts(page, '[role=treeitem] .pill.error'), ['error inside']);
});

test('Search in a trace leaves what matches, and the way there', async (t) => {
  const page = await openWorkflow(t);

  await page.getByRole('searchbox', { name: 'Search this trace' }).fill('CACHE');
  await rowCount(page, 3);

  assert.equal(await page.locator('[role=treeitem].context').count(), 2);
  assert.match(page.url(), /q=CACHE/);
});

test('The time axis zooms to an observation and back', async (t) => {
  const page = await openWorkflow(t);
  const width = () => page.getByRole('treeitem', { name: /look_up_order tool/ }).locator('.bar')
    .evaluate((bar) => bar.getBoundingClientRect().width / bar.parentElement.getBoundingClientRect().width);
  await page.getByRole('treeitem', { name: /look_up_order tool/ }).click();
  assert.ok(await width() < 0.2);

  await page.keyboard.press('z');
  await page.getByRole('button', { name: 'Whole time' }).waitFor();
  assert.ok(await width() > 0.99);
  await page.keyboard.press('z');
  await page.getByRole('button', { name: 'Whole time' }).waitFor({ state: 'detached' });
  assert.ok(await width() < 0.2);
});

test('Parents that lead in a circle, and ones that never arrived, are shown', async ({ receiver, open }) => {
  await send(receiver, [
    { id: 1, parent: 2, name: 'circle one', start: 0, end: 10 },
    { id: 2, parent: 1, name: 'circle two', start: 1, end: 9 },
    { id: 3, parent: 99, name: 'orphan', start: 2, end: 8 },
    line({ id: 4, message: 'alone', start: 5 }),
  ]);
  const page = await open(trace);

  await rowCount(page, 4);
  assert.deepEqual((await texts(page, '.tree .name')).sort(), ['circle one', 'circle two', 'orphan']);
});
