import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { labFiles } from '../../bench/session/shipped-labs.ts';
import type { Terminal } from './verb.ts';

/**
 * The labs that operands name: files as they are, and every lab in a folder or below, by name.
 * `many`: a result for each of them is wanted, even of one in a folder. undefined: a folder has no
 * lab, and that was said.
 */
export function labsNamed(
  operands: readonly string[],
  terminal: Terminal,
): { readonly labs: readonly string[]; readonly many: boolean } | undefined {
  let many = operands.length > 1;
  let usable = true;
  const labs = operands.flatMap((name) => {
    const path = resolve(terminal.folder, name);
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [name];
    many = true;
    const found = labFiles(path);
    if (found.length === 0) {
      terminal.say(`${name}: there is no lab (*.lab.yaml) in it`);
      usable = false;
    }
    return found.map((file) => join(name, file));
  });
  return usable ? { labs, many } : undefined;
}
