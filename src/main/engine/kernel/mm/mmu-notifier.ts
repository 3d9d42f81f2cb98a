import type { Kernel } from '../../core/facts.ts';
import { call, type KernelFunction, type Operation } from '../../core/world/operation.ts';

/** The zap, protect and fork of entries tell mirrors through mmu notifiers: of what. */
export interface MmuNotifierRange {
  readonly mm: string;
  readonly start: number;
  readonly end: number;
  /** MMU_NOTIFY_* without the prefix: UNMAP, CLEAR, PROTECTION_VMA, PROTECTION_PAGE, MIGRATE ... */
  readonly event: string;
  /** MIGRATE and EXCLUSIVE: whose own notifier leaves it alone. */
  readonly owner?: string;
}

export type MmuNotifierFunction = KernelFunction<MmuNotifierRange, void>;

/** mmu_notifier_invalidate_range_start(); nothing where nobody is registered with the mm. */
export function* notifyStart(k: Kernel, range: MmuNotifierRange): Operation<void> {
  const listens = (k.world.get('mms', range.mm)?.notifiers.length ?? 0) > 0;
  if (listens) yield* call(k.facts.wiring.mmu_notifier.invalidate_range_start, range);
}

/**
 * mmu_notifier_invalidate_range_end(). The process may have exited since: who registered keeps the
 * mm_struct (mmgrab() in mmu_interval_notifier_insert()), and its readers wait for this end.
 */
export function* notifyEnd(k: Kernel, range: MmuNotifierRange): Operation<void> {
  const known = k.world.get('notifier_subscriptions', range.mm) !== undefined;
  if (known) yield* call(k.facts.wiring.mmu_notifier.invalidate_range_end, range);
}
