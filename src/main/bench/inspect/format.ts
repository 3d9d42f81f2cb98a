import type { Field } from '../../../shared/world/field.ts';
import type { Args, Value } from '../../../shared/world/value.ts';

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/** Lower-case hex with 0x. */
export function hex(value: number | bigint): string {
  return value < 0 ? `\u2212${hex(-value)}` : `0x${value.toString(16)}`;
}

/** A signed decimal with a true minus. */
export function decimal(value: number | bigint): string {
  return String(value).replace('-', '\u2212');
}

/** `-ERRNO` as the screen writes it. */
export function errnoText(errno: string): string {
  return `\u2212${errno}`;
}

/** Bytes in binary units where those are exact and short; else whole pages, else bytes. */
export function bytesText(bytes: bigint): string {
  if (bytes < 1024n) return `${bytes} B`;
  let value = bytes;
  let unit = -1;
  while (value % 1024n === 0n && value >= 1024n && unit < UNITS.length - 1) {
    value /= 1024n;
    unit += 1;
  }
  if (unit >= 0 && value <= 9_999n) return `${value} ${UNITS[unit]}`;
  return bytes % 4096n === 0n ? `${bytes >> 12n} pages` : `${bytes} B`;
}

const HEX_NAMES =
  /pfn|phys|addr|^start$|^end$|^base|flags|_map$|word|^section_mem_map$|^va$|^at$|pgoff/;
const BYTES_NAMES = /^(size|len|length|bytes)$/;

/** A field's value as its kind asks for. */
export function fieldText(
  name: string,
  field: Field | undefined,
  value: Value | undefined,
): string {
  const integer = typeof value === 'bigint' || typeof value === 'number';
  if (integer && field?.format === 'hex') return hex(value);
  if (integer && field?.format === 'decimal') return decimal(value);
  if (typeof value === 'bigint' && field?.format === 'bytes') return bytesText(value);
  const { item, fields } = field ?? {};
  if (item && Array.isArray(value)) {
    return `[${value.map((one: Value) => fieldText(name, item, one)).join(', ')}]`;
  }
  if (!fields || typeof value !== 'object' || value === null) return valueText(name, value);
  const parts = Object.entries(value as Args);
  return `{ ${parts.map(([key, one]) => `${key}: ${fieldText(key, fields[key], one)}`).join(', ')} }`;
}

/**
 * A value of which only the name is known, as a step's argument: PFNs and addresses hex, counts
 * decimal. Bytes are bigints throughout the engine, so a size that is a number counts pages.
 */
export function valueText(name: string, value: Value | undefined): string {
  if (value === undefined) return '';
  if (value === null) return 'NULL';
  switch (typeof value) {
    case 'bigint':
      return BYTES_NAMES.test(name) ? bytesText(value) : hex(value);
    case 'number':
      return HEX_NAMES.test(name) ? hex(value) : decimal(value);
    case 'boolean':
      return value ? 'yes' : 'no';
    case 'string':
      return value;
    default:
      if (Array.isArray(value)) return `[${value.map((item) => valueText(name, item)).join(', ')}]`;
      return `{ ${Object.entries(value as Args)
        .map(([key, item]) => `${key}: ${valueText(key, item)}`)
        .join(', ')} }`;
  }
}

/** Arguments as a row shows them: values only, in order. */
export function argsText(args: Args): string {
  const parts = Object.entries(args)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => (isShort(value) ? valueText(name, value) : name));
  return `(${parts.join(', ')})`;
}

function isShort(value: Value): boolean {
  return value === null || typeof value !== 'object';
}
