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
