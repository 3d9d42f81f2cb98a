import type { Kernel } from '../../core/facts.ts';
import { newMm } from '../mm/mm-struct.ts';
import { MM_SPAN, positionsOf, spaceOf } from '../mm/position.ts';
import { fail, leaf, operation, sleepOn, type Outcome } from '../../core/world/operation.ts';
import { dropUnused, invalidationQueue, isInvalidating } from './subscriptions.ts';

const SOURCE = 'mm/mmu_notifier.c';

/** What a driver registers: `start` and `size` in bytes, size 0: to the end of the address space. */
export interface IntervalInsert {
  readonly device: string;
  readonly mm: string;
  readonly start: bigint;
  readonly size: bigint;
  /** Whether it gets a page table of its own, which the window shows beside the CPU's. */
  readonly page_table: boolean;
}

/** Where a notifier and its page table are found: one name for both. */
export interface Registered {
  readonly notifier: string;
}

function nameFor(k: Kernel, device: string, mm: string): string {
  const name = `${device}:${mm}`;
  let id = name;
  for (let n = 2; k.world.get('mmu_interval_notifiers', id); n += 1) id = `${name}#${n}`;
  return id;
}

/**
 * mmu_interval_notifier_insert(): from now on the driver's `invalidate` is called before entries of
 * the range change. A notifier that comes while another invalidation runs is added at once here;
 * its sequence makes readers wait for the end of it, as the kernel's deferred list does.
 */
export const mmu_interval_notifier_insert = leaf<IntervalInsert, Outcome<Registered>>(
  (k) => (k.facts.era.get('hmm_mirror') ? 'hmm_mirror_register' : 'mmu_interval_notifier_insert'),
  `${SOURCE}:mmu_interval_notifier_insert`,
  (k, { device, mm: id, start, size, page_table }) => {
    const mm = k.world.get('mms', id);
    if (!mm) return fail('EINVAL', `no address space ${id}`);
    const space = spaceOf(mm);
    const range =
      size === 0n
        ? { start: positionsOf(k, mm, start, 1n).start, end: space.end }
        : positionsOf(k, mm, start, size);
    if (range.end > space.end) return fail('EOVERFLOW', 'check_add_overflow(start, length - 1)');
    const name = nameFor(k, device, id);
    const pt = page_table ? `dmirror:${name}` : '';
    if (page_table && !newMm(k, pt)) return fail('ENOMEM', 'model: too many address spaces');
    let there = k.world.get('notifier_subscriptions', id);
    if (!there) {
      there = { mm: id, invalidate_seq: 2, active_invalidate_ranges: 0 };
      k.world.put('notifier_subscriptions', there);
    }
    k.world.put('mmu_interval_notifiers', {
      id: name,
      mm: id,
      device,
      ...range,
      invalidate_seq: isInvalidating(there) ? there.invalidate_seq : there.invalidate_seq - 1,
      pt,
    });
    k.world.patch('mms', id, { notifiers: [...mm.notifiers, name] });
    return { notifier: name };
  },
);

/** mmu_interval_notifier_remove(): waits out an invalidation that may still call the driver. */
export const mmu_interval_notifier_remove = operation<{ notifier: string }, Outcome<void>>(
  (k) => (k.facts.era.get('hmm_mirror') ? 'hmm_mirror_unregister' : 'mmu_interval_notifier_remove'),
  `${SOURCE}:mmu_interval_notifier_remove`,
  function* (k, { notifier }) {
    const row = k.world.get('mmu_interval_notifiers', notifier);
    if (!row) return fail('EINVAL', `no notifier ${notifier}`);
    for (;;) {
      const there = k.world.get('notifier_subscriptions', row.mm);
      if (!there || !isInvalidating(there)) break;
      yield* sleepOn(invalidationQueue(row.mm));
    }
    k.world.remove('mmu_interval_notifiers', notifier);
    const mm = k.world.get('mms', row.mm);
    if (mm) {
      const notifiers = mm.notifiers.filter((name) => name !== notifier);
      k.world.patch('mms', row.mm, { notifiers });
    }
    dropUnused(k, row.mm);
    const table = row.pt === '' ? undefined : k.world.get('mms', row.pt);
    if (table) {
      const { start, end } = spaceOf(table);
      k.world.clear('ptes', start, end);
      k.world.remove('mms', table.id);
    }
    return undefined;
  },
);

/** mmu_interval_set_seq(): in `invalidate`, under the driver's lock. */
export const mmu_interval_set_seq = leaf<{ notifier: string; cur_seq: number }, Outcome<void>>(
  'mmu_interval_set_seq',
  'include/linux/mmu_notifier.h:mmu_interval_set_seq',
  (k, { notifier, cur_seq }) => {
    if (!k.world.get('mmu_interval_notifiers', notifier)) {
      return fail('EINVAL', `no notifier ${notifier}`);
    }
    k.world.patch('mmu_interval_notifiers', notifier, { invalidate_seq: cur_seq });
    return undefined;
  },
);

/**
 * mmu_interval_read_begin(): the sequence to compare later. Sleeps while an invalidation of the
 * notifier's own range runs: what would be read now is about to go.
 */
export const mmu_interval_read_begin = operation<{ notifier: string }, Outcome<number>>(
  'mmu_interval_read_begin',
  `${SOURCE}:mmu_interval_read_begin`,
  function* (k, { notifier }) {
    const row = k.world.get('mmu_interval_notifiers', notifier);
    if (!row) return fail('EINVAL', `no notifier ${notifier}`);
    const seq = row.invalidate_seq;
    while (k.world.get('notifier_subscriptions', row.mm)?.invalidate_seq === seq) {
      yield* sleepOn(invalidationQueue(row.mm));
    }
    return seq;
  },
);

/** mmu_interval_read_retry(): has the range been invalidated since? Under the driver's lock. */
export const mmu_interval_read_retry = leaf<{ notifier: string; seq: number }, Outcome<boolean>>(
  'mmu_interval_read_retry',
  'include/linux/mmu_notifier.h:mmu_interval_read_retry',
  (k, { notifier, seq }) => {
    const row = k.world.get('mmu_interval_notifiers', notifier);
    if (!row) return fail('EINVAL', `no notifier ${notifier}`);
    return row.invalidate_seq !== seq;
  },
);

/** Positions of the device's page table for positions of the address space it mirrors. */
export function mirrored(k: Kernel, pt: string, position: number): number {
  return k.world.need('mms', pt).nr * MM_SPAN + (position % MM_SPAN);
}
