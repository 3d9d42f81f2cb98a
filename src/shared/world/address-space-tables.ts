import type { GupPin } from './gup-records.ts';
import type { Value } from './value.ts';

/** Processes, their page tables and those of devices, and who holds pages. */
export interface AddressSpaceTables {
  /**
   * struct task_struct; `id` is the actor's. `signal`: what ended it, '' while it lives. `flags`:
   * PF_* names joined by '|'.
   */
  tasks: { id: string; pid: number; mm: string; parent: string; signal: string; flags: string };
  /**
   * struct mm_struct. `nr` is its place among the address spaces: positions in `vmas` and `ptes` are
   * `nr * 2^44 + (address >> PAGE_SHIFT)`. Resident pages by kind, as mm_counter has them.
   * `notifiers`: who is registered with mmu_notifier_register() or mmu_interval_notifier_insert().
   */
  mms: {
    id: string;
    nr: number;
    mm_users: number;
    anonpages: number;
    filepages: number;
    shmempages: number;
    notifiers: readonly string[];
  };
  /**
   * struct vm_area_struct, by position. Neighbours that say the same are one, as vma_merge() makes
   * them; `vm_pgoff` grows with the page. `vm_flags`: names joined by '|' (read|write|shared...).
   * `vm_ops`: which vm_operations_struct, '' for anonymous memory. `anon_vma`: '' until needed.
   */
  vmas: {
    start: number;
    end: number;
    mm: string;
    vm_flags: string;
    vm_ops: string;
    vm_file: string;
    vm_pgoff: number;
    anon_vma: string;
  };
  /**
   * Page table entries, by position (of a process, or of a device that mirrors one). `level` pte,
   * pmd or pud: at which level the entry is a leaf. `kind` 'present' or the kind of a swap entry
   * (device_private_write ...); `pfn` grows with the page. `flags`: names joined by '|'.
   */
  ptes: {
    start: number;
    end: number;
    mm: string;
    level: string;
    kind: string;
    pfn: number;
    flags: string;
  };
  /**
   * struct mmu_notifier_subscriptions of an address space somebody is registered with:
   * `invalidate_seq` is odd while an interval notifier is told of an invalidation.
   */
  notifier_subscriptions: { mm: string; invalidate_seq: number; active_invalidate_ranges: number };
  /**
   * struct mmu_interval_notifier: [start, end) are positions of `mm`. `device` has the invalidate
   * callback; `pt` is the address space of its page table (a key of `mms`), '' for none.
   */
  mmu_interval_notifiers: {
    id: string;
    mm: string;
    device: string;
    start: number;
    end: number;
    invalidate_seq: number;
    pt: string;
  };
  /**
   * struct migrate_vma (or the arrays of migrate_device_range) of a migration under way, as the
   * driver holds it; [start, end) are positions, or PFNs where `mm` is ''. `src` and `dst` are runs
   * { index, count, pfn, ... } of equal entries; entries no run covers are 0. `fault_pages` pages from
   * `fault_pfn` on are what a run of faults is about.
   */
  migrate_vmas: {
    id: string;
    mm: string;
    start: number;
    end: number;
    flags: string;
    pgmap_owner: string;
    fault_pfn: number | null;
    fault_pages: number;
    cpages: number;
    src: Value;
    dst: Value;
  };
  /** page->mapping and page->index, by PFN: 'anon:NAME' or 'file:PATH'. Pages without a row: NULL. */
  page_mappings: { start: number; end: number; mapping: string; index: number };
  /**
   * What is in memory, by PFN, as far as labs write it: every word of the page holds `word`, or
   * (with `nth`) the page is the nth of a buffer whose words count up from `word`. No row: zeros.
   */
  page_contents: { start: number; end: number; word: number; nth: number | null };
  /** Pages held by get_user_pages() and pin_user_pages(). */
  gup_pins: GupPin;
}
