import type { KernelFunction } from '../../core/world/operation.ts';
import type { VmFault, VmFaultRun } from './fault.ts';

type VmFaultFunction = KernelFunction<VmFaultRun, VmFault>;

/**
 * struct vm_operations_struct. `fault` either maps the run itself and answers NOPAGE with
 * `handled`, or gives back the (referenced) page in `pfn`. `huge_fault` answers FALLBACK to have
 * the next smaller level tried.
 */
export interface VmOperations {
  readonly name: string;
  readonly fault?: VmFaultFunction;
  readonly huge_fault?: VmFaultFunction;
  readonly page_mkwrite?: VmFaultFunction;
  readonly pfn_mkwrite?: VmFaultFunction;
  /** Pages come into a file's cache around the one that is read: filemap_map_pages(). */
  readonly map_pages?: boolean;
  /** Which counter of the mm its pages count in; none where they are not counted. */
  readonly rss: 'filepages' | 'shmempages' | undefined;
  /** Does `size` of a VMA have to be a multiple of this (may_split), in pages; 1 where not. */
  readonly align?: number;
}

const table = new Map<string, VmOperations>();

/** Makes a vm_operations_struct known under the name `vmas.vm_ops` has. */
export function registerVmOperations(ops: VmOperations): VmOperations {
  table.set(ops.name, ops);
  return ops;
}

/** vma->vm_ops; undefined for anonymous memory (vma_is_anonymous). */
export function vmOperations({ vm_ops }: { readonly vm_ops: string }): VmOperations | undefined {
  return vm_ops === '' ? undefined : table.get(vm_ops);
}

/**
 * What a non-present entry of a kind asks of a fault, beside migration and poison, which the core
 * knows: device private entries call migrate_to_ram(), device exclusive ones are restored. Filled
 * in by who makes such entries (engine/hmm).
 */
export type NonPresentKind = 'device_private' | 'device_exclusive';

/** A fault on a run of such entries; called with mmap_lock held, without the page table lock. */
export type NonPresentFault = KernelFunction<VmFaultRun, VmFault>;

const nonPresent = new Map<NonPresentKind, NonPresentFault>();

export function registerNonPresentFault(kind: NonPresentKind, fault: NonPresentFault): void {
  nonPresent.set(kind, fault);
}

export function nonPresentFault(kind: NonPresentKind): NonPresentFault | undefined {
  return nonPresent.get(kind);
}

/**
 * Restores device exclusive entries to present ones for fork (try_restore_exclusive_pte); false
 * where a page could not be locked.
 */
export type RestoreExclusive = KernelFunction<{ start: number; end: number }, boolean>;

const exclusive: { restore: RestoreExclusive | undefined } = { restore: undefined };

export function registerRestoreExclusive(restore: RestoreExclusive): void {
  exclusive.restore = restore;
}

export function restoreExclusive(): RestoreExclusive | undefined {
  return exclusive.restore;
}

/** The zap, protect and fork of entries tell mirrors through mmu notifiers: who wants to know. */
export interface MmuNotifierRange {
  readonly mm: string;
  readonly start: number;
  readonly end: number;
  /** MMU_NOTIFY_* without the prefix: UNMAP, CLEAR, PROTECTION_VMA, PROTECTION_PAGE, MIGRATE ... */
  readonly event: string;
  /** MIGRATE and EXCLUSIVE: whose own notifier leaves it alone. */
  readonly owner?: string;
}

/** mmu_notifier_invalidate_range_start() and _end(); called only where mms.notifiers names somebody. */
export interface MmuNotifierOps {
  readonly start: KernelFunction<MmuNotifierRange, void>;
  readonly end: KernelFunction<MmuNotifierRange, void>;
}

const notifiers: { ops: MmuNotifierOps | undefined } = { ops: undefined };

export function registerMmuNotifier(ops: MmuNotifierOps): void {
  notifiers.ops = ops;
}

export function mmuNotifier(): MmuNotifierOps | undefined {
  return notifiers.ops;
}
