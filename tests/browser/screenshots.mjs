// The pictures of the documents, from what the email workflow sends.
//   node screenshots.mjs BUILD_DIRECTORY FOLDER
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { launchBrowser, openPage, startReceiver } from './harness.mjs';

const [build, folder] = process.argv.slice(2);
const receiver = await startReceiver(`${build}/langfuse-cpp`);
await promisify(execFile)(`${build}/examples/email_workflow`, [], {
  env: { PATH: process.env.PATH, LANGFUSE_BASE_URL: receiver.address, LANGFUSE_PUBLIC_KEY: 'pk-lf-local', LANGFUSE_SECRET_KEY: 'sk-lf-local' },
});

const ask = async (path) => (await fetch(receiver.address + path)).json();
const { traces } = await ask('/local/traces');
// The message whose draft quoted a card number: it has every step, and a warning.
const trace = traces.filter(({ warnings }) => warnings > 0).reduce((most, each) => (each.observations > most.observations ? each : most));
const { observations } = await ask(`/local/traces/${trace.id}`);
const generation = observations.find(({ name }) => name === 'classify');

const pictures = [
  ['page', 'light', `/#/trace/${trace.id}/${generation.id}`, 'aside .chat'],
  ['page-dark', 'dark', `/#/trace/${trace.id}/${generation.id}`, 'aside .chat'],
  ['page-list', 'light', '/', '.traces .row:not(.head)'],
  ['page-log', 'light', `/#/trace/${trace.id}?view=log`, '[role=option]'],
];

const browser = await launchBrowser();
for (const [name, colorScheme, path, ready] of pictures) {
  const { page, faults, close } = await openPage(browser,
    { viewport: { width: 1360, height: 800 }, colorScheme, reducedMotion: 'reduce', deviceScaleFactor: 1.5 });
  await page.goto(receiver.address + path);
  await page.locator(ready).first().waitFor();
  await page.getByRole('status').getByText('live').waitFor();
  await page.screenshot({ path: `${folder}/${name}.png` });
  await close();
  if (faults.length > 0) throw new Error(faults.join('\n'));
}
await browser.close();
await receiver.stop();
