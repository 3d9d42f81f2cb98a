// SPDX-License-Identifier: MIT
// A GPU with memory of its own (MEMORY_DEVICE_PRIVATE): a process's pages move there, and a fault of the
// CPU brings them back. For kernels from 6.1 on, whose drivers ready pages with zone_device_page_init().
/** @import { Kernel, MappedPages, MigrateDst, MigrateRun } from '../../api.d.ts' */
/** @import { Migration, Range, Steps } from '../../api.d.ts' */

/** Pages from `pfn` on, `end` exclusive. */
/** @typedef {{ readonly pfn: number; readonly end: number }} Run */

/**
 * Runs of device pages that nobody has.
 * @param {Kernel} k
 * @returns {readonly Run[]}
 */
const freeRuns = (k) => /** @type {readonly Run[] | null} */ (k.read('free')) ?? [];

/**
 * Takes free device pages, in as many runs as it needs; fewer than asked where there are no more.
 * @param {Kernel} k
 * @param {number} pages
 * @returns {Run[]}
 */
function takeFree(k, pages) {
  /** @type {Run[]} */
  const taken = [];
  /** @type {Run[]} */
  const left = [];
  let wanted = pages;
  for (const { pfn, end } of freeRuns(k)) {
    const cut = Math.min(end, pfn + wanted);
    if (pfn < cut) taken.push({ pfn, end: cut });
    if (cut < end) left.push({ pfn: cut, end });
    wanted -= cut - pfn;
  }
  k.write('free', left);
  return taken;
}

/**
 * The driver finds a free range of addresses, which nothing answers, and gives it struct pages.
 * @param {Kernel} k
 * @returns {Steps<number>}
 */
function* probe(k) {
  const size = BigInt(String(k.device.config['vram']));
  /** @type {Range | number} */
  const range = yield k.devm_request_free_mem_region({ size, name: k.device.id });
  if (typeof range === 'number') return range;
  /** @type {MappedPages | number} */
  const mapped = yield k.devm_memremap_pages({
    type: 'PRIVATE',
    ranges: [range],
    ops: [String(k.switch('device_fault_op')), String(k.switch('pagemap_free_op'))],
    owner: k.device.id,
  });
  if (typeof mapped === 'number') return mapped;
  const page = BigInt(k.arch.page_shift);
  k.write('free', [
    { pfn: Number(range.start >> page), end: Number((range.start + size) >> page) },
  ]);
  return 0;
}

/**
 * Pages nobody holds any more are the driver's again.
 * @param {Kernel} k
 * @param {Run} args
 * @returns {Steps}
 */
function* folio_free(k, { pfn, end }) {
  k.write('free', [...freeRuns(k), { pfn, end }]);
}

/**
 * Pages on the other side for what was collected, with its contents.
 * @param {Kernel} k
 * @param {readonly MigrateRun[]} src
 * @param {boolean} toDevice
 * @returns {Steps<MigrateDst[]>}
 */
function* copies(k, src, toDevice) {
  /** @type {MigrateDst[]} */
  const dst = [];
  for (const { index, count, pfn, migrate, write } of src) {
    if (!migrate || pfn === null) continue;
    /** @type {readonly Run[] | number} */
    const runs = toDevice ? takeFree(k, count) : yield k.alloc_pages({ pages: count });
    if (typeof runs === 'number') break;
    let done = 0;
    for (const run of runs) {
      const pages = run.end - run.pfn;
      if (toDevice) yield k.zone_device_page_init(run);
      else yield k.lock_page(run);
      yield k.copy_highpage({ from: pfn + done, to: run.pfn, pages });
      dst.push({ index: index + done, count: pages, pfn: run.pfn, write });
      done += pages;
    }
  }
  return dst;
}

/** What moves, and the fault that asked for it. */
/** @typedef {{ readonly mm: string; readonly start: bigint; readonly size: bigint; readonly toDevice: boolean; readonly fault?: { readonly fault_pfn: number; readonly fault_pages: number }; }} Move */

/**
 * One migration: collect and unmap, copy, let the pages change places, map again.
 * @param {Kernel} k
 * @param {Move} args
 * @returns {Steps<number>}
 */
function* move(k, { mm, start, size, toDevice, fault }) {
  /** @type {Migration | number} */
  const setup = yield k.migrate_vma_setup({
    mm,
    start,
    size,
    flags: [toDevice ? 'system' : 'device_private'],
    pgmap_owner: k.device.id,
    ...fault,
  });
  if (typeof setup === 'number') return setup;
  const dst = yield* copies(k, setup.src, toDevice);
  /** @type {{ cpages: number }} */
  const { cpages } = yield k.migrate_vma_pages({ id: setup.id, dst });
  yield k.migrate_vma_finalize({ id: setup.id });
  return cpages;
}

/**
 * The process that asks gives a range of its memory to the GPU.
 * @param {Kernel} k
 * @param {{ va: bigint; size: bigint }} args
 * @returns {Steps}
 */
function* take(k, { va, size }) {
  /** @type {string | null} */
  const mm = yield k.get_task_mm({});
  if (mm === null) return k.fail(k.E.ESRCH, '!mm');
  yield k.mmap_read_lock({ mm });
  const moved = yield* move(k, { mm, start: va, size, toDevice: true });
  yield k.mmap_read_unlock({ mm });
  yield k.mmput({ mm });
  return moved < 0 ? moved : { moved };
}

/** A fault of the CPU on pages that are here. */
/** @typedef {{ readonly mm: string; readonly address: bigint; readonly pages: number; readonly pfn: number; }} Fault */

/**
 * The CPU touched what is on the device: it comes back, or the process gets SIGBUS.
 * @param {Kernel} k
 * @param {Fault} args
 * @returns {Steps<string | number>}
 */
function* migrate_to_ram(k, { mm, address, pages, pfn }) {
  const size = BigInt(pages) << BigInt(k.arch.page_shift);
  const fault = { fault_pfn: pfn, fault_pages: pages };
  const moved = yield* move(k, { mm, start: address, size, toDevice: false, fault });
  return moved < 0 ? 'VM_FAULT_SIGBUS' : 0;
}

export const models = {
  mydevice: { callbacks: { probe, folio_free, migrate_to_ram }, actions: { take } },
};
