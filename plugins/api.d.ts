/**
 * The public plugin API, version 1: what a hardware model may use, and all it may use.
 *
 * A plugin is a folder with `pfnlab-plugin.json` and an ES module that exports `models`; it may
 * import other modules of the folder with static `import { name } from './file.js'`. Actions
 * and callbacks are generator functions; `yield` hands a request to the bench, which runs the
 * kernel function as steps of the calling task and resumes the model with the result:
 *
 *     const pages = yield k.devm_memremap_pages({ type: 'FS_DAX', ranges: [range] });
 *     if (typeof pages === 'number') return pages;           // a negative errno, as drivers see it
 *
 * Values that cross are plain: text, booleans, numbers (counts, PFNs, small integers), bigint
 * (addresses and sizes in bytes, at most 64 bits), and lists and records of them. Nothing else
 * lasts: a model keeps its state in registers, which belong to the world and are undone with it.
 */

export type { ErrnoName } from './errno.d.ts';
import type { ErrnoName } from './errno.d.ts';
export type * from './device-memory.d.ts';
import type { DeviceMemoryServices } from './device-memory.d.ts';
export type * from './disk.d.ts';
import type { DiskServices } from './disk.d.ts';
export type * from './pci.d.ts';
import type { PciServices } from './pci.d.ts';

/** A plain value, as it crosses between model and bench. */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly Value[]
  | { readonly [name: string]: Value };

/** Something to yield. `R` is what `yield` gives back: the result, or a negative errno. */
export interface Request<R> {
  readonly result?: R;
}

/** A negative errno: `-k.E.EINVAL`. */
export type Errno = number;

/**
 * Code of an action, a callback or a kernel function: it yields requests and returns a value.
 * What `yield` gives is that request's result; TypeScript cannot follow it, so it is `any`.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Steps<R = Value | void> = Generator<Request<unknown>, R, any>;

/** A range of physical addresses in bytes; `end` inclusive as in struct range. */
export interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/** struct dev_pagemap as a driver fills it in. */
export interface PagemapArgs {
  /** 'FS_DAX', 'GENERIC', 'PRIVATE', 'COHERENT', 'PCI_P2PDMA'. */
  readonly type: string;
  readonly ranges: readonly Range[];
  /** PFNs and pages; the memmap is taken from [base_pfn + reserve, + free). */
  readonly altmap?:
    | {
        readonly base_pfn: number;
        readonly reserve: number;
        readonly free: number;
        readonly end_pfn?: number;
      }
    | undefined;
  readonly ops?: readonly string[];
  readonly owner?: string;
  /** The driver's own reference (kernels 4.5 to 5.16), by the name percpu_ref_init() gave it. */
  readonly ref?: string;
  readonly vmemmap_shift?: number;
  /** Defaults to the device's node. */
  readonly nid?: number;
}

/** Bytes of a DAX device and its name, `dax0.0`. */
export interface KmemArgs {
  readonly start: bigint;
  readonly size: bigint;
  readonly name: string;
  readonly node?: number;
}

export interface MappedPages {
  /** The pagemap, to give back to memunmap_pages. */
  readonly pgmap: string;
  /** Kernel virtual address of the first range. */
  readonly address: bigint;
}

/** Memory of a process a driver asks for; `address` in bytes. */
export interface UserPagesArgs {
  readonly address: bigint;
  readonly pages: number;
  /** The device will write to it. */
  readonly write?: boolean;
  /** The device can take peer memory (FOLL_PCI_P2PDMA). */
  readonly pci_p2pdma?: boolean;
}

