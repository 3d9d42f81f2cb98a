// generate.mjs: writes the files that are derived from declarations and kept in the repository.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { vocabulary } from '../src/main/bench/inspect/vocabulary.ts';
import { labJsonSchemaText } from '../src/shared/lab/json-schema.ts';
import { apiTypes } from '../src/shared/plugins/api-types.ts';
import { serviceTypes } from '../src/shared/plugins/service-types.ts';
import { libraryTypes } from './library-types.mjs';
import { manifestJsonSchemaText } from '../src/main/plugins/manifest.ts';
import { referencePages } from './reference/pages.mjs';
import { templateScripts } from './templates/templates.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Folders, and what makes the files in them by name. */
const PARTS = [
  { folder: 'plugins', files: () => new Map([['api.d.ts', apiTypes()]]) },
  { folder: 'plugins/services', files: serviceTypes },
  { folder: 'plugins/library', files: () => libraryTypes(root) },
  {
    folder: 'labs',
    files: () => new Map([['lab.schema.json', labJsonSchemaText(vocabulary(root))]]),
  },
  {
    folder: 'plugins',
    files: () => new Map([['plugin.schema.json', manifestJsonSchemaText()]]),
  },
  { folder: 'plugins/templates', files: templateScripts },
  { folder: 'docs/reference', files: referencePages },
];

/**
 * What the derived files should hold, formatted, by their path in the repository.
 *
 * @returns {Promise<Map<string, string>>}
 */
export async function generated() {
  /** @type {Map<string, string>} */
  const texts = new Map();
  for (const { folder, files } of PARTS) {
    for (const [name, text] of files()) {
      const path = join(folder, name);
      const options = await resolveConfig(join(root, path));
      texts.set(path, await format(text, { ...options, filepath: path }));
    }
  }
  return texts;
}

/**
 * @param {string} path in the repository
 * @returns {string} '' where there is no such file
 */
export function current(path) {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return '';
  }
}

if (import.meta.main) {
  for (const [path, text] of await generated()) {
    if (current(path) === text) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`${path}\n`);
  }
}
