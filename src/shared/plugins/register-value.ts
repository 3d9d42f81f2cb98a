/** What the registers of a model can hold. */
import type { Value } from '../world/value.ts';
import { exactU64 } from './exact-u64.ts';
import type { RegisterType } from './model.ts';

/** Structured register values are small: a record of an info block, not a disk image. */
const MAX_JSON_NODES = 512;
const MAX_TEXT = 1024;

const WIDTH: Partial<Record<RegisterType, number>> = { bytes: 8, u8: 8, u16: 16, u32: 32 };

/** What a register of this type takes, where a value is none of it. */
export function wantedOf(type: RegisterType, value: Value): string | undefined {
  const bits = WIDTH[type];
  if (bits !== undefined) {
    const fits = Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** bits;
    return fits ? undefined : `an integer from 0 to ${2 ** bits - 1}`;
  }
  switch (type) {
    case 'u64': {
      const fits = typeof value === 'bigint' && value >= 0n && value < 1n << 64n;
      return fits ? undefined : 'a bigint from 0n to 2n ** 64n - 1n';
    }
    case 'flag':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'text': {
      const fits = typeof value === 'string' && value.length <= MAX_TEXT;
      return fits ? undefined : `a text of at most ${MAX_TEXT} characters`;
    }
    default:
      return nodesOf(value) <= MAX_JSON_NODES
        ? undefined
        : `a record of at most ${MAX_JSON_NODES} values`;
  }
}

/** Values in a record; a long text counts as several. */
function nodesOf(value: Value): number {
  if (typeof value === 'string') return 1 + Math.floor(value.length / 64);
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const item of Object.values(value)) count += nodesOf(item as Value);
  return count;
}

const RESETS: Readonly<Record<RegisterType, Value>> = {
  bytes: 0,
  u8: 0,
  u16: 0,
  u32: 0,
  u64: 0n,
  flag: false,
  text: '',
  json: null,
};

/** What a register holds that nobody has written: as a manifest says it, or its type's nothing. */
export function resetValue(type: RegisterType, given: Value | undefined): Value {
  if (given === undefined) return RESETS[type];
  // JSON has no bigint.
  return type === 'u64' ? exactU64(given) : given;
}

/** What the reset value of a manifest should be, where it is none. */
export function wantedReset(type: RegisterType, given: Value): string | undefined {
  const wanted = wantedOf(type, resetValue(type, given));
  if (wanted === undefined) return undefined;
  return type === 'u64' ? `an integer from 0 to ${Number.MAX_SAFE_INTEGER}` : wanted;
}
