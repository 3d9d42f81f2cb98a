/**
 * The tar format (POSIX ustar), for packed plugins: reads plain files and folders and nothing else.
 * General readers mend what they are given (`..`, absolute paths, links) before one can see it;
 * here the file is refused.
 */

const BLOCK = 512;

/** Fields of a header: where they begin, and their bytes. */
const NAME = [0, 100] as const;
const MODE = [100, 8] as const;
const UID = [108, 8] as const;
const GID = [116, 8] as const;
const SIZE = [124, 12] as const;
const MTIME = [136, 12] as const;
const CHECKSUM = [148, 8] as const;
const TYPE = 156;
const MAGIC = [257, 6] as const;
const VERSION = [263, 2] as const;
const PREFIX = [345, 155] as const;

type Field = readonly [start: number, length: number];

/** One file or folder of an archive. */
export interface TarEntry {
  /** As it is written there. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly bytes: Uint8Array;
}

export type TarResult =
  | { readonly ok: true; readonly entries: readonly TarEntry[] }
  /** `limit`: too many; `file`: anything else. */
  | { readonly ok: false; readonly code: 'limit' | 'file'; readonly message: string };

/** What the type byte of a header stands for, as far as it is named in messages. */
const KINDS: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a named pipe',
};

/** Reads an archive of at most `limit` entries. A path longer than ustar has room for is refused. */
export function readTar(archive: Uint8Array, limit: number): TarResult {
  const entries: TarEntry[] = [];
  const refuse = (code: 'limit' | 'file', message: string) =>
    ({ ok: false, code, message }) as const;
  let at = 0;
  while (at + BLOCK <= archive.length) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return { ok: true, entries };
    if (number(header, CHECKSUM) !== checksum(header)) {
      return refuse('file', 'this is no .tgz file, or a damaged one');
    }
    const prefix = text(header, MAGIC) === 'ustar' ? text(header, PREFIX) : '';
    const path = prefix === '' ? text(header, NAME) : `${prefix}/${text(header, NAME)}`;
    const size = number(header, SIZE);
    const from = at + BLOCK;
    if (size === undefined || from + size > archive.length) {
      return refuse('file', `it ends inside ${JSON.stringify(path)}`);
    }
    at = from + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[TYPE] ?? 0);
    // Facts about the whole archive or the next file, such as times: nothing here needs them.
    if (type === 'g' || (type === 'x' && !pathIn(archive.subarray(from, from + size)))) continue;
    if (type !== '0' && type !== '\0' && type !== '5') {
      const kind = KINDS[type] ?? 'something that is neither a file nor a folder';
      return refuse('file', `it holds ${kind}, ${JSON.stringify(path)}`);
    }
    if (entries.length === limit) return refuse('limit', `it holds more than ${limit} files`);
    const kind = type === '5' ? 'folder' : 'file';
    entries.push({ path, kind, bytes: archive.subarray(from, from + size) });
  }
  return refuse('file', 'it ends before the end of the archive');
}

/** Does an extended header give another path than the one in the next header? */
function pathIn(records: Uint8Array): boolean {
  return /(^|\n)\d+ (path|linkpath|size)=/.test(new TextDecoder('latin1').decode(records));
}

/** Writes an archive of files whose paths fit a header: no time, no owner, always the same bytes. */
export function writeTar(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [path, bytes] of files) {
    const header = new Uint8Array(BLOCK);
    const put = ([start]: Field, value: string) =>
      header.set(new TextEncoder().encode(value), start);
    const [name, prefix] = splitPath(path);
    put(NAME, name);
    put(PREFIX, prefix);
    put(MODE, octal(0o644, MODE));
    for (const field of [UID, GID, MTIME]) put(field, octal(0, field));
    put(SIZE, octal(bytes.length, SIZE));
    header[TYPE] = '0'.charCodeAt(0);
    put(MAGIC, 'ustar\0');
    put(VERSION, '00');
    put(CHECKSUM, `${octal(checksum(header), [0, 7])}\0 `);
    parts.push(header, bytes, new Uint8Array(-bytes.length & (BLOCK - 1)));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return Buffer.concat(parts);
}

/** Does a path fit a header? */
export function fitsTar(path: string): boolean {
  const [name, prefix] = splitPath(path);
  return name.length <= NAME[1] && prefix.length <= PREFIX[1];
}

/** A path as name and prefix; the name is as long as it may be. */
function splitPath(path: string): readonly [name: string, prefix: string] {
  if (path.length <= NAME[1]) return [path, ''];
  const cut = path.indexOf('/', path.length - NAME[1] - 1);
  return cut < 0 ? [path, ''] : [path.slice(cut + 1), path.slice(0, cut)];
}

function octal(value: number, [, length]: Field): string {
  return value.toString(8).padStart(length - 1, '0');
}

function text(header: Uint8Array, [start, length]: Field): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return new TextDecoder('latin1').decode(end < 0 ? field : field.subarray(0, end));
}

function number(header: Uint8Array, field: Field): number | undefined {
  const digits = text(header, field).trim();
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : undefined;
}

/** Sum of a header's bytes, those of the sum itself taken as blanks. */
function checksum(header: Uint8Array): number {
  const [start, length] = CHECKSUM;
  return header.reduce(
    (sum, byte, at) => sum + (at >= start && at < start + length ? 32 : byte),
    0,
  );
}
