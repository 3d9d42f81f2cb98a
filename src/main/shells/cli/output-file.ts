import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Terminal } from './verb.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EROFS: 'its file system is read-only',
  EISDIR: 'it is a folder, not a file',
  ENOSPC: 'the disk is full',
};

/** Writes a file named on the command line. False: it could not be, and the terminal was told. */
export function writeOutput(name: string, text: string | Uint8Array, terminal: Terminal): boolean {
  try {
    writeFileSync(resolve(terminal.folder, name), text);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    terminal.say(`${name}: it cannot be written: ${REASONS[code] ?? code}`);
    return false;
  }
}
