import { gunzipSync, gzipSync } from 'node:zlib';
import { basename } from 'node:path';
import { refusal, tooLarge, type PluginFiles, type TextResult } from './files.ts';
import type { PluginProblem } from './problem.ts';
import { fitsTar, readTar, writeTar } from './tar.ts';

/** Ends of the names of packed plugins. */
export const PACKED = /\.(tgz|tar\.gz)$/;

/** Bounds of a packed plugin; those of manifest and modules hold besides. */
export const PACKED_LIMITS = {
  /** Bytes of the file. */
  packed: 4 * 1024 * 1024,
  /** Bytes of all files in it, with the headers between them. */
  unpacked: 16 * 1024 * 1024,
  files: 512,
} as const;

/** A path below the top, of plain names. */
export const PLUGIN_PATH = /^[A-Za-z0-9_][\w.+-]*(\/[A-Za-z0-9_][\w.+-]*)*$/;

export type PackedResult =
  | { readonly ok: true; readonly files: PackedFiles }
  | { readonly ok: false; readonly problem: PluginProblem };

/** A plugin in one `.tgz`, read into memory: nothing of it is ever written to where it says. */
export class PackedFiles implements PluginFiles {
  readonly place: string;
  private readonly contents: ReadonlyMap<string, Uint8Array>;

  constructor(place: string, contents: ReadonlyMap<string, Uint8Array>) {
    this.place = place;
    this.contents = contents;
  }

  get name(): string {
    return basename(this.place).replace(PACKED, '');
  }

  shown(path: string): string {
    return `${this.place}/${path}`;
  }

  read(path: string, limit: number, what: string): TextResult {
    const bytes = this.contents.get(path);
    if (!bytes) return refusal(this.shown(path), 'file', `the ${what} is missing`);
    if (bytes.length > limit) {
      return refusal(this.shown(path), 'limit', tooLarge(what, bytes.length, limit));
    }
    return { ok: true, text: new TextDecoder().decode(bytes) };
  }

  list(): string[] {
    return [...this.contents.keys()].sort();
  }

  bytes(path: string): Uint8Array {
    return this.contents.get(path) ?? new Uint8Array();
  }
}

/**
 * Reads a packed plugin. Links, devices, absolute paths, `..` and what is too large or too many are
 * refused, whatever else is right with it. One folder around everything, as `npm pack` and source
 * archives have it, is taken off.
 */
export function readPacked(place: string, bytes: Uint8Array): PackedResult {
  const refuse = (code: PluginProblem['code'], message: string) => refusal(place, code, message);
  if (bytes.length > PACKED_LIMITS.packed) {
    return refuse('limit', tooLarge('packed plugin', bytes.length, PACKED_LIMITS.packed));
  }
  let archive: Uint8Array;
  try {
    archive = gunzipSync(bytes, { maxOutputLength: PACKED_LIMITS.unpacked });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      return refuse('limit', `it unpacks to more than ${PACKED_LIMITS.unpacked} bytes`);
    }
    return refuse('file', 'this is no .tgz file, or a damaged one');
  }
  const read = readTar(archive, PACKED_LIMITS.files);
  if (!read.ok) return refuse(read.code, read.message);
  const contents = new Map<string, Uint8Array>();
  for (const entry of read.entries) {
    const path = entry.path.replace(/^\.\//, '');
    const told = JSON.stringify(path);
    if (entry.kind === 'folder') continue;
    if (!PLUGIN_PATH.test(path)) {
      return refuse('file', `it holds the path ${told}; only plain names below its top are taken`);
    }
    if (contents.has(path)) return refuse('file', `it holds ${told} twice`);
    contents.set(path, entry.bytes);
  }
  return { ok: true, files: new PackedFiles(place, withoutTop(contents)) };
}

/** Everything stands in one folder: what that folder holds. */
function withoutTop(contents: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  const [first = ''] = contents.keys();
  const top = first.slice(0, first.indexOf('/') + 1);
  if (top === '' || ![...contents.keys()].every((path) => path.startsWith(top))) return contents;
  return new Map([...contents].map(([path, bytes]) => [path.slice(top.length), bytes]));
}

/** The same files give the same bytes, whoever packs them, whenever and on whatever machine. */
export function packFiles(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  const packed = gzipSync(writeTar(new Map(sorted)), { level: 9 });
  // The byte that names the system it was made on.
  packed[9] = 255;
  return packed;
}

export type PackResult =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly paths: readonly string[] }
  | { readonly ok: false; readonly problem: PluginProblem };

/** All files of a plugin in one `.tgz` that `readPacked` takes; what it would not take is told. */
export function packPlugin(files: PluginFiles): PackResult {
  const contents = new Map<string, Uint8Array>();
  let left: number = PACKED_LIMITS.unpacked;
  for (const path of files.list()) {
    const refuse = (message: string) => refusal(files.shown(path), 'file', message);
    if (!PLUGIN_PATH.test(path)) {
      return refuse('a packed plugin has paths of letters, digits, and . _ + - only');
    }
    if (!fitsTar(path)) return refuse('its path is too long to be packed');
    if (contents.size === PACKED_LIMITS.files) {
      return refuse(`a packed plugin has at most ${PACKED_LIMITS.files} files`);
    }
    let bytes: Uint8Array;
    try {
      bytes = files.bytes(path);
    } catch (error) {
      return refuse(
        `it cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
      );
    }
    left -= bytes.length + 1024;
    if (left < 0)
      return refuse(`a packed plugin unpacks to at most ${PACKED_LIMITS.unpacked} bytes`);
    contents.set(path, bytes);
  }
  const bytes = packFiles(contents);
  if (bytes.length > PACKED_LIMITS.packed) {
    const message = tooLarge('packed plugin', bytes.length, PACKED_LIMITS.packed);
    return refusal(files.place, 'limit', message);
  }
  return { ok: true, bytes, paths: [...contents.keys()] };
}
