/**
 * Exact quantities in a lab file: physical addresses, byte sizes, page frame numbers, counts.
 *
 * A 56-bit address does not fit a double, so addresses and byte sizes are `bigint` everywhere
 * after parsing. PFNs and page counts stay `number`: 2^56 bytes are 2^44 pages.
 */
import { z } from 'zod';

/** Result of reading one quantity: the value, or what was expected instead. */
export type Read<T> = { ok: true; value: T } | { ok: false; expected: string };

const UNITS: Record<string, bigint> = {
  B: 1n,
  KiB: 1n << 10n,
  MiB: 1n << 20n,
  GiB: 1n << 30n,
  TiB: 1n << 40n,
  PiB: 1n << 50n,
};

const UNIT_NAMES = Object.keys(UNITS).join(', ');
const MAX_U64 = (1n << 64n) - 1n;

const ADDRESS_EXPECTED = 'an address: an integer from 0 to 2^64 - 1, hex (0x100000) or decimal';
const SIZE_EXPECTED = `a size in bytes: an integer, or a number with one of ${UNIT_NAMES} (1GiB)`;

function integer(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const digits = value.trim().replace(/(?<=[0-9a-f])_(?=[0-9a-f])/gi, '');
  if (digits.length > 40) return undefined;
  return /^(0x[0-9a-f]+|[0-9]+)$/i.test(digits) ? BigInt(digits.toLowerCase()) : undefined;
}

/** Reads a physical address in bytes: hex or decimal, number, bigint or text, at most 64 bits. */
export function readAddress(value: unknown): Read<bigint> {
  const address = integer(value);
  if (address === undefined || address < 0n || address > MAX_U64) {
    return { ok: false, expected: ADDRESS_EXPECTED };
  }
  return { ok: true, value: address };
}

/** Reads a size in bytes: a plain integer, or a number with a binary unit (`1GiB`, `256 KiB`, `1.5MiB`). */
export function readSize(value: unknown): Read<bigint> {
  const plain = integer(value);
  if (plain !== undefined) {
    return plain >= 0n && plain <= MAX_U64
      ? { ok: true, value: plain }
      : { ok: false, expected: SIZE_EXPECTED };
  }
  const match =
    typeof value === 'string'
      ? /^\s*(\d{1,20})(?:\.(\d{1,9}))?\s*(B|KiB|MiB|GiB|TiB|PiB)\s*$/.exec(value)
      : null;
  if (!match) return { ok: false, expected: SIZE_EXPECTED };
  const unit = UNITS[match[3] ?? 'B'] ?? 1n;
  const fraction = match[2] ?? '';
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt((match[1] ?? '0') + fraction) * unit;
  if (scaled % scale !== 0n || scaled / scale > MAX_U64) {
    return { ok: false, expected: `${SIZE_EXPECTED}, a whole number of bytes below 2^64` };
  }
  return { ok: true, value: scaled / scale };
}

/** Reads a count, PFN or id: an integer from 0 to 2^53 - 1. */
export function readCount(value: unknown): Read<number> {
  const count = integer(value);
  if (count === undefined || count < 0n || count > BigInt(Number.MAX_SAFE_INTEGER)) {
    return { ok: false, expected: 'an integer from 0 to 2^53 - 1' };
  }
  return { ok: true, value: Number(count) };
}

/** `0x` and lower-case hex digits, no padding. */
export function formatAddress(address: bigint): string {
  return `0x${address.toString(16)}`;
}

/** The shortest exact form: the largest binary unit that divides the size, else plain bytes. */
export function formatSize(bytes: bigint): string {
  for (const name of ['PiB', 'TiB', 'GiB', 'MiB', 'KiB']) {
    const unit = UNITS[name] ?? 1n;
    if (bytes !== 0n && bytes % unit === 0n) return `${bytes / unit}${name}`;
  }
  return bytes.toString();
}

function quantity<T>(read: (value: unknown) => Read<T>) {
  return z.any().transform((value, ctx): T => {
    const result = read(value);
    if (result.ok) return result.value;
    ctx.issues.push({
      code: 'custom',
      message: result.expected,
      input: value,
      params: { expected: result.expected },
    });
    return z.NEVER;
  });
}

/** A physical address in bytes (`bigint`). */
export const address = quantity(readAddress).meta({
  id: 'address',
  unit: 'bytes',
  description: 'A physical address in bytes, hex or decimal',
  anyOf: [
    { type: 'integer', minimum: 0 },
    { type: 'string', pattern: '^(0x[0-9a-fA-F_]+|[0-9_]+)$' },
  ],
});

/** A size in bytes (`bigint`), plain or with a binary unit. */
export const size = quantity(readSize).meta({
  id: 'size',
  unit: 'bytes',
  description: 'A size in bytes, plain or with a binary unit (1GiB)',
  anyOf: [
    { type: 'integer', minimum: 0 },
    {
      type: 'string',
      pattern: '^(0x[0-9a-fA-F_]+|[0-9_]+|[0-9]+(\\.[0-9]+)?\\s*(B|KiB|MiB|GiB|TiB|PiB))$',
    },
  ],
});

/** A count or an id (`number`). */
export const count = quantity(readCount).meta({
  id: 'count',
  description: 'A count, an id or a page frame number',
  anyOf: [
    { type: 'integer', minimum: 0 },
    { type: 'string', pattern: '^(0x[0-9a-fA-F_]+|[0-9_]+)$' },
  ],
});

/** A page frame number (`number`). */
export const pfn = count.meta({ id: 'pfn', unit: 'PFN', description: 'A page frame number' });

/** A number of base pages (`number`). */
export const pages = count.meta({ id: 'pages', unit: 'pages', description: 'A number of pages' });

/** Bits of a word that fits a double (`number`). */
export const bits = count.meta({ id: 'bits', description: 'Bits, hex or decimal' });

/** A map of up to 64 bits (`bigint`). */
export const bitmap = address.meta({
  id: 'bitmap',
  unit: '',
  description: 'A map of bits, hex or decimal',
});
