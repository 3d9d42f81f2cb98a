import { driverCallback } from '../device/callback.ts';
import type { MmuNotifierFunction, MmuNotifierRange } from '../mm/mmu-notifier.ts';
import { addressOf } from '../mm/position.ts';
import { call, operation, type Operation } from '../../core/world/operation.ts';
import { wakeUp } from '../../core/world/sync.ts';
import { dropUnused, intervalsIn, invalidationQueue, isInvalidating } from './subscriptions.ts';

const SOURCE = 'mm/mmu_notifier.c';

const covers = ({ start, end }: MmuNotifierRange) =>
  end - start === 1
    ? undefined
    : { count: end - start, range: { start, end, unit: 'page' as const } };

const show = ({ mm, event, owner }: MmuNotifierRange) => ({
  mm,
  event: `MMU_NOTIFY_${event}`,
  ...(owner === undefined ? {} : { owner }),
});

/**
 * mn_itree_invalidate(): from now on `invalidate_seq` is odd if an interval notifier covers part of
 * the range; each of those has its driver drop what it mirrors. A driver whose callback does not
 * come (a device without code) has nothing to drop.
 */
const mn_itree_invalidate = operation<MmuNotifierRange, void>(
  'mn_itree_invalidate',
  `${SOURCE}:mn_itree_invalidate`,
  function* (k, { mm, start, end, event, owner = '' }) {
    const there = k.world.get('notifier_subscriptions', mm);
    // The last one unregistered since mm_has_notifiers() was asked: nobody is left to be told.
    if (!there) return;
    const told = intervalsIn(k, mm, start, end);
    const cur_seq =
      told.length > 0 && !isInvalidating(there) ? there.invalidate_seq + 1 : there.invalidate_seq;
    k.world.patch('notifier_subscriptions', mm, {
      active_invalidate_ranges: there.active_invalidate_ranges + 1,
      invalidate_seq: cur_seq,
    });
    for (const { id, device } of told) {
      // It may have been removed by the driver of the one before.
      if (!k.world.get('mmu_interval_notifiers', id)) continue;
      yield* driverCallback(k, device, 'invalidate', {
        notifier: id,
        start: addressOf(k, start),
        size: BigInt(end - start) << BigInt(k.facts.arch.page_shift),
        event,
        owner,
        cur_seq,
      });
    }
  },
  { covers, show },
);

/** mmu_notifier_invalidate_range_start(): before entries of the range change or go. */
export const mmu_notifier_invalidate_range_start: MmuNotifierFunction = operation(
  'mmu_notifier_invalidate_range_start',
  `${SOURCE}:__mmu_notifier_invalidate_range_start`,
  function* (k, range) {
    if (k.world.get('notifier_subscriptions', range.mm)) yield* call(mn_itree_invalidate, range);
  },
  { covers, show },
);

/** mmu_notifier_invalidate_range_end(): the last one lets readers go on. */
export const mmu_notifier_invalidate_range_end: MmuNotifierFunction = operation(
  'mmu_notifier_invalidate_range_end',
  `${SOURCE}:__mmu_notifier_invalidate_range_end`,
  function* (k, { mm }): Operation<void> {
    const there = k.world.get('notifier_subscriptions', mm);
    if (!there || there.active_invalidate_ranges === 0) return;
    const active_invalidate_ranges = there.active_invalidate_ranges - 1;
    const over = active_invalidate_ranges === 0 && isInvalidating(there);
    k.world.patch('notifier_subscriptions', mm, {
      active_invalidate_ranges,
      invalidate_seq: there.invalidate_seq + (over ? 1 : 0),
    });
    if (over) wakeUp(k.world, invalidationQueue(mm));
    dropUnused(k, mm);
  },
  { covers, show },
);
