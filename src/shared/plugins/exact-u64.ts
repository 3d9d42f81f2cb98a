import type { Value } from '../world/value.ts';

/** A number that is meant where a u64 is due, as the bigint it exactly is; any other value as it is. */
export function exactU64(value: Value): Value {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? BigInt(value)
    : value;
}
