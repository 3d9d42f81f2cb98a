/**
 * The part of the public plugin API that is about device memory: pages and their contents, migration
 * of a process's memory to a device and back, mirrors of address spaces.
 */
import type { Errno, Request } from './api.d.ts';

/** A run of pages by PFN, end exclusive. */
export interface PfnRun {
  readonly pfn: number;
  readonly end: number;
}

/**
 * Equal entries of a src or dst array of migrate_vma: `count` pages from page `index` of the range
 * on; `pfn` grows with the page, null where there is no page. Entries that no run covers are 0. In a
 * compound run there are whole folios of the PMD size.
 */
export interface MigrateRun {
  readonly index: number;
  readonly count: number;
  readonly pfn: number | null;
  /** MIGRATE_PFN_MIGRATE: to be migrated, or (after the pages changed places) migrated. */
  readonly migrate: boolean;
  /** MIGRATE_PFN_WRITE. */
  readonly write: boolean;
  /** MIGRATE_PFN_COMPOUND. */
  readonly compound: boolean;
}

/** A destination: RAM or device memory, locked, with the contents copied. */
export interface MigrateDst {
  readonly index: number;
  readonly count: number;
  readonly pfn: number;
  readonly write?: boolean;
  readonly compound?: boolean;
}

/** struct migrate_vma; the bench keeps it under `id` until it is finalized. */
export interface Migration {
  readonly id: string;
  readonly npages: number;
  readonly cpages: number;
  readonly src: readonly MigrateRun[];
}

/** Equal entries of hmm_pfns: none, an error, or a page (null: the zero page) and how it is mapped. */
export interface HmmRun {
  readonly index: number;
  readonly count: number;
  readonly state: 'none' | 'error' | 'valid';
  readonly pfn: number | null;
  readonly write: boolean;
  readonly zero: boolean;
  readonly order: number;
}

/** Pages of an address space a notifier covers; `address` in bytes. */
export interface TableRange {
  readonly notifier: string;
  readonly address: bigint;
  readonly pages: number;
}

/** Equal entries of a device's page table. `tag`: '' (read), write, atomic. */
export interface TableRun {
  readonly index: number;
  readonly pages: number;
  readonly pfn: number;
  readonly zero: boolean;
  readonly tag: '' | 'write' | 'atomic';
}

/** Contents of pages: every word is `word`, or with `count` they count up from it. */
export interface WordRun {
  readonly pages: number;
  readonly word: number;
  readonly count: boolean;
}

/** What hmm_devmem_add gives: the pagemap and its range, end inclusive. */
export interface HmmDevmem {
  readonly pgmap: string;
  readonly start: bigint;
  readonly end: bigint;
}

