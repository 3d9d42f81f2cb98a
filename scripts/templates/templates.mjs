import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TEMPLATE_NAMES } from '../../src/main/bench/plugins/templates.ts';
import { javaScriptOf } from './javascript.mjs';

const FOLDER = join(
  dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
  'plugins',
  'templates',
);

/** The JavaScript form of every template, by its path in the folder of templates. */
export function templateScripts() {
  return new Map(
    TEMPLATE_NAMES.map((name) => {
      const source = readFileSync(join(FOLDER, name, 'index.ts'), 'utf8');
      return [`${name}/index.js`, javaScriptOf(source)];
    }),
  );
}
