import assert from 'node:assert/strict';
import { test, until } from './harness.mjs';
import { send, spanId, traceId } from './otlp.mjs';
import { workflow } from './workflow.mjs';

const trace = `#/trace/${traceId(1)}`;

const selected = (page, text) => until(page, (wanted) =>
  document.querySelector('[role=tree] [aria-selected=true] :is(.name, .message)')?.textContent === wanted, text);

const at = (page, hash) => until(page, (wanted) => location.hash === wanted, hash);

test('j, k and Enter walk the list, Escape comes back to the same row', async ({ receiver, open }) => {
  await send(receiver, [1, 2, 3].map((n) => ({ trace: n, id: n, name: `trace ${n}`, start: n, end: n + 1 })));
  const page = await open();
  await page.getByRole('link', { name: 'trace 3' }).waitFor();

  for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key);
  await until(page, () => document.activeElement?.textContent === 'trace 2');
  await page.keyboard.press('Enter');
  await at(page, `#/trace/${traceId(2)}`);
  await page.locator('[role=treeitem]').waitFor();
  await page.keyboard.press('Escape');

  await at(page, '#/');
  await until(page, () => document.activeElement?.textContent === 'trace 2');
});

test('j and k walk the tree, the arrows fold it, Escape closes step by step', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open(`/${trace}`);
  await page.locator('[role=treeitem]').first().waitFor();

  await page.keyboard.press('j');
  await selected(page, 'support');
  assert.equal(await page.evaluate(() => document.getElementById(
    document.activeElement.getAttribute('aria-activedescendant')).querySelector('.name').textContent), 'support');
  await page.keyboard.press('j');
  await selected(page, 'retrieve');
  await page.keyboard.press('ArrowLeft');
  await until(page, () => document.querySelectorAll('[role=treeitem]').length === 7);
  await page.keyboard.press('j');
  await selected(page, 'look_up_order');
  await page.keyboard.press('k');
  await page.keyboard.press('ArrowRight');
  await until(page, () => document.querySelectorAll('[role=treeitem]').length === 9);
  await page.keyboard.press('Escape');
  await at(page, trace);
  await page.keyboard.press('Escape');
  await at(page, '#/');
});

test('e goes to the first error, wherever it is folded away, then to the next and around', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open(`/${trace}`);
  await page.getByRole('treeitem', { name: /support agent/ }).locator('button.caret').click();
  await until(page, () => document.querySelectorAll('[role=treeitem]').length === 1);

  await page.keyboard.press('e');
  await selected(page, 'look_up_order');
  await page.keyboard.press('e');
  await selected(page, 'order service did not answer');
  await page.keyboard.press('e');
  await selected(page, 'look_up_order');
  await page.keyboard.press('E');
  await selected(page, 'order service did not answer');
});

test('The button of the first error does as its key does', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open(`/${trace}`);

  await page.getByRole('button', { name: /^First error/ }).click();

  await selected(page, 'look_up_order');
});

test('? shows the keys, Escape closes them and nothing else', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open(`/${trace}`);
  await page.locator('[role=treeitem]').first().waitFor();

  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'hidden' });

  assert.equal(await page.evaluate(() => location.hash), trace);
});

test('Keys typed into the search field are text', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open(`/${trace}`);
  await page.locator('[role=treeitem]').first().waitFor();

  await page.keyboard.press('/');
  await page.keyboard.type('je');

  assert.equal(await page.getByRole('searchbox').inputValue(), 'je');
  assert.equal(await page.locator('[aria-selected=true]').count(), 0);
});

test('A link to an observation opens it, also where its log line is hidden', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open(`/${trace}/${spanId(6)}`);

  await selected(page, 'order service did not answer');
  await page.getByRole('complementary').getByRole('heading', { name: 'log.error' }).waitFor();
  await until(page, () => document.title === 'answer customer · Langfuse local');
});

test('Back and forward go through list, trace and log', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open();
  await page.getByRole('link', { name: 'answer customer' }).click();
  await page.locator('[role=tree]').waitFor();
  await page.keyboard.press('v');
  await page.locator('[role=listbox]').waitFor();

  await page.goBack();
  await page.locator('[role=tree]').waitFor();
  await page.goBack();
  await page.locator('[role=table]').waitFor();
  await page.goForward();
  await page.locator('[role=tree]').waitFor();
});

test('An address that changes before the page listens to changes is followed', async ({ open }) => {
  const page = await open('/', {
    script: () => addEventListener('DOMContentLoaded', () => { location.hash = '#/sessions'; }),
  });

  await page.locator('a[aria-current=page]', { hasText: 'Sessions' }).waitFor();
});

test('A key is heard as soon as there is something to see', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open(`/${trace}`, {
    script: () => new MutationObserver((_, observer) => {
      if (!document.querySelector('[role=treeitem]')) return;
      observer.disconnect();
      dispatchEvent(new KeyboardEvent('keydown', { key: 'j' }));
    }).observe(document, { childList: true, subtree: true }),
  });

  await selected(page, 'support');
});

test('The address that a Langfuse server gives a trace leads here', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open(`/project/local/traces/${traceId(1)}`);

  await page.getByRole('heading', { name: 'answer customer' }).waitFor();
});
