import assert from 'node:assert/strict';
import { test, until } from './harness.mjs';
import { line, score, send, spanId, traceId } from './otlp.mjs';

// Each field gets a text of its own, which says where it came from if it ever runs.
const attack = (field) => `<img src=x onerror="globalThis.broken='${field}'"><script>globalThis.broken='${field}'</script>`
  + `"'><svg onload=alert('${field}')>{{${field}}}\${${field}}javascript:alert(1)`;

const hostile = [
  { id: 1, name: attack('name'), type: 'agent', start: 0, end: 100, level: 'ERROR', traceName: attack('traceName'), user: attack('user'),
    session: attack('session'), tags: [attack('tag')], environment: 'production', release: attack('release'),
    version: attack('version'), statusMessage: attack('statusMessage'), input: attack('input'), output: attack('output') },
  { id: 2, parent: 1, name: 'chat', type: 'generation', start: 10, end: 90, model: attack('model'),
    parameters: { [attack('parameter')]: attack('parameter value') }, usage: { [attack('usage')]: 3 }, cost: { [attack('cost')]: 0.5 },
    prompt: { name: attack('prompt'), version: 1 }, metadata: { [attack('key')]: attack('metadata'), json: { [attack('inner')]: attack('value') } },
    input: [
      { role: attack('role'), name: attack('speaker'), content: attack('content') },
      { role: 'user', content: [{ type: 'text', text: attack('part') }, { type: 'image_url', image_url: { url: attack('image') } },
        { type: 'image_url', image_url: { url: 'javascript:alert(1)' } }, { [attack('odd')]: 1 }] },
      { role: 'assistant', content: '', tool_calls: [{ id: attack('call id'), function: { name: attack('tool'), arguments: attack('arguments') } }] },
    ],
    output: { [attack('output key')]: [attack('element')] } },
  line({ id: 3, parent: 2, severity: attack('severity'), message: attack('message'), level: 'WARNING', start: 50,
    metadata: { file: attack('file'), line: attack('line'), function: attack('function'), logger: attack('logger') } }),
];

async function isUnharmed(page) {
  const found = await page.evaluate(() => ({
    broken: globalThis.broken ?? '',
    images: [...document.images].map((image) => image.src),
    scripts: document.scripts.length,
    handlers: [...document.querySelectorAll('*')].flatMap((element) =>
      element.getAttributeNames().filter((name) => name.startsWith('on'))),
    links: [...document.links].map((link) => link.getAttribute('href')).filter((href) => !/^(#\/|#main$|\/local\/media\/)/.test(href)),
  }));
  assert.deepEqual(found, { broken: '', images: [], scripts: 1, handlers: [], links: [] });
}

async function sendHostile(receiver) {
  await send(receiver, hostile);
  await score(receiver, { name: attack('score'), value: 1, comment: attack('comment') });
  await score(receiver, { id: 2, name: attack('own score'), value: 1, comment: attack('own comment') });
}

test('Markup in any field of a trace is text in the list', async ({ receiver, open }) => {
  await sendHostile(receiver);
  const page = await open();
  await page.locator('.traces .row:not(.head)').waitFor();

  assert.equal(await page.locator('.traces .name a').textContent(), attack('traceName'));
  await isUnharmed(page);
});

test('Markup in any field of an observation is text in tree, log and detail', async ({ receiver, open }) => {
  await sendHostile(receiver);
  const page = await open();
  for (const [id, own] of [[1, 'statusMessage'], [2, 'metadata'], [3, 'message']]) {
    for (const view of ['', '?view=log']) {
      await page.goto(`${receiver.address}/#/trace/${traceId(1)}/${spanId(id)}${view}`);
      await until(page, (text) => document.querySelector('aside')?.textContent.includes(text), attack(own));
      await isUnharmed(page);
    }
  }
  await until(page, (text) => document.querySelector('aside')?.textContent.includes(text), attack('file'));
});

test('However long texts are, there is room for the tree and the detail', async ({ receiver, open }) => {
  const long = 'W'.repeat(20_000);
  await send(receiver, [{ id: 1, name: long, type: 'generation', start: 0, end: 100, traceName: long, user: long, session: long,
    environment: 'production', release: long, version: long, model: long, tags: Array.from({ length: 200 }, (_, i) => `tag ${i} of many`),
    input: 'what was asked' }]);
  const page = await open(`/#/trace/${traceId(1)}/${spanId(1)}`);
  await page.locator('aside .section').first().waitFor();

  const height = (selector) => page.$eval(selector, (element) => element.getBoundingClientRect().height);
  assert.ok(await height('.tree') > 250, `the tree has ${await height('.tree')} of 800`);
  assert.ok(await height('.detail-head') < 300, `the head of the detail has ${await height('.detail-head')} of 800`);
});

test('Everything that can be unfolded of a hostile generation is text', async ({ receiver, open }) => {
  await sendHostile(receiver);
  const page = await open(`/#/trace/${traceId(1)}/${spanId(2)}`);
  await page.locator('aside .chat').waitFor();

  for (const field of ['role', 'speaker', 'content', 'part', 'image', 'odd', 'call id', 'tool', 'arguments', 'output key', 'element',
    'parameter', 'parameter value', 'usage', 'cost', 'prompt', 'key', 'inner', 'value', 'own score', 'own comment', 'model']) {
    await until(page, (text) => document.querySelector('aside').textContent.includes(text), attack(field));
  }
  await isUnharmed(page);
});

test('Markup in what is searched for, chosen and linked is text', async ({ receiver, open }) => {
  await sendHostile(receiver);
  const page = await open();
  for (const hash of [`#/?q=${encodeURIComponent(attack('q'))}&user=${encodeURIComponent(attack('chosen'))}`,
    `#/matches?q=${encodeURIComponent(attack('search'))}`, '#/matches?q=img', '#/sessions',
    `#/trace/${encodeURIComponent(attack('trace id'))}`, '#/trace/%E0%A4%A']) {
    await page.goto(`${receiver.address}/${hash}`);
    await page.reload();
    await page.locator('.view, .empty').first().waitFor();
    await isUnharmed(page);
  }
});

test('The policy lets nothing run but the page itself', async ({ receiver }) => {
  const answer = await fetch(receiver.address);
  const policy = answer.headers.get('content-security-policy');

  assert.match(policy, /^default-src 'none'; script-src 'sha256-[^;']+'; style-src 'sha256-[^;']+'; connect-src 'self'; /);
  assert.match(policy, /require-trusted-types-for 'script'$/);
  assert.doesNotMatch(policy, /unsafe|\*/);
});

test('Even script that got hold of the document could not write markup', async ({ open }) => {
  const page = await open('/', { allowed: /'TrustedHTML' assignment/ });
  await page.locator('main').waitFor();

  const thrown = await page.evaluate(() => {
    const errors = [];
    for (const write of [(element) => { element.innerHTML = '<b>x</b>'; }, (element) => element.insertAdjacentHTML('beforeend', '<b>x</b>')]) {
      try {
        write(document.createElement('div'));
      } catch (error) {
        errors.push(error.name);
      }
    }
    return errors;
  });

  assert.deepEqual(thrown, ['TypeError', 'TypeError']);
});
