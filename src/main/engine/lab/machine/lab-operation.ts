import type { Args } from '../../../../shared/world/value.ts';
import type { Kernel } from '../../core/facts.ts';
import {
  failed,
  operation,
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { readArguments, type Values } from './op-arguments.ts';

type Fields = Parameters<typeof readArguments>[1];

/** An operation of the lab: reads its arguments, then calls the kernel. */
export function labOperation<F extends Fields, R>(
  name: string,
  fields: F,
  body: (k: Kernel, values: Values<F>) => Operation<Outcome<R>>,
): KernelFunction<never, unknown> {
  const fn = operation<Args, Outcome<R>>(
    name,
    `lab:${name}`,
    function* (k, args) {
      const values = readArguments(args, fields);
      return failed(values) ? values : yield* body(k, values);
    },
    { basis: 'model', kind: 'user', show: (args) => args },
  );
  return fn as unknown as KernelFunction<never, unknown>;
}
