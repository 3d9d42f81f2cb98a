import type { Kernel } from '../../core/facts.ts';
import { iomapBegin, type Iomap } from '../fs/iomap.ts';
import { clearContents, copyContents } from '../mm/contents.ts';
import { coversPositions, type VmFault, type VmFaultRun } from '../mm/fault.ts';
import { pagesFor } from '../fs/file-position.ts';
import { pteAt } from '../mm/pte.ts';
import { call, failed, leaf, operation, type Operation } from '../../core/world/operation.ts';
import { dax_direct_access } from './direct-access.ts';
import {
  deviceOffset,
  fileOf,
  isShared,
  uniformPages,
  vmfError,
  writesFile,
  type DaxFile,
} from './fault-run.ts';
import { dax_unlock_entry, grab_mapping_entry, type Grabbed } from './grab-entry.ts';
import { dax_insert_entry } from './insert-entry.ts';
import { insertPages } from './insert-pte.ts';
import { dax_load_hole } from './load-hole.ts';
import { dax_iomap_copy_around } from './copy-around.ts';
import { isSynchronous } from './sync-fault.ts';

const OPTIONS = {
  covers: coversPositions,
  show: ({ pgoff, start, end, write }: VmFaultRun) => ({ pgoff, pages: end - start, write }),
};

/** copy_cow_page_dax(): the file's pages into the private ones. */
const copy_cow_page_dax = leaf<{ from: number; to: number; pages: number }, void>(
  (k) => (k.facts.era.get('dax_iomap') ? 'copy_cow_page_dax' : 'copy_user_bh'),
  'fs/dax.c:copy_cow_page_dax',
  (k, { from, to, pages }) => copyContents(k, from, to, pages),
  {
    covers: ({ to, pages }) =>
      pages > 1 ? { count: pages, range: { start: to, end: to + pages, unit: 'pfn' } } : undefined,
  },
);

/** dax_fault_cow_page(): a private copy of what the file has; zeros for a hole. */
function* cowPages(k: Kernel, file: DaxFile, run: VmFaultRun, map: Iomap): Operation<VmFault> {
  const pages = Math.min(map.pages, run.end - run.start);
  const to = run.cow_page ?? 0;
  if (map.type !== 'mapped' || map.block === null) {
    clearContents(k, to, to + pages);
    return { handled: pages, fault: '', done_cow: true };
  }
  const { pgoff, pfn } = deviceOffset(k, file.sb, map.block);
  const access = { dax_dev: file.sb.bdev, pgoff, nr_pages: pages, each: 1 };
  const reached = yield* call(dax_direct_access, access);
  if (failed(reached)) return { handled: 0, fault: vmfError(reached.errno) };
  yield* call(copy_cow_page_dax, { from: pfn, to, pages });
  return { handled: pages, fault: '', done_cow: true };
}

/** What dax_fault_iter() does with pages that are mapped themselves. */
function* mapPages(
  k: Kernel,
  file: DaxFile,
  run: VmFaultRun,
  map: Iomap,
  found: Grabbed | undefined,
): Operation<VmFault> {
  const { inode, sb } = file;
  const write = writesFile(run);
  const pages = Math.min(map.pages, run.end - run.start);
  const end = run.start + pages;
  const range = { inode, index: run.pgoff, end: run.pgoff + pages, pmd: false };
  if (!write && map.type !== 'mapped') {
    return yield* call(dax_load_hole, { run: { ...run, end }, range, found });
  }
  if (map.block === null) return { handled: 0, fault: 'SIGBUS' };
  const { pgoff, pfn } = deviceOffset(k, sb, map.block);
  const access = { dax_dev: sb.bdev, pgoff, nr_pages: pages, each: 1 };
  const reached = yield* call(dax_direct_access, access);
  if (failed(reached)) return { handled: 0, fault: vmfError(reached.errno) };
  const synchronous = isSynchronous(run, map);
  const shared = map.shared;
  if (found) {
    yield* call(dax_insert_entry, { ...range, found, pfn, write, synchronous, shared });
  }
  if (write && shared) yield* call(dax_iomap_copy_around, { file, map, pages });
  if (synchronous) return { handled: pages, fault: 'NOPAGE', needsync: true, pfn };
  yield* insertPages(k, { mm: run.mm, start: run.start, end, pfn, write, pmd: false });
  return { handled: pages, fault: 'NOPAGE', ...(map.isNew ? { major: true } : {}) };
}

/**
 * dax_iomap_pte_fault(): single pages of a DAX file, as many as are alike. Private writes get copies,
 * reads of holes the zero page, everything else the device's own pages. SIGBUS behind the end of the
 * file and where the device is gone; before iomap __dax_fault().
 */
export const dax_iomap_pte_fault = operation<VmFaultRun, VmFault>(
  (k) => (k.facts.era.get('dax_iomap') ? 'dax_iomap_pte_fault' : '__dax_fault'),
  'fs/dax.c:dax_iomap_pte_fault',
  function* (k, run) {
    const file = fileOf(k, run);
    if (!file) return { handled: 0, fault: 'SIGBUS' };
    const { inode, sb } = file;
    const left = pagesFor(k, inode.i_size) - run.pgoff;
    if (left <= 0) {
      k.note('pos >= i_size_read(inode)');
      return { handled: 0, fault: 'SIGBUS' };
    }
    const asked = Math.min(run.end - run.start, left);
    let end = run.start + uniformPages(k, file, run, asked);
    const range = { inode, index: run.pgoff, end: run.pgoff + end - run.start, pmd: false };
    let found: Grabbed | undefined;
    if (k.facts.era.get('dax_entries')) {
      const grabbed = yield* call(grab_mapping_entry, range);
      if ('fallback' in grabbed) return { handled: 0, fault: 'SIGBUS' };
      found = grabbed;
      end = run.start + (grabbed.end - run.pgoff);
    }
    const part = { ...run, end };
    const unlock = { ...range, end: run.pgoff + end - run.start };
    const there = pteAt(k, run.start);
    let result: VmFault;
    if (there && there.level !== 'pte') {
      k.note('raced with a PMD fault: pmd_trans_huge(*vmf->pmd)');
      result = { handled: end - run.start, fault: 'NOPAGE' };
    } else {
      const write = writesFile(run);
      const ask = { inode, sb, index: run.pgoff, pages: end - run.start, write, each: 1 };
      const map = yield* call(iomapBegin(sb), ask);
      if (failed(map)) result = { handled: 0, fault: vmfError(map.errno) };
      else if (run.write && !isShared(run)) result = yield* cowPages(k, file, part, map);
      else result = yield* mapPages(k, file, part, map, found);
    }
    if (found) yield* call(dax_unlock_entry, unlock);
    return result;
  },
  OPTIONS,
);
