import assert from 'node:assert/strict';
import { test, texts, until } from './harness.mjs';
import { send } from './otlp.mjs';
import { workflow } from './workflow.mjs';

const log = '/#/trace/00000000000000000000000000000001?view=log';

const lineCount = (page, n) => until(page, (wanted) => document.querySelectorAll('[role=option]').length === wanted, n);

test('The log has everything in time order, with its distance from the start', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open(log);
  await lineCount(page, 9);

  assert.deepEqual(await texts(page, '[role=option] .offset'),
    ['+0 µs', '+50 ms', '+120 ms', '+300 ms', '+420 ms', '+599 ms', '+700 ms', '+1.10 s', '+2.00 s']);
  assert.deepEqual(await texts(page, '[role=option].line .message'), ['cache miss for "payments"', 'index is 3 days old',
    'order service did not answer', 'first token after 400 ms', 'answered in 2.0 s']);
  assert.deepEqual(await texts(page, '[role=option].line .owner'), ['retrieve', 'retrieve', 'look_up_order', 'chat', 'support']);
});

test('The log narrows to lines, to problems, and to what is searched for', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open(log);
  await lineCount(page, 9);

  await page.getByRole('combobox', { name: 'Lines' }).selectOption('lines');
  await lineCount(page, 5);
  await page.getByRole('combobox', { name: 'Lines' }).selectOption('problems');
  await lineCount(page, 3);
  await page.getByRole('searchbox').fill('index');
  await lineCount(page, 1);
});

test('A line of the log opens in the detail pane and stays chosen in the tree', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open(log);

  await page.getByRole('option', { name: /index is 3 days old/ }).click();
  await page.getByRole('complementary').getByRole('heading', { name: 'log.warning' }).waitFor();
  await page.getByRole('button', { name: 'Tree' }).click();

  await page.locator('[role=treeitem][aria-selected=true]').getByText('index is 3 days old').waitFor();
});
