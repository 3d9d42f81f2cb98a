import type { Value } from '../../../../shared/world/value.ts';
import type { World } from '../../core/world/world.ts';
import { exactU64 } from '../../../../shared/plugins/exact-u64.ts';
import { wantedOf } from '../../../../shared/plugins/register-value.ts';
import { RegisterFault, type RegisterSpec } from './model.ts';

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

/** What is wrong with a value for this register, if anything. */
export function mistyped(spec: RegisterSpec, value: Value): RegisterFault | undefined {
  const wanted = wantedOf(spec.type, value);
  return wanted === undefined ? undefined : refuse(spec, wanted, value);
}

function refuse(spec: RegisterSpec, wanted: string, value: Value): RegisterFault {
  const got = typeof value === 'object' ? (value === null ? 'null' : 'a record') : String(value);
  return new RegisterFault(`register ${spec.id} takes ${wanted}, not ${got.slice(0, 60)}`);
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
