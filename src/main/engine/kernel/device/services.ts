import type { Args, Value } from '../../../../shared/world/value.ts';
import { shownResult, type KernelFunction } from '../../core/world/operation.ts';
import type { DeviceFacts } from './model.ts';

/**
 * What an argument of a service may be; a question mark makes it optional.
 * - `address`: bigint, bytes - `pfn`, `count`: number - `record`: a record of more values
 */
export type ArgKind = 'address' | 'count' | 'text' | 'flag' | 'record' | 'list';
export type ArgSpec = Readonly<Record<string, ArgKind | `${ArgKind}?`>>;

/** A kernel function that a driver, and so a hardware model, may call. */
export interface DriverService {
  /** The kernel's name, as models call it: `k.memremap_pages({ ... })`. */
  readonly name: string;
  readonly args: ArgSpec;
  readonly fn: KernelFunction<never, unknown>;
  /** The function's parameters from checked arguments; a text says what is wrong with them. */
  readonly params: (args: Args, device: DeviceFacts) => unknown;
  /** What the driver sees of the result; by default scalars as they are. */
  readonly result?: (value: unknown) => Value | undefined;
}

/** Declares a service with the types of its function checked. */
export function driverService<P, R>(
  name: string,
  args: ArgSpec,
  fn: KernelFunction<P, R>,
  params: (args: Args, device: DeviceFacts) => P | string,
  result?: (value: R) => Value | undefined,
): DriverService {
  return {
    name,
    args,
    fn: fn as unknown as KernelFunction<never, unknown>,
    params,
    ...(result ? { result: result as (value: unknown) => Value | undefined } : {}),
  };
}

export type ServiceTable = ReadonlyMap<string, DriverService>;

export function serviceTable(services: readonly DriverService[]): ServiceTable {
  return new Map(services.map((service) => [service.name, service]));
}

/** The service's view of a result, in a form a model can hold. */
export function resultFor(service: DriverService, value: unknown): Value | undefined {
  return service.result ? service.result(value) : shownResult(value);
}

const WANTED: Record<ArgKind, { readonly is: (value: Value) => boolean; readonly text: string }> = {
  address: {
    is: (v) => typeof v === 'bigint' && v >= 0n && v < 1n << 64n,
    text: 'an address in bytes (bigint)',
  },
  count: { is: (v) => Number.isSafeInteger(v), text: 'an integer (number)' },
  text: { is: (v) => typeof v === 'string', text: 'a text' },
  flag: { is: (v) => typeof v === 'boolean', text: 'true or false' },
  record: { is: (v) => typeof v === 'object' && v !== null && !Array.isArray(v), text: 'a record' },
  list: { is: (v) => Array.isArray(v), text: 'a list' },
};

interface CheckedArg {
  readonly name: string;
  readonly optional: boolean;
  readonly wanted: (typeof WANTED)[ArgKind];
}

const checks = new WeakMap<ArgSpec, readonly CheckedArg[]>();

function checksOf(spec: ArgSpec): readonly CheckedArg[] {
  let found = checks.get(spec);
  if (!found) {
    found = Object.entries(spec).map(([name, kind]) => {
      const optional = kind.endsWith('?');
      return { name, optional, wanted: WANTED[(optional ? kind.slice(0, -1) : kind) as ArgKind] };
    });
    checks.set(spec, found);
  }
  return found;
}

/** One sentence about the first argument that is missing, unknown or of the wrong kind. */
export function argumentFault(where: string, spec: ArgSpec, given: Value): string | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return `${where} takes one record of arguments`;
  }
  const args = given as Args;
  for (const { name, optional, wanted } of checksOf(spec)) {
    const value = args[name];
    if (value === undefined || value === null) {
      if (!optional) return `${where}: ${name} is missing; it takes ${wanted.text}`;
    } else if (!wanted.is(value)) return `${where}: ${name} takes ${wanted.text}`;
  }
  for (const name in args) {
    if (!(name in spec)) {
      return `${where} has no argument ${name}; it takes ${Object.keys(spec).join(', ')}`;
    }
  }
  return undefined;
}
