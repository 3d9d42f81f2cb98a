import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { labFiles } from '../../bench/session/shipped-labs.ts';
import type { Terminal } from './verb.ts';

/**
 * The labs that operands name: files as they are, and every lab in a folder or below, by name.
 * `many`: a result for each of them is wanted, even of one in a folder.
 */
export function labsNamed(
  operands: readonly string[],
  terminal: Terminal,
): { readonly labs: readonly string[]; readonly many: boolean } {
  let many = operands.length > 1;
  const labs = operands.flatMap((name) => {
    const path = resolve(terminal.folder, name);
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [name];
    many = true;
    return labFiles(path).map((file) => join(name, file));
  });
  return { labs, many };
}
