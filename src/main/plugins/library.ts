import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from '../../shared/lab/suggest.ts';
import { scanSource, type Binding } from './source-scan.ts';

/** A module that the API offers to plugins: what several models need. It holds no state. */
export interface LibraryModule {
  readonly source: string;
  readonly bindings: readonly Binding[];
}

const FOLDER = join(import.meta.dirname, 'library');
const PREFIX = 'pfnlab:';

/** The modules plugins may import beside their own, by what they import: `pfnlab:page-table`. */
export const LIBRARY: ReadonlyMap<string, LibraryModule> = new Map(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.js'))
    .sort()
    .map((name) => {
      const source = readFileSync(join(FOLDER, name), 'utf8');
      return [PREFIX + name.slice(0, -'.js'.length), { source, ...scanSource(source) }];
    }),
);

/** The module that one of them means by `./name.js`. */
export function libraryModule(specifier: string): string {
  return PREFIX + specifier.replace(/^\.\/|\.js$/g, '');
}

/** What is wrong with an import of `pfnlab:...`; undefined for a module there is, null for another import. */
export function libraryFault(specifier: string): string | null | undefined {
  if (!specifier.startsWith(PREFIX)) return null;
  if (LIBRARY.has(specifier)) return undefined;
  const names = [...LIBRARY.keys()];
  const meant = nearest(specifier, names);
  const hint = meant ? `did you mean '${meant}'?` : `there are ${names.join(', ')}`;
  return `there is no '${specifier}'; ${hint}`;
}
