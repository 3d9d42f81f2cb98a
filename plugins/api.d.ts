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

import type { ErrnoName, LogLevel, Services } from './services/index.d.ts';
export type * from './services/index.d.ts';

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
  log(level: LogLevel, text: string): void;
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