/** Kernel functions around device memory; each runs as steps of the calling task. */
export interface DeviceMemoryServices {
  /**
   * Pages of RAM in blocks of 2^order: runs of them, fewer than `pages` where memory runs out. `gfp`
   * defaults to GFP_HIGHUSER_MOVABLE. Give them back with __free_pages, or to a migration.
   */
  alloc_pages(args: {
    readonly pages: number;
    readonly order?: number;
    readonly gfp?: string;
    readonly nid?: number;
  }): Request<readonly PfnRun[] | Errno>;
  __free_pages(args: PfnRun & { readonly order?: number }): Request<void | Errno>;
  /** Sleeps while somebody has the lock of one of the pages. */
  lock_page(args: PfnRun): Request<void>;
  unlock_page(args: PfnRun): Request<void>;
  /** Whose device page it is; null for RAM. `type` as in memremap_pages. */
  page_pgmap(args: {
    readonly pfn: number;
  }): Request<{ readonly type: string; readonly owner: string } | null>;
  copy_highpage(args: {
    readonly from: number;
    readonly to: number;
    readonly pages: number;
  }): Request<void>;
  clear_highpage(args: PfnRun): Request<void>;
  memcpy_from_page(args: PfnRun): Request<readonly WordRun[]>;
  /** Every word is `word`; with `nth` the words count up, and the first page is the nth of a buffer. */
  memcpy_to_page(
    args: PfnRun & { readonly word: number; readonly nth?: number | undefined },
  ): Request<void>;
  /** A mutex of this device; `name` tells it from the others. */
  mutex_lock(args: { readonly name: string }): Request<void>;
  mutex_unlock(args: { readonly name: string }): Request<void | Errno>;
  mmap_read_lock(args: { readonly mm: string }): Request<void>;
  mmap_read_unlock(args: { readonly mm: string }): Request<void | Errno>;
  /** Address space of a task of the lab, by default the one that runs; null where it has none. */
  get_task_mm(args: { readonly task?: string }): Request<string | null>;
  mmget_not_zero(args: { readonly mm: string }): Request<boolean>;
  mmput(args: { readonly mm: string }): Request<void | Errno>;
  /** The VMA at an address, in bytes, end exclusive; `flags` without VM_: read, write, shared ... */
  vma_lookup(args: { readonly mm: string; readonly address: bigint }): Request<{
    readonly start: bigint;
    readonly end: bigint;
    readonly flags: readonly string[];
  } | null>;
  /**
   * Collects, locks and unmaps the pages of a range of one VMA; the caller holds mmap_lock. `flags`
   * are MIGRATE_VMA_SELECT_*: system, device_private, device_coherent, compound. For pages whose
   * fault the driver handles: `fault_pfn`, and how many from it on.
   */
  migrate_vma_setup(args: {
    readonly mm: string;
    readonly start: bigint;
    readonly size: bigint;
    readonly flags?: readonly string[];
    readonly pgmap_owner?: string;
    readonly fault_pfn?: number;
    readonly fault_pages?: number;
  }): Request<Migration | Errno>;
  /** The struct pages change places; sources that could not be migrated lose `migrate`. */
  migrate_vma_pages(args: {
    readonly id: string;
    readonly dst: readonly MigrateDst[];
  }): Request<{ readonly src: readonly MigrateRun[]; readonly cpages: number } | Errno>;
  /** The page tables follow; locks and the migration's references are given up. */
  migrate_vma_finalize(args: { readonly id: string }): Request<void | Errno>;
  /** The same by PFNs, whoever maps them (6.1 and later): a driver takes its memory back. */
  migrate_device_range(args: {
    readonly start: number;
    readonly npages: number;
  }): Request<Migration | Errno>;
  migrate_device_pfns(args: { readonly runs: readonly PfnRun[] }): Request<Migration | Errno>;
  migrate_device_pages(args: {
    readonly id: string;
    readonly dst: readonly MigrateDst[];
  }): Request<{ readonly src: readonly MigrateRun[]; readonly cpages: number } | Errno>;
  migrate_device_finalize(args: { readonly id: string }): Request<void | Errno>;
  /**
   * 4.14 to 5.3, before there was a setup: the whole migration. The device's callbacks
   * `alloc_and_copy({ mm, start, toDevice, src })`, which returns a dst array, and
   * `finalize_and_map({ mm, start, toDevice, src, dst })` are called on the way. Gives pages moved.
   */
  migrate_vma(args: {
    readonly mm: string;
    readonly start: bigint;
    readonly size: bigint;
    readonly to_device: boolean;
  }): Request<number | Errno>;
  /** 4.14 to 5.2: a place and struct pages for memory the CPU cannot address; bytes. */
  hmm_devmem_add(args: { readonly size: bigint }): Request<HmmDevmem | Errno>;
  /** The same for memory it can address, a resource described as DEVICE_PUBLIC_MEMORY. */
  hmm_devmem_add_resource(args: {
    readonly start: bigint;
    readonly end: bigint;
  }): Request<HmmDevmem | Errno>;
  /**
   * From now on this device's `invalidate` is called before entries of the range change; `size` 0 or
   * left out: to the end. With it comes a page table of the device's own (unless `page_table` is
   * false) that xa_store and its kin fill, and that the window shows beside the CPU's.
   */
  mmu_interval_notifier_insert(args: {
    readonly mm: string;
    readonly start?: bigint;
    readonly size?: bigint;
    readonly page_table?: boolean;
  }): Request<{ readonly notifier: string } | Errno>;
  mmu_interval_notifier_remove(args: { readonly notifier: string }): Request<void | Errno>;
  mmu_interval_set_seq(args: {
    readonly notifier: string;
    readonly cur_seq: number;
  }): Request<void | Errno>;
  /** Sleeps while an invalidation of the notifier's range runs. */
  mmu_interval_read_begin(args: { readonly notifier: string }): Request<number | Errno>;
  mmu_interval_read_retry(args: {
    readonly notifier: string;
    readonly seq: number;
  }): Request<boolean | Errno>;
  /**
   * What the CPU's page table has, in runs; with `default_flags` fault (and write) pages are faulted
   * in first. -EBUSY: invalidated since mmu_interval_read_begin. The caller holds mmap_lock.
   */
  hmm_range_fault(
    args: TableRange & {
      readonly notifier_seq: number;
      readonly default_flags?: readonly ('fault' | 'write')[];
      readonly dev_private_owner?: string;
    },
  ): Request<readonly HmmRun[] | Errno>;
  /** Pages come back locked and referenced: unlock_page and put_page them (5.14 and later). */
  make_device_exclusive(args: {
    readonly mm: string;
    readonly address: bigint;
    readonly pages: number;
    readonly owner?: string;
  }): Request<
    readonly { readonly index: number; readonly pages: number; readonly pfn: number }[] | Errno
  >;
  /** A process maps the device's file: the VMA, private, empty; -ENOMEM and so on as mmap(2). */
  ksys_mmap_pgoff(args: {
    readonly mm: string;
    readonly address: bigint;
    readonly pages: number;
    readonly prot?: readonly ('read' | 'write')[];
  }): Request<void | Errno>;
  /** Ordinary pages of the driver's into such a VMA; each gets a reference, the driver puts its own. */
  vm_insert_page(
    args: PfnRun & { readonly mm: string; readonly address: bigint },
  ): Request<void | Errno>;
  /** Entries of the device's own page table; without `pfn` they map the zero page. */
  xa_store(
    args: TableRange & { readonly pfn?: number; readonly tag?: TableRun['tag'] },
  ): Request<void | Errno>;
  xa_erase(args: TableRange): Request<void | Errno>;
  xa_load(args: TableRange): Request<readonly TableRun[] | Errno>;
}
