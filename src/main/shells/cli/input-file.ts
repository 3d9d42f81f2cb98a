import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Terminal } from './verb.ts';

/** Larger files are refused before they are read: no log or lab comes near. */
const MAX_BYTES = 256 * 1024 * 1024;

export type InputBytes =
  | { readonly ok: true; readonly name: string; readonly bytes: Buffer }
  | { readonly ok: false; readonly message: string };

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EISDIR: 'it is a folder, not a file',
  ELOOP: 'its links lead in a circle',
};

/** Reads a file named on the command line; `-` is standard input. A message begins with the name. */
export function readInput(name: string, terminal: Terminal): InputBytes {
  const fail = (why: string): InputBytes => ({ ok: false, message: `${name}: ${why}` });
  try {
    if (name === '-') return { ok: true, name: 'stdin', bytes: readFileSync(0) };
    const path = resolve(terminal.folder, name);
    const stat = statSync(path);
    if (stat.isDirectory()) return fail('it is a folder, not a file');
    if (stat.size > MAX_BYTES) return fail(`it is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
    return { ok: true, name, bytes: readFileSync(path) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail(REASONS[code ?? ''] ?? `it cannot be read (${code ?? String(error)})`);
  }
}

export type InputText =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/** The bytes as UTF-8; the message names the place of the first byte that is none. */
export function decodeText(name: string, bytes: Buffer): InputText {
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    const { line, column } = firstBadByte(bytes);
    return { ok: false, message: `${name}:${line}:${column}: the file is not UTF-8 text` };
  }
}

/** Feeds byte by byte: the decoder throws at the first that cannot continue a character. */
function firstBadByte(bytes: Buffer): { line: number; column: number } {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  let column = 1;
  for (let at = 0; at < bytes.length; at += 1) {
    let text: string;
    try {
      text = decoder.decode(bytes.subarray(at, at + 1), { stream: true });
    } catch {
      break;
    }
    if (text === '\n') {
      line += 1;
      column = 1;
    } else {
      column += text.length;
    }
  }
  return { line, column };
}

/** Bytes as text for readers that take anything: what is no UTF-8 becomes U+FFFD. */
export function looseText(bytes: Buffer): string {
  return new TextDecoder('utf-8').decode(bytes);
}
