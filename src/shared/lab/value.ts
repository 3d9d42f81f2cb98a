/** Free-form values: device configuration, operation arguments, kernel configuration. */
import { z } from 'zod';

/**
 * A value whose meaning belongs to a device model or an operation. Integers up to 2^53 - 1 are
 * `number`, larger ones `bigint`, so no digit is lost and small ones stay plain.
 */
export type Value = string | number | bigint | boolean | null | Value[] | ValueMap;

/** Named values, in the order they were written. */
export type ValueMap = { [key: string]: Value };

/** Narrows integers to `number` where they fit; drops what YAML cannot have written. */
export function toValue(input: unknown): Value {
  if (typeof input === 'bigint') {
    const fits =
      input <= BigInt(Number.MAX_SAFE_INTEGER) && input >= -BigInt(Number.MAX_SAFE_INTEGER);
    return fits ? Number(input) : input;
  }
  if (Array.isArray(input)) return input.map(toValue);
  if (typeof input === 'object' && input !== null) return toValueMap(input);
  if (typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean')
    return input;
  return null;
}

/** The same for a map. `__proto__` is a key like any other, never a prototype. */
export function toValueMap(input: object): ValueMap {
  return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, toValue(value)]));
}

/** True for a map as YAML gives it (not a list, not null). */
export function isMap(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

/** Any value; read into {@link Value}. */
export const value = z
  .any()
  .transform((input): Value => toValue(input))
  .meta({ id: 'value', description: 'A value whose meaning belongs to the model or operation' });

/** A map of any values. */
export const valueMap = z
  .record(z.string(), z.any())
  .transform((input): ValueMap => toValueMap(input))
  .meta({ id: 'values', description: 'Values by name', type: 'object' });
