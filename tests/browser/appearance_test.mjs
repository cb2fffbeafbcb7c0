import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test, until } from './harness.mjs';
import { send, spanId, traceId } from './otlp.mjs';
import { workflow } from './workflow.mjs';

const axe = createRequire(import.meta.url)('axe-core').source;
const views = {
  'the list': ['/', '.traces .row:not(.head)'],
  'the sessions': ['/#/sessions', '.view'],
  'the tree and detail': [`/#/trace/${traceId(1)}/${spanId(7)}`, 'aside .chat'],
  'an error and detail': [`/#/trace/${traceId(1)}/${spanId(5)}`, 'aside .section'],
  'the log': [`/#/trace/${traceId(1)}?view=log`, '[role=option]'],
};

const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

const lightness = (colour) => colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0);

for (const colorScheme of ['light', 'dark']) {
  for (const [name, [path, ready]] of Object.entries(views)) {
    test(`In ${colorScheme}, ${name} pass the rules of axe, contrast included`, async ({ receiver, open }) => {
      await send(receiver, workflow);
      const page = await open(path, { colorScheme, reducedMotion: 'reduce' });
      await page.locator(ready).first().waitFor();

      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());

      assert.deepEqual(violations.map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary}`)]), []);
    });
  }
}

test('The theme follows the system until one is chosen, which is kept', async ({ open }) => {
  const page = await open('/', { colorScheme: 'dark' });
  await page.locator('main').waitFor();
  assert.ok(lightness(await ground(page)) < 150);

  await page.getByRole('button', { name: 'Switch between light and dark' }).click();
  await until(page, () => document.documentElement.dataset.theme === 'light');
  assert.ok(lightness(await ground(page)) > 600);
  await page.reload();
  await until(page, () => document.documentElement.dataset.theme === 'light');
  assert.ok(lightness(await ground(page)) > 600);
});

for (const [name, [path, ready]] of Object.entries(views)) {
  test(`At 200 % zoom ${name} need no sideways scrolling`, async ({ receiver, open }) => {
    await send(receiver, workflow);
    const page = await open(path, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
    await page.locator(ready).first().waitFor();

    const wide = await page.evaluate(() => [document.scrollingElement, ...document.querySelectorAll('.table, .tree, .log-view, aside')]
      .filter((element) => element.scrollWidth > element.clientWidth)
      .map((element) => `${element.className || element.tagName} ${element.scrollWidth} > ${element.clientWidth}`));

    assert.deepEqual(wide, []);
  });
}

test('The page has its landmarks, each with a name', async ({ receiver, open }) => {
  await send(receiver, workflow);
  const page = await open(`/#/trace/${traceId(1)}/${spanId(7)}`);

  await page.getByRole('banner').waitFor();
  await page.getByRole('navigation', { name: 'Views' }).waitFor();
  await page.getByRole('main').waitFor();
  await page.getByRole('search').waitFor();
  await page.getByRole('tree', { name: 'Observations' }).waitFor();
  await page.getByRole('complementary', { name: 'Observation' }).waitFor();
  await page.getByRole('status').waitFor();
});

test('The first Tab offers to skip to the content', async ({ open }) => {
  const page = await open();
  await page.locator('main').waitFor();

  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to content');
  await page.keyboard.press('Enter');

  await until(page, () => document.activeElement?.tagName === 'MAIN');
});
