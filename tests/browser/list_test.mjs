import assert from 'node:assert/strict';
import { test, texts, until } from './harness.mjs';
import { send, traceId } from './otlp.mjs';
import { workflow } from './workflow.mjs';

const names = '.traces .row:not(.head) .name a';

const three = [
  { trace: 1, id: 1, name: 'calm', start: 0, end: 10, user: 'ada', session: 's-1', tags: ['blue'], input: 'about lamps' },
  { trace: 2, id: 2, name: 'wary', start: 100, end: 110, user: 'ada', session: 's-2', environment: 'staging', level: 'WARNING',
    type: 'tool', statusMessage: 'slow', output: 'about chairs' },
  { trace: 3, id: 3, name: 'broken', start: 200, end: 210, user: 'bob', session: 's-2', tags: ['blue', 'red'], level: 'ERROR',
    type: 'generation', statusMessage: 'out of memory' },
];

async function shows(page, wanted) {
  await until(page, ([selector, expected]) => {
    const found = [...document.querySelectorAll(selector)].map((element) => element.textContent);
    return JSON.stringify(found) === JSON.stringify(expected);
  }, [names, wanted]);
}

test('A row says what a trace was', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open();
  await page.getByRole('link', { name: 'answer customer' }).waitFor();

  const cells = await texts(page, '.traces .row:not(.head) > [role=cell]');

  assert.equal(cells[0], 'answer customersupport2 errors1 warningbillingbeta');
  assert.deepEqual(cells.slice(2), ['2.00 s', '4', '5', '1,488', '$0.0030', 'user-17', 'chat-4']);
});

for (const [choice, value, wanted] of [
  ['Level', 'ERROR', ['broken']],
  ['Level', 'WARNING', ['broken', 'wary']],
  ['Type', 'TOOL', ['wary']],
  ['Environment', 'staging', ['wary']],
  ['User', 'ada', ['wary', 'calm']],
  ['Session', 's-2', ['broken', 'wary']],
  ['Tag', 'blue', ['broken', 'calm']],
]) {
  test(`The filter ${choice} ${value} leaves ${wanted.join(' and ')}`, async ({ receiver, open }) => {
    await send(receiver, three);
    const page = await open();
    await shows(page, ['broken', 'wary', 'calm']);

    await page.getByRole('combobox', { name: choice }).selectOption(value);

    await shows(page, wanted);
  });
}

test('Filters add up, stand in the address and are undone by going back', async ({ receiver, open }) => {
  await send(receiver, three);
  const page = await open();
  await page.getByRole('combobox', { name: 'User' }).selectOption('ada');
  await shows(page, ['wary', 'calm']);
  await page.getByRole('combobox', { name: 'Level' }).selectOption('WARNING');
  await shows(page, ['wary']);

  await page.reload();
  await shows(page, ['wary']);
  await page.goBack();
  await shows(page, ['wary', 'calm']);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await shows(page, ['broken', 'wary', 'calm']);
});

test('A user and a session in a row filter by themselves', async ({ receiver, open }) => {
  await send(receiver, three);
  const page = await open();

  await page.getByRole('button', { name: 's-2' }).first().click();
  await shows(page, ['broken', 'wary']);
  await page.getByRole('button', { name: 'bob' }).click();
  await shows(page, ['broken']);
});

test('Search finds inputs and outputs, and leads to the observation', async ({ receiver, open }) => {
  await send(receiver, three);
  const page = await open();
  await shows(page, ['broken', 'wary', 'calm']);

  await page.keyboard.press('/');
  await page.keyboard.type('chairs');
  await shows(page, ['wary']);
  await page.getByRole('link', { name: 'Matches' }).click();
  await page.locator('.matches mark').getByText('chairs').waitFor();
  await page.locator('.matches a').click();

  await page.getByRole('complementary').getByRole('heading', { name: 'wary' }).waitFor();
});

test('Nothing found is said, with a way out', async ({ receiver, open }) => {
  await send(receiver, three);
  const page = await open('/#/?user=nobody');

  await page.getByRole('heading', { name: 'No trace matches' }).waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).last().click();

  await shows(page, ['broken', 'wary', 'calm']);
});

test('Scrolling loads older traces, to the very first', async ({ receiver, open }) => {
  await send(receiver, Array.from({ length: 350 }, (_, i) => ({ trace: i + 1, id: i + 1, name: `trace ${i + 1}`, start: i, end: i + 1 })));
  const page = await open();
  await page.getByRole('link', { name: 'trace 350', exact: true }).waitFor();
  assert.ok((await texts(page, names)).length < 80);

  await until(page, () => {
    const list = document.querySelector('.traces');
    list.scrollTop = list.scrollHeight;
    return [...list.querySelectorAll('.name a')].some((link) => link.textContent === 'trace 1');
  });

  assert.equal(await page.getByRole('link', { name: 'trace 1', exact: true }).getAttribute('href'), `#/trace/${traceId(1)}`);
});

test('A session adds up its traces and leads to them', async ({ receiver, open }) => {
  await send(receiver, three);
  const page = await open('/#/sessions');
  await page.getByRole('link', { name: 's-2' }).waitFor();

  const row = page.locator('.sessions .row', { hasText: 's-2' });
  assert.deepEqual(await row.locator('[role=cell]').allTextContents().then((cells) => [cells[0], cells[1].split(', ').sort().join(), cells[4]]),
    ['s-21 error', 'ada,bob', '2']);
  await page.getByRole('link', { name: 's-2' }).click();

  await shows(page, ['broken', 'wary']);
});
