import type { Kernel } from '../../core/facts.ts';
import { fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { complete, initCompletion } from '../../core/world/sync.ts';
import { driverCallback } from './callback.ts';

/** A piece of work of a device's own engine. */
export interface EngineWork {
  readonly device: string;
  /** Which of the device's engines. */
  readonly engine: string;
  /** What the model calls this work. */
  readonly work: number;
}

const keyOf = ({ device, engine, work }: EngineWork): string => `${device}.${engine}/${work}`;

/** The engine itself: it works beside all CPUs, as an actor of its own. */
const device_engine = operation<EngineWork, Outcome<void>>(
  'device_engine',
  'plugins/services/engine.d.ts:device_engine_start',
  function* (k, job) {
    k.world.remove('engine_work', keyOf(job));
    const { device, ...what } = job;
    const done = yield* driverCallback(k, device, 'engine', { ...what });
    return failed(done) ? done : undefined;
  },
  { basis: 'model' },
);

/**
 * Hands work to an engine of the device, which does it by itself from now on: as the actor
 * `DEVICE.ENGINE`. -EBUSY where it has that work already.
 */
export const device_engine_start = leaf<EngineWork, Outcome<void>>(
  'device_engine_start',
  'plugins/services/engine.d.ts:device_engine_start',
  (k, job) => {
    const id = keyOf(job);
    if (k.world.get('engine_work', id)) return fail('EBUSY', `${id} waits already`);
    k.world.put('engine_work', { id, ...job });
    k.start(`${job.device}.${job.engine}`, device_engine, job);
    return undefined;
  },
  { basis: 'model' },
);

/** request_irq(): the driver's handler of an interrupt; -EBUSY where another has it. */
export const request_irq = leaf<{ irq: number; device: string; name: string }, Outcome<void>>(
  'request_irq',
  'include/linux/interrupt.h:request_irq',
  (k, { irq, device, name }) => {
    if (k.world.get('irqs', irq))
      return fail('EBUSY', `irq ${irq} has a handler, and is not shared`);
    k.world.put('irqs', { irq, device, name, count: 0 });
    return undefined;
  },
);

/** free_irq(): no handler any more. */
export const free_irq = leaf<{ irq: number }, void>(
  'free_irq',
  'kernel/irq/manage.c:free_irq',
  (k, { irq }) => {
    if (k.world.get('irqs', irq)) k.world.remove('irqs', irq);
    else k.printk('warn', `Trying to free already-free IRQ ${irq}`);
  },
);

/** handle_irq_event(): the handler runs, on a CPU, beside what tasks do. */
const handle_irq_event = operation<{ irq: number }, Outcome<void>>(
  'handle_irq_event',
  'kernel/irq/handle.c:handle_irq_event',
  function* (k, { irq }) {
    const row = k.world.get('irqs', irq);
    if (!row) {
      k.printk('emerg', `irq ${irq}: nobody cared`);
      return undefined;
    }
    k.world.patch('irqs', irq, { count: row.count + 1 });
    const done = yield* driverCallback(k, row.device, 'irq_handler', { irq });
    return failed(done) ? done : undefined;
  },
);

/** The device raises its interrupt: the handler runs as the actor `irq/N`. */
export const generic_handle_irq = leaf<{ irq: number }, Outcome<void>>(
  'generic_handle_irq',
  'kernel/irq/irqdesc.c:generic_handle_irq',
  (k, { irq }) => {
    if (!k.world.get('irqs', irq)) return fail('EINVAL', `irq ${irq} has no handler`);
    k.start(`irq/${irq}`, handle_irq_event, { irq });
    return undefined;
  },
);

/** A completion of a device's driver, by its name. */
export interface CompletionName {
  readonly completion: string;
}

/** init_completion(), and reinit_completion() of one that is there: nobody has completed it. */
export const init_completion = leaf<CompletionName, void>(
  'init_completion',
  'include/linux/completion.h:init_completion',
  (k: Kernel, { completion }) => initCompletion(k.world, completion),
);

/** complete_all(): everybody who waits for it may go on. */
export const complete_all = leaf<CompletionName, Outcome<void>>(
  'complete_all',
  'kernel/sched/completion.c:complete_all',
  (k, { completion }) => {
    if (!k.world.get('completions', completion))
      return fail('EINVAL', `no completion ${completion}`);
    complete(k.world, completion);
    return undefined;
  },
);
