import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';

export type IntervalNotifier = RowOf<'mmu_interval_notifiers'>;

/** Wait queue of readers that met an invalidation under way (subscriptions->wq). */
export function invalidationQueue(mm: string): string {
  return `notifier_subscriptions ${mm}`;
}

/** Interval notifiers of an address space whose range meets [start, end), in order of their start. */
export function intervalsIn(k: Kernel, mm: string, start: number, end: number): IntervalNotifier[] {
  return [...k.world.rows('mmu_interval_notifiers')]
    .filter((row) => row.mm === mm && row.start < end && row.end > start)
    .sort((a, b) => a.start - b.start);
}

/** mn_itree_is_invalidating(). */
export function isInvalidating({ invalidate_seq }: RowOf<'notifier_subscriptions'>): boolean {
  return invalidate_seq % 2 === 1;
}

/**
 * Nobody is registered any more, and nobody is between start and end of an invalidation: nothing
 * reads the record again. The kernel keeps struct mmu_notifier_subscriptions until the mm goes
 * (kernel/fork.c:__mmdrop), so whoever has begun an invalidation finds it at the end of it.
 */
export function dropUnused(k: Kernel, mm: string): void {
  const there = k.world.get('notifier_subscriptions', mm);
  if (!there || there.active_invalidate_ranges > 0) return;
  const registered = intervalsIn(k, mm, 0, Number.MAX_SAFE_INTEGER).length > 0;
  if (!registered) k.world.remove('notifier_subscriptions', mm);
}
