import assert from 'node:assert/strict';
import { test, until } from './harness.mjs';
import { line, send } from './otlp.mjs';

const trace = '/#/trace/00000000000000000000000000000001';

const lastRow = () => [...document.querySelectorAll('[role=treeitem], [role=option]')].at(-1)?.textContent ?? '';

async function scrollTo(page, selector, text) {
  await until(page, ([where, wanted]) => {
    const list = document.querySelector(where);
    list.scrollTop = list.scrollHeight;
    return [...list.querySelectorAll('[role=treeitem], [role=option]')].at(-1)?.textContent.includes(wanted);
  }, [selector, text]);
}

test('20 000 observations open, scroll and search with few rows in the document', async ({ receiver, open }) => {
  const steps = Array.from({ length: 10_000 }, (_, i) => [
    { id: 2 * i + 2, parent: 1, name: `step ${i}`, type: 'tool', start: i, end: i + 1 },
    line({ id: 2 * i + 3, parent: 2 * i + 2, message: `line ${i}`, start: i + 0.5 }),
  ]).flat();
  await send(receiver, [{ id: 1, name: 'root', start: 0, end: 10_000 }, ...steps.slice(0, 19_999)]);

  const begin = performance.now();
  const page = await open(trace);
  await page.getByRole('treeitem', { name: /^root span/ }).waitFor();
  console.log(`        20 000 observations after ${Math.round(performance.now() - begin)} ms`);

  const rows = () => page.locator('[role=treeitem]').count();
  assert.ok(await rows() < 100, `${await rows()} rows`);
  await scrollTo(page, '[role=tree]', 'step 9999');
  assert.ok(await rows() < 100, `${await rows()} rows`);
  await page.getByRole('searchbox').fill('line 7654');
  await until(page, () => document.querySelectorAll('[role=treeitem]').length === 3);
  assert.match(await page.evaluate(lastRow), /line 7654/);
});

test('A trace that is not shown whole says so', async ({ receiver, open }) => {
  await send(receiver, Array.from({ length: 20_010 }, (_, i) => ({ id: i + 1, start: i, end: i + 1 })));
  const page = await open(trace);

  await page.getByText('20,000 of 20,010 are shown').waitFor();
});

test('5 000 observations below each other keep their names in sight', async ({ receiver, open }) => {
  await send(receiver, Array.from({ length: 5000 }, (_, i) => ({ id: i + 1, parent: i, name: `deep ${i}`, start: i, end: 10_000 - i })));
  const page = await open(trace);
  await page.getByRole('treeitem', { name: /deep 0 / }).waitFor();

  await scrollTo(page, '[role=tree]', 'deep 4999');

  const isInSight = await page.getByRole('treeitem', { name: /deep 4999/ }).locator('.name').evaluate((name) => {
    const lane = name.closest('.row').querySelector('.lane').getBoundingClientRect();
    return name.getBoundingClientRect().width > 20 && name.getBoundingClientRect().right <= lane.left;
  });
  assert.ok(isInSight);
});

test('20 000 log lines of one observation are at most 101 ticks', async ({ receiver, open }) => {
  const lines = Array.from({ length: 19_999 }, (_, i) => line({ id: i + 2, parent: 1, message: `line ${i}`, start: i / 2 }));
  await send(receiver, [{ id: 1, name: 'root', start: 0, end: 10_000 }, ...lines]);
  const page = await open(trace);
  await page.getByRole('treeitem', { name: /^root span/ }).waitFor();

  const ticks = await page.getByRole('treeitem', { name: /^root span/ }).locator('.tick').count();

  assert.ok(ticks > 50 && ticks <= 101, `${ticks} ticks`);
});
