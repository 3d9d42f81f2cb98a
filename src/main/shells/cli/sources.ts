import { dirname, resolve } from 'node:path';
import type { BatchSources } from '../../bench/batch/run.ts';
import type { Arguments, Terminal } from './verb.ts';

/** Where a lab's plugins come from, as the options every verb has say it. */
export function sourcesOf(given: Arguments, terminal: Terminal, lab?: string): BatchSources {
  const { folder, root, data } = terminal;
  const named = (given.lists.get('plugin') ?? []).map((path) => resolve(folder, path));
  const without = given.lists.get('without-plugin') ?? [];
  const trust = given.switches.has('trust');
  const place = lab === undefined || lab === '-' ? folder : dirname(resolve(folder, lab));
  return { plugins: { root, data, named, without, trust }, folder: place };
}
