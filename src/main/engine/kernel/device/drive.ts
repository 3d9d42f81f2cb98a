import type { Args, Value } from '../../../../shared/world/value.ts';
import type { Kernel } from '../../core/facts.ts';
import {
  call,
  fail,
  failed,
  operation,
  type Covers,
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import type { PluginSession, SessionEvent, SessionInput } from './model.ts';
import type { Device } from './devices.ts';

/** What a model's action or callback comes to: its value, or the errno a driver would return. */
export type ModelOutcome = Outcome<Value | undefined>;

interface Inside {
  readonly session: PluginSession;
  readonly device: Device;
  readonly shown: Args;
}

/**
 * The kernel function for an action or callback of one device; its steps are `kind: plugin`.
 * `name` is what the step shows: callbacks had other names in older kernels.
 */
export function modelFunction(
  device: Device,
  entry: string,
  kind: 'action' | 'callback',
  name = entry,
): KernelFunction<Args, ModelOutcome> {
  return operation<Args, ModelOutcome>(
    name,
    `${device.model.origin.id}:${entry}`,
    function* (k, args) {
      const session = device.instance().start(entry, kind, args, device.hostFor(k));
      const outcome = yield* pump(k, { session, device, shown: args }, { kind: 'start' });
      session.drop();
      return outcome;
    },
    {
      kind: 'plugin',
      basis: 'model',
      show: (args) => ({ device: device.facts.id, ...args }),
      covers: kind === 'callback' ? coveredPages : undefined,
    },
  );
}

/** A callback for a run of folios: `pfn`, `end` and `order` say how many calls it stands for. */
function coveredPages({ pfn, end, order }: Args): Covers | undefined {
  if (typeof pfn !== 'number' || typeof end !== 'number' || typeof order !== 'number') {
    return undefined;
  }
  return { count: (end - pfn) / 2 ** order, range: { start: pfn, end, unit: 'pfn' } };
}

/** Runs one frame of a session to its end; what it asks for runs as steps of the same actor. */
function* pump(k: Kernel, inside: Inside, first: SessionInput): Operation<ModelOutcome> {
  const { session, device } = inside;
  let input = first;
  for (;;) {
    const event: SessionEvent = session.next(input);
    switch (event.kind) {
      case 'request': {
        const service = device.services.get(event.service);
        if (!service) return trapped(k, device, `there is no service ${event.service}`);
        const asked = service.request(event.args, device.facts);
        if (typeof asked === 'string') return trapped(k, device, asked);
        const result = yield* asked;
        input = failed(result)
          ? { kind: 'failed', errno: result.errno, check: result.check }
          : { kind: 'result', value: service.seen(result) };
        break;
      }
      case 'enter':
        if (!fits(event.fn) || !fits(event.source)) {
          return trapped(
            k,
            device,
            'a kernel function has a name and a source of 1 to 128 characters',
          );
        }
        yield* call(frameFunction(event), { session, device, shown: event.args });
        input = { kind: 'continue' };
        break;
      case 'leave':
      case 'done':
        return 'errno' in event ? fail(event.errno, event.check) : event.value;
      case 'trap':
        return trapped(k, device, event.message);
    }
  }
}

/** A mistake of the model ends its frames with -EIO, as an error of a driver would. */
function trapped(k: Kernel, device: Device, message: string): ModelOutcome {
  device.recycle(message);
  k.note(`${device.model.id} model: ${message}`);
  return fail('EIO', message);
}

const fits = (text: string): boolean => text.length > 0 && text.length <= 128;

const KEPT_FRAMES = 4096;

/**
 * One function object for each name a model declares, so that a frame costs no new closures: a memo
 * of immutable values by their own name.
 */
// eslint-disable-next-line pfnlab/module-state
const frames = new Map<string, KernelFunction<Inside, ModelOutcome>>();

function frameFunction({
  fn,
  source,
  basis,
}: SessionEvent & { kind: 'enter' }): KernelFunction<Inside, ModelOutcome> {
  const key = `${basis} ${source}:${fn}`;
  let found = frames.get(key);
  if (!found) {
    found = operation<Inside, ModelOutcome>(
      fn,
      `${source}:${fn}`,
      (k, inside) => pump(k, inside, { kind: 'continue' }),
      { kind: 'plugin', basis, show: ({ shown }) => shown },
    );
    if (frames.size < KEPT_FRAMES) frames.set(key, found);
  }
  return found;
}