/** Pages that are held: PFNs in the order of the addresses, ends exclusive. */
export interface UserPages {
  /** Its name, to give back to unpin_user_pages. */
  readonly pin: string;
  /** May be fewer than asked for. */
  readonly pages: number;
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

/** Kernel functions a model may call; each runs as steps of the calling task. */
export interface Services extends DeviceMemoryServices, DiskServices, PciServices {
  memremap_pages(args: PagemapArgs): Request<MappedPages | Errno>;
  devm_memremap_pages(args: PagemapArgs): Request<MappedPages | Errno>;
  memunmap_pages(args: { readonly pgmap: string }): Request<void | Errno>;
  devm_memunmap_pages(args: { readonly pgmap: string }): Request<void | Errno>;
  /** `cached`: a pagemap this code holds already, in kernels that take one (until 6.17). */
  get_dev_pagemap(args: {
    readonly pfn: number;
    readonly cached?: string | null;
  }): Request<string | null | Errno>;
  put_dev_pagemap(args: { readonly pgmap: string }): Request<void>;
  /**
   * Holds memory of the task that runs this code (or of `task`) for DMA, by the call of the era: as
   * get_user_pages before 5.6. `longterm`: until unpinned, FOLL_LONGTERM, which fsdax refuses
   * (-EOPNOTSUPP). `fast`: without mmap_lock first.
   */
  pin_user_pages(
    args: UserPagesArgs & {
      readonly longterm?: boolean;
      readonly fast?: boolean;
      readonly task?: string;
    },
  ): Request<UserPages | Errno>;
  /** The same with plain references (FOLL_GET), for a short time. */
  get_user_pages_fast(args: UserPagesArgs): Request<UserPages | Errno>;
  /** Gives them back. `make_dirty`: the device wrote to them. -EFAULT: their memmap is gone. */
  unpin_user_pages(args: {
    readonly pin: string;
    readonly make_dirty?: boolean;
  }): Request<void | Errno>;
  /** A percpu reference of the driver's own: one reference, alive. */
  percpu_ref_init(args: { readonly ref: string }): Request<void | Errno>;
  percpu_ref_kill(args: { readonly ref: string }): Request<void | Errno>;
  /** Until a killed reference has no user left. */
  wait_for_completion(args: { readonly ref: string }): Request<void>;
  percpu_ref_exit(args: { readonly ref: string }): Request<void>;
  /** A DAX device's data as RAM of a node (by default the device's), in whole memory blocks. */
  dev_dax_kmem_probe(args: KmemArgs): Request<void | Errno>;
  dev_dax_kmem_remove(args: KmemArgs): Request<void | Errno>;
  /** One reference for each page of [pfn, end); `end` defaults to the next page. */
  get_page(args: { readonly pfn: number; readonly end?: number }): Request<void>;
  put_page(args: { readonly pfn: number; readonly end?: number }): Request<void | Errno>;
  /** Device pages before they are handed out: count 1, locked. Kernels from 6.1 on have it. */
  zone_device_page_init(args: {
    readonly pfn: number;
    readonly end?: number;
    readonly order?: number;
  }): Request<void>;
  /** A busy region in /proc/iomem; -EBUSY where something else is. Bytes. Gives its id. */
  request_mem_region(args: {
    readonly start: bigint;
    readonly size: bigint;
    readonly name: string;
  }): Request<number | Errno>;
  release_mem_region(args: { readonly start: bigint; readonly size: bigint }): Request<void>;
  /** A region in /proc/iomem that others may lie in, such as "Persistent Memory". Gives its id. */
  insert_resource(
    args: Range & { readonly name: string; readonly desc?: string },
  ): Request<number | Errno>;
  remove_resource(args: { readonly id: number }): Request<void>;
  /** Memory resources of a description ('PERSISTENT_MEMORY_LEGACY') by address; `end` inclusive. */
  walk_iomem_res_desc(args: { readonly desc: string }): Request<readonly Range[]>;
  region_intersects(args: {
    readonly start: bigint;
    readonly size: bigint;
  }): Request<'REGION_DISJOINT' | 'REGION_INTERSECTS' | 'REGION_MIXED'>;
  request_free_mem_region(args: {
    readonly size: bigint;
    readonly name: string;
  }): Request<Range | Errno>;
  devm_request_free_mem_region(args: {
    readonly size: bigint;
    readonly name: string;
  }): Request<Range | Errno>;
}

/** The device this code runs for. */
export interface Device {
  readonly id: string;
  readonly model: string;
  readonly node: number;
  /** Bytes; null when the lab gives none. */
  readonly range: { readonly start: bigint; readonly size: bigint } | null;
  /** As the manifest's `config` describes it, defaults filled in; sizes and addresses are bigint. */
  readonly config: { readonly [name: string]: Value };
  /** Position among the lab's devices of this model, from 0. */
  readonly index: number;
}

/**
 * Callbacks that a pagemap's `ops` name. They are declared in the manifest under the newest
 * kernel's names, whatever the era calls them (`page_free`, `page_fault`):
 * - `folio_free({ pgmap, pfn, end, order })`: pages that nobody holds any more, a run at a time, in
 *   folios of 2^order pages; they are the driver's again.
 * - `direct_access({ pgmap, pgoff, nr_pages, recovery })`: of a DAX device: `{ pages, pfn }`, how
 *   many pages from `pgoff` on lie in one piece and where, or a negative errno.
 * - `memory_failure({ pgmap, pfn, nr_pages })` (6.0): who uses a damaged page; -EOPNOTSUPP leaves it to
 *   the core.
 * - `migrate_to_ram({ mm, address, pages, pfn, order, write })`: the CPU faulted on private pages, a
 *   run of equal faults at a time; returns 0 when they are back in RAM, or 'VM_FAULT_SIGBUS',
 *   'VM_FAULT_OOM'. `order`: of the folio that `pfn` is in.
 * - `folio_split({ pfn, end })`: large folios of private pages became single pages.
 * - `kill({ pgmap, ref })` and `cleanup({ pgmap, ref })`: of a driver that brings its own reference
 *   (5.0 to 5.16); they kill it, and wait for its last user.
 * And of a notifier, without being named in `ops`:
 * - `invalidate({ notifier, start, size, event, owner, cur_seq })`: entries of the CPU's page table
 *   are about to change (MMU_NOTIFY_* without the prefix in `event`); bytes.
 */

/** What every action, callback and kernel function of a model gets. */
export interface Kernel extends Services {
  /** Kernel errors by name, positive as in the kernel: `return -k.E.EINVAL`. */
  readonly E: { readonly [name in ErrnoName]: number };
  readonly device: Device;
  /** Constants of the architecture, by the kernel's names in lower case. */
  readonly arch: {
    readonly name: string;
    readonly page_shift: number;
    readonly section_size_bits: number;
    readonly sizeof_page: number;
    readonly pmd_shift: number;
    readonly pages_per_section: number;
    readonly pages_per_subsection: number;
  };
  /**
   * Enters a kernel function of the model's own as a step: its name and the file it stands in.
   * `fn` is a generator function; `yield k.fn(...)` gives what it returns. `args` are shown.
   * `basis: 'model'` marks what no kernel does in this way.
   */
  fn<A extends { readonly [name: string]: Value }, R>(
    name: string,
    source: string,
    fn: (k: Kernel, args: A) => Steps<R>,
    args?: A,
    options?: { readonly basis: 'kernel' | 'model' },
  ): Request<R>;
  /** A register of this device; `index` is 0 for a single one. */
  read(register: string, index?: number): Value;
  write(register: string, value: Value): void;
  write(register: string, index: number, value: Value): void;
  /** printk: one line of the kernel log. */
  log(
    level: 'emerg' | 'alert' | 'crit' | 'err' | 'warn' | 'notice' | 'info' | 'debug',
    text: string,
  ): void;
  /** A remark on the current step. */
  note(text: string): void;
  /** The value of an era switch: behaviour that changed between kernels. */
  switch(name: string): string | number | boolean;
  /** A Kconfig symbol, without CONFIG_: 'y', 'm', 'n', or its number. */
  config(name: string): string | number;
  /** `-errno`, with the condition that raised it: what the step shows. */
  fail(errno: number, check: string): Errno;
}

/** One model: its actions and callbacks under the names the manifest gives them. */
export interface Model {
  readonly actions?: { readonly [id: string]: (k: Kernel, args: never) => Steps };
  readonly callbacks?: { readonly [name: string]: (k: Kernel, args: never) => Steps };
}

/** What a plugin's module exports as `models`. */
export type Models = { readonly [id: string]: Model };
