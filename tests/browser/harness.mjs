// What the browser tests share: a list of tests, a receiver each, one browser, and pages that fail their
// test when anything goes wrong in them. Nothing here waits for a time; everything waits for a condition.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const timeout = 20_000;
const tests = [];

// `run` gets { receiver, open }: a receiver of its own, and what opens a page of it.
export function test(name, run) {
  tests.push({ name, run });
}

export async function startReceiver(program, ...options) {
  const child = spawn(program, ['local', '--memory', '--port', '0', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /LANGFUSE_BASE_URL=(\S+)/.exec(line)?.[1];
    if (address) {
      child.stdout.resume();
      return { address, stop: () => (child.kill(), ended) };
    }
  }
  throw new Error('the receiver ended before it listened');
}

export function launchBrowser() {
  // Root, as in a container, has no user namespaces for Chromium's sandbox.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
}

// A page in a context of its own. `faults` collects what no page may do: throw, violate its policy, open
// a dialog, ask another host. An answer that is not 200 is no fault: some tests are about these. A test that
// provokes a complaint says which is `allowed`. `script` runs in the page before its own.
export async function openPage(browser, { allowed = /(?!)/, script, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(timeout);
  if (script) await page.addInitScript(script);
  const faults = [];
  page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
  page.on('dialog', (dialog) => { faults.push(`dialog: ${dialog.message()}`); return dialog.dismiss(); });
  page.on('console', (message) => {
    const isAllowed = message.text().startsWith('Failed to load resource') || allowed.test(message.text());
    if (message.type() === 'error' && !isAllowed) faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!/^(http:\/\/127\.0\.0\.1:|data:|blob:)/.test(request.url())) faults.push(`request: ${request.url()}`);
  });
  return { page, faults, close: () => context.close() };
}

async function runTest({ run }, program, browser) {
  const receiver = await startReceiver(program);
  const pages = [];
  try {
    const open = async (path = '/', options = {}) => {
      const opened = await openPage(browser, options);
      pages.push(opened);
      await opened.page.goto(receiver.address + path);
      return opened.page;
    };
    await run({ receiver, open });
    const faults = pages.flatMap((opened) => opened.faults);
    if (faults.length > 0) throw new Error(faults.join('\n'));
  } finally {
    await Promise.all(pages.map((opened) => opened.close()));
    await receiver.stop();
  }
}

// Runs the tests whose name holds `part`, two at a time: they mostly wait. The number of those that failed.
export async function runAll(program, part = '') {
  const browser = await launchBrowser();
  const chosen = tests.filter(({ name }) => name.includes(part));
  const waiting = chosen.values();
  let failed = 0;
  const work = async () => {
    for (const each of waiting) {
      const begin = performance.now();
      try {
        await runTest(each, program, browser);
        console.log(`ok      ${each.name} (${Math.round(performance.now() - begin)} ms)`);
      } catch (error) {
        failed += 1;
        console.log(`FAILED  ${each.name}\n${error.stack ?? error}`);
      }
    }
  };
  await Promise.all([work(), work()]);
  await browser.close();
  console.log(`${chosen.length - failed} passed, ${failed} failed`);
  return chosen.length === 0 ? 1 : failed;
}

// Until `claim` holds in the page; it is a function that runs there, with `argument`.
export async function until(page, claim, argument) {
  try {
    await page.waitForFunction(claim, argument, { timeout });
  } catch (error) {
    throw new Error(`never held: ${claim} with ${JSON.stringify(argument)}`, { cause: error });
  }
}

export const texts = (page, selector) =>
  page.$$eval(selector, (elements) => elements.map((element) => element.textContent));
