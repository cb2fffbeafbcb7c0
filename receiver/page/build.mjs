// Makes index.html, the one file that the receiver embeds, of src/. The same sources and the same
// package-lock.json give the same bytes.
//   node build.mjs [OUTPUT]    index.html beside this file, unless another is named
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

// Preact can write markup if it is asked to. The page never asks, and must not be able to: the one
// place where it could writes text instead.
const withoutMarkup = {
  name: 'without-markup',
  setup(builder) {
    builder.onLoad({ filter: /preact\.mjs$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const parts = source.split('.innerHTML');
      if (parts.length !== 3) throw new Error(`${path}: innerHTML is used ${parts.length - 1} times, expected 2`);
      return { contents: parts.join('.textContent') };
    });
  },
};

const { outputFiles } = await build({
  absWorkingDir: here,
  entryPoints: ['src/main.tsx'],
  outdir: 'unused',
  write: false,
  bundle: true,
  minify: true,
  lineLimit: 160,
  charset: 'utf8',
  format: 'iife',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  plugins: [withoutMarkup],
});

const bundled = (extension) => outputFiles.find((file) => file.path.endsWith(extension)).text.trim();
const shell = await readFile(`${here}src/shell.html`, 'utf8');
const license = await readFile(`${here}node_modules/preact/LICENSE`, 'utf8');
const page = shell
  .replace('license of Preact', () => `The script contains Preact.\n${license.trim()}`)
  .replace('/* style */', () => bundled('.css'))
  .replace('/* script */', () => bundled('.js'));
await writeFile(process.argv[2] ?? `${here}index.html`, page);
