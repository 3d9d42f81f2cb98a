import {
  OPERATIONS,
  type ArgumentsOf,
  type OperationName,
  type ResultOf,
} from '../../../../shared/lab/operations/operations.ts';
import type { Args } from '../../../../shared/world/value.ts';
import type { Kernel } from '../../core/facts.ts';
import {
  operation,
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';

/** What a declared operation does, with the arguments and the result that its declaration says. */
type Body<N extends OperationName> = (
  k: Kernel,
  args: ArgumentsOf[N],
) => Operation<Outcome<ResultOf[N]>>;

/** Bodies of some operations; one without the other does not compile. */
export type Bodies<N extends OperationName> = { readonly [K in N]: Body<K> };

/** Operations that are more than one function of the kernel, which `boot` is not. */
export type BodyName = Exclude<OperationName, 'boot'>;

/** An operation as a task runs it: arguments as the lab wrote them, checked when it was read. */
export function labOperation<N extends BodyName>(
  name: N,
  bodies: Bodies<BodyName>,
): KernelFunction<Args, unknown> {
  return operation<Args, unknown>(
    name,
    `lab:${name}`,
    function* (k, written) {
      return yield* bodies[name](k, OPERATIONS[name].args.parse(written) as ArgumentsOf[N]);
    },
    { basis: 'model', kind: 'user' },
  );
}
