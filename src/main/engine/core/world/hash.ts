import { TABLES, keyOf, type TableSchema } from '../../../../shared/world/tables.ts';
import type { Row, Value } from '../../../../shared/world/value.ts';

/** Number of the hash format: canonical encoding, record hash and sum together. */
export const HASH_FORMAT = 1;

/** A 128-bit number as four 32-bit lanes, least significant first. */
export type Hash128 = readonly [number, number, number, number];

export const ZERO_HASH: Hash128 = [0, 0, 0, 0];

const SEPARATOR = '\u001f';

function encodeValue(value: Value | undefined): string {
  switch (typeof value) {
    case 'string':
      return `s${value}`;
    case 'number':
    case 'bigint':
      return `i${value}`;
    case 'boolean':
      return value ? 't' : 'f';
    case 'undefined':
      return 'n';
    default:
      if (value === null) return 'n';
      if (Array.isArray(value)) return `[${value.map(encodeValue).join('\u001e')}]`;
      return encodeMap(value as { readonly [name: string]: Value });
  }
}

/** Names are sorted, so that a value's hash does not depend on how it was put together. */
function encodeMap(map: { readonly [name: string]: Value }): string {
  const names = Object.keys(map).sort();
  return `{${names.map((name) => `${name}:${encodeValue(map[name])}`).join('\u001e')}}`;
}

/** Canonical encoding of a record: table, key, fields in schema order, integers in decimal. */
export function encodeRow(schema: TableSchema, row: Row): string {
  let text = `${schema.name}${SEPARATOR}${encodeValue(keyOf(schema, row))}`;
  for (const field of schema.fields) text += SEPARATOR + encodeValue(row[field]);
  return text;
}

// Room for one text at a time: nothing is read that the same call did not write.
/* eslint-disable pfnlab/module-state */
let buffer = new Uint8Array(1024);
let view = new DataView(buffer.buffer);
/* eslint-enable pfnlab/module-state */

/** Writes the text as UTF-8 into `buffer` and returns the number of bytes. */
function writeUtf8(text: string): number {
  if (buffer.length < text.length * 3) {
    buffer = new Uint8Array(text.length * 4);
    view = new DataView(buffer.buffer);
  }
  let at = 0;
  for (let index = 0; index < text.length; index += 1) {
    let code = text.charCodeAt(index);
    if (code < 0x80) {
      buffer[at++] = code;
      continue;
    }
    code = text.codePointAt(index) ?? 0xfffd;
    if (code > 0xffff) index += 1;
    if (code < 0x800) buffer[at++] = 0xc0 | (code >> 6);
    else {
      if (code < 0x10000) buffer[at++] = 0xe0 | (code >> 12);
      else {
        buffer[at++] = 0xf0 | (code >> 18);
        buffer[at++] = 0x80 | ((code >> 12) & 0x3f);
      }
      buffer[at++] = 0x80 | ((code >> 6) & 0x3f);
    }
    buffer[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}

function rotl(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

function fmix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** MurmurHash3_x86_128 with seed 0, over UTF-8 bytes. Not a defence against forgery. */
export function hashText(text: string): Hash128 {
  const length = writeUtf8(text);
  const blocks = length >>> 4;
  const c1 = 0x239b961b;
  const c2 = 0xab0e9789;
  const c3 = 0x38b34ae5;
  const c4 = 0xa1e38b93;
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  for (let block = 0; block < blocks; block += 1) {
    const at = block << 4;
    h1 ^= Math.imul(rotl(Math.imul(view.getUint32(at, true), c1), 15), c2);
    h1 = (Math.imul((rotl(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotl(Math.imul(view.getUint32(at + 4, true), c2), 16), c3);
    h2 = (Math.imul((rotl(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotl(Math.imul(view.getUint32(at + 8, true), c3), 17), c4);
    h3 = (Math.imul((rotl(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotl(Math.imul(view.getUint32(at + 12, true), c4), 18), c1);
    h4 = (Math.imul((rotl(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  const tail = new Int32Array(4);
  for (let at = length - 1; at >= blocks << 4; at -= 1) {
    const inTail = at & 15;
    const lane = inTail >>> 2;
    tail[lane] = (tail[lane] ?? 0) ^ ((buffer[at] ?? 0) << ((inTail & 3) << 3));
  }
  const [k1 = 0, k2 = 0, k3 = 0, k4 = 0] = tail;
  h4 ^= Math.imul(rotl(Math.imul(k4, c4), 18), c1);
  h3 ^= Math.imul(rotl(Math.imul(k3, c3), 17), c4);
  h2 ^= Math.imul(rotl(Math.imul(k2, c2), 16), c3);
  h1 ^= Math.imul(rotl(Math.imul(k1, c1), 15), c2);
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = fmix(h1);
  h2 = fmix(h2);
  h3 = fmix(h3);
  h4 = fmix(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  return [h1 >>> 0, h2 >>> 0, h3 >>> 0, h4 >>> 0];
}

export function hashRow(schema: TableSchema, row: Row): Hash128 {
  return hashText(encodeRow(schema, row));
}

/** `a + b` mod 2^128. */
export function addHash(a: Hash128, b: Hash128): Hash128 {
  const s0 = a[0] + b[0];
  const s1 = a[1] + b[1] + (s0 > 0xffffffff ? 1 : 0);
  const s2 = a[2] + b[2] + (s1 > 0xffffffff ? 1 : 0);
  const s3 = a[3] + b[3] + (s2 > 0xffffffff ? 1 : 0);
  return [s0 >>> 0, s1 >>> 0, s2 >>> 0, s3 >>> 0];
}

/** `a - b` mod 2^128. */
export function subtractHash(a: Hash128, b: Hash128): Hash128 {
  const d0 = a[0] - b[0];
  const d1 = a[1] - b[1] - (d0 < 0 ? 1 : 0);
  const d2 = a[2] - b[2] - (d1 < 0 ? 1 : 0);
  const d3 = a[3] - b[3] - (d2 < 0 ? 1 : 0);
  return [d0 >>> 0, d1 >>> 0, d2 >>> 0, d3 >>> 0];
}

/** 32 hex digits, most significant first. */
export function formatHash(hash: Hash128): string {
  return [hash[3], hash[2], hash[1], hash[0]]
    .map((lane) => lane.toString(16).padStart(8, '0'))
    .join('');
}

/** Sum over all records; `rows` lists a table's records. The slow way, to check the quick one. */
export function hashTables(rows: (schema: TableSchema) => Iterable<Row>): Hash128 {
  let sum: Hash128 = ZERO_HASH;
  for (const schema of TABLES) {
    for (const row of rows(schema)) sum = addHash(sum, hashRow(schema, row));
  }
  return sum;
}
