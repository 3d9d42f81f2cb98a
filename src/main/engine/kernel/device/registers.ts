import type { Value } from '../../../../shared/world/value.ts';
import type { World } from '../../core/world/world.ts';
import type { RegisterType } from '../../../../shared/plugins/model.ts';
import { exactU64 } from '../../../../shared/plugins/exact-u64.ts';
import { RegisterFault, type RegisterSpec } from './model.ts';

/** Structured register values are small: a record of an info block, not a disk image. */
const MAX_JSON_NODES = 512;
const MAX_TEXT = 1024;

/** Key of a register in the world's table: `nvdimm0/align`, `nvdimm0/labels/17`. */
function registerKey(device: string, spec: RegisterSpec, index: number): string {
  return spec.count === 1 ? `${device}/${spec.id}` : `${device}/${spec.id}/${index}`;
}

function misplaced(spec: RegisterSpec, index: number): RegisterFault | undefined {
  if (Number.isInteger(index) && index >= 0 && index < spec.count) return undefined;
  return new RegisterFault(
    `register ${spec.id} has no index ${index}: it has ${spec.count === 1 ? 'only 0' : `0 to ${spec.count - 1}`}`,
  );
}

/** The value of a register: what was last written, else its reset value. */
export function readRegister(
  world: World,
  device: string,
  spec: RegisterSpec,
  index: number,
): Value | RegisterFault {
  const fault = misplaced(spec, index);
  if (fault) return fault;
  return world.get('registers', registerKey(device, spec, index))?.value ?? spec.reset;
}

/**
 * Writes a register through the journal. Writing the reset value removes the record. A number stands
 * for the bigint of a u64 where it is exact.
 */
export function writeRegister(
  world: World,
  device: string,
  spec: RegisterSpec,
  index: number,
  given: Value,
): RegisterFault | undefined {
  const value = spec.type === 'u64' ? exactU64(given) : given;
  const fault = misplaced(spec, index) ?? mistyped(spec, value);
  if (fault) return fault;
  const key = registerKey(device, spec, index);
  const old = world.get('registers', key);
  if (sameValue(value, spec.reset)) {
    if (old) world.remove('registers', key);
  } else if (!old || !sameValue(old.value, value)) {
    world.put('registers', { key, device, name: spec.id, index, value });
  }
  return undefined;
}

const WIDTH: Partial<Record<RegisterType, number>> = { bytes: 8, u8: 8, u16: 16, u32: 32 };

/** What is wrong with a value for this register, if anything. */
export function mistyped(spec: RegisterSpec, value: Value): RegisterFault | undefined {
  const { type } = spec;
  const bits = WIDTH[type];
  if (bits !== undefined) {
    if (Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** bits)
      return undefined;
    return refuse(spec, `an integer from 0 to ${2 ** bits - 1}`, value);
  }
  switch (type) {
    case 'u64':
      if (typeof value === 'bigint' && value >= 0n && value < 1n << 64n) return undefined;
      return refuse(spec, 'a bigint from 0n to 2n ** 64n - 1n', value);
    case 'flag':
      return typeof value === 'boolean' ? undefined : refuse(spec, 'true or false', value);
    case 'text':
      if (typeof value === 'string' && value.length <= MAX_TEXT) return undefined;
      return refuse(spec, `a text of at most ${MAX_TEXT} characters`, value);
    default:
      if (nodesOf(value) <= MAX_JSON_NODES) return undefined;
      return refuse(spec, `a record of at most ${MAX_JSON_NODES} values`, value);
  }
}

function refuse(spec: RegisterSpec, wanted: string, value: Value): RegisterFault {
  const got = typeof value === 'object' ? (value === null ? 'null' : 'a record') : String(value);
  return new RegisterFault(`register ${spec.id} takes ${wanted}, not ${got.slice(0, 60)}`);
}

/** Values in a record; a long text counts as several. */
function nodesOf(value: Value): number {
  if (typeof value === 'string') return 1 + Math.floor(value.length / 64);
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const item of Object.values(value)) count += nodesOf(item as Value);
  return count;
}

/** The reset value of the register that a key such as `align` or `labels/17` means. */
export function resetOf(specs: ReadonlyMap<string, RegisterSpec>, key: string): Value | undefined {
  const [name = '', index = '0'] = key.split('/');
  const spec = specs.get(name);
  return spec && !misplaced(spec, Number(index)) ? spec.reset : undefined;
}

/** Equal values, whatever the order of their fields. */
export function sameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a);
  if (left.length !== Object.keys(b).length) return false;
  return left.every(([key, value]) => {
    const other = (b as Record<string, Value>)[key];
    return other !== undefined && sameValue(value as Value, other);
  });
}
