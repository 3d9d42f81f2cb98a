import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

export interface StaticFile {
  readonly type: string;
  readonly body: Buffer<ArrayBuffer>;
}

/**
 * The path inside the window's folder that a URL path names; "/" is index.html. Undefined for
 * whatever is not a plain path below the folder: "..", hidden files, backslashes, NUL, drive
 * letters, broken escapes, file types the window has none of.
 *
 * @param urlPath as in the request line, still percent-encoded, without the query
 */
export function assetPath(urlPath: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  if (!path.startsWith('/')) return undefined;
  if (path === '/') return 'index.html';
  const parts = path.slice(1).split('/');
  const plain = parts.every((part) => /^[\w-][\w.@+-]*$/.test(part));
  return plain && Object.hasOwn(MIME_TYPES, extname(path)) ? parts.join('/') : undefined;
}

/** Reads a file of the window. Undefined when there is none, or a link leads out of `folder`. */
export async function readStaticFile(
  folder: string,
  urlPath: string,
): Promise<StaticFile | undefined> {
  const path = assetPath(urlPath);
  if (path === undefined) return undefined;
  try {
    const file = await realpath(join(folder, path));
    if (!file.startsWith((await realpath(folder)) + sep)) return undefined;
    const type = MIME_TYPES[extname(path)] as string;
    return { type, body: await readFile(file) };
  } catch {
    return undefined;
  }
}
