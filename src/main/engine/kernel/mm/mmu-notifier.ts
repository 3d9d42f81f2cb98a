import type { Kernel } from '../../core/facts.ts';
import { call, type Operation } from '../../core/world/operation.ts';
import { mmuNotifier, type MmuNotifierRange } from './vm-operations.ts';

function listens(k: Kernel, { mm }: MmuNotifierRange): boolean {
  return (k.world.get('mms', mm)?.notifiers.length ?? 0) > 0;
}

/** mmu_notifier_invalidate_range_start(); nothing where nobody is registered with the mm. */
export function* notifyStart(k: Kernel, range: MmuNotifierRange): Operation<void> {
  const ops = mmuNotifier();
  if (ops && listens(k, range)) yield* call(ops.start, range);
}

/**
 * mmu_notifier_invalidate_range_end(). The process may have exited since: who registered keeps the
 * mm_struct (mmgrab() in mmu_interval_notifier_insert()), and its readers wait for this end.
 */
export function* notifyEnd(k: Kernel, range: MmuNotifierRange): Operation<void> {
  const ops = mmuNotifier();
  if (ops && k.world.get('notifier_subscriptions', range.mm)) yield* call(ops.end, range);
}
