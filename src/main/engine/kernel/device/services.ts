import { argumentReader } from '../../../../shared/plugins/arguments.ts';
import type { ArgsOf, Declarations, ResultOf } from '../../../../shared/plugins/declaration.ts';
import type { Value } from '../../../../shared/world/value.ts';
import {
  call,
  type Effect,
  type Failure,
  type KernelFunction,
  type Outcome,
} from '../../core/world/operation.ts';
import type { DeviceFacts, ServiceNames } from './model.ts';

/** What a kernel function gives, without its failures. */
type Given<R> = Exclude<R, Failure>;

/** The kernel function behind a service; `A` and `S` are what its declaration says. */
export interface Binding<A, S> {
  /** `file:function`, as its step cites it. */
  readonly source: string;
  /** Asks for the function with checked arguments; a text says what is wrong with them. */
  readonly request: (args: A, device: DeviceFacts) => Iterable<Effect, unknown, unknown> | string;
  /** What the driver sees of a result that is no failure. */
  readonly seen: (result: never) => S;
}

type Params<A, P> = (args: A, device: DeviceFacts) => P | string;

/** The arguments as they are. */
export const asGiven = <A>(args: A): A => args;

/** Binds a service whose function takes and gives what the service does. */
export function serve<A, S>(fn: KernelFunction<A, Outcome<S>>): Binding<A, S>;
/** Binds a service whose function gives what the service returns. */
export function serve<A, P, S>(
  fn: KernelFunction<P, Outcome<S>>,
  params: Params<A, P>,
): Binding<A, S>;
/** Binds a service that shows a part of what its function gives. */
export function serve<A, P, R, S>(
  fn: KernelFunction<P, R>,
  params: Params<A, P>,
  seen: (result: Given<R>) => S,
): Binding<A, S>;
export function serve(
  fn: KernelFunction<unknown, unknown>,
  params: Params<never, unknown> = asGiven,
  seen: (result: never) => unknown = asGiven,
): Binding<never, unknown> {
  return {
    source: fn.source,
    request: (args, device) => {
      const given = params(args, device);
      return typeof given === 'string' ? given : call(fn, given);
    },
    seen,
  };
}

/** One binding for each declared service, under its name. */
export type Bindings<D extends Declarations> = {
  readonly [N in keyof D]: Binding<ArgsOf<D[N]>, ResultOf<D[N]>>;
};

/** A kernel function that a driver, and so a hardware model, may call: `k.memremap_pages({ ... })`. */
export interface DriverService extends ServiceNames {
  readonly source: string;
  readonly request: (
    given: Value,
    device: DeviceFacts,
  ) => Iterable<Effect, unknown, unknown> | string;
  readonly seen: (result: unknown) => Value | undefined;
}

export type ServiceTable = ReadonlyMap<string, DriverService>;

/** The services of one subject: what is declared, bound to the engine's functions. */
export function driverServices<D extends Declarations>(
  declared: D,
  bound: Bindings<D>,
): readonly DriverService[] {
  const bindings: Readonly<Record<string, Binding<never, unknown>>> = bound;
  return Object.entries(declared).map(([name, { args }]) => {
    const { source, request, seen } = bindings[name] as Binding<never, Value | undefined>;
    let read: ReturnType<typeof argumentReader> | undefined;
    return {
      name,
      args: Object.keys(args.shape),
      source,
      request: (given, device) => {
        read ??= argumentReader(name, args);
        const checked = read(given);
        if (typeof checked === 'string') return checked;
        const asked = request(checked as never, device);
        return typeof asked === 'string' ? `${name}: ${asked}` : asked;
      },
      seen: (result) => seen(result as never),
    };
  });
}

export function serviceTable(services: readonly DriverService[]): ServiceTable {
  return new Map(services.map((service) => [service.name, service]));
}
