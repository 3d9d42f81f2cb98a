import type { Kernel } from '../../core/facts.ts';
import type { Inode } from '../fs/super-block.ts';
import { iMmapLock } from '../mm/i-mmap.ts';
import { flushCaches } from '../mm/media.ts';
import { pteRuns, withFlags } from '../mm/pte.ts';
import {
  call,
  leaf,
  lockShared,
  operation,
  sleepOn,
  unlock,
  type Operation,
} from '../../core/world/operation.ts';
import { entriesOf, entryQueue, isEntry, isReal, storeEntries, withEntryFlag } from './entry.ts';

/** dax_flush(): the caches of pages are written back (arch_wb_cache_pmem). Pages that were newer there. */
const dax_flush = leaf<{ pfn: number; pages: number }, number>(
  'dax_flush',
  'drivers/dax/super.c:dax_flush',
  (k, { pfn, pages }) => flushCaches(k, pfn, pfn + pages),
);

interface Entries {
  readonly inode: Inode;
  readonly index: number;
  readonly end: number;
}

/** Whoever maps the pages of a file must fault before he stores again. */
function* mkclean(k: Kernel, { inode, index, end }: Entries): Operation<void> {
  yield* lockShared(iMmapLock(inode.id));
  for (const vma of [...k.world.rows('vmas')]) {
    if (vma.vm_file !== inode.id) continue;
    const from = Math.max(vma.start, vma.start + index - vma.vm_pgoff);
    const to = Math.min(vma.end, vma.start + end - vma.vm_pgoff);
    for (const { start, end: last, entry } of from < to ? pteRuns(k, from, to) : []) {
      if (entry?.kind !== 'present') continue;
      k.world.update('ptes', start, last, ({ flags }) => ({
        flags: withFlags(flags, { write: false, dirty: false }),
      }));
    }
  }
  yield* unlock(iMmapLock(inode.id));
}

/**
 * dax_writeback_one() for a run of dirty entries: mapped read-only, flushed, and clean. The entries may
 * have changed while the walk over their mappings slept: what is dirty then is done.
 * @returns pages that were newer in the caches
 */
const dax_writeback_one = operation<Entries, number>(
  'dax_writeback_one',
  'fs/dax.c:dax_writeback_one',
  function* (k, range) {
    const { inode, index, end } = range;
    yield* mkclean(k, range);
    let flushed = 0;
    for (const run of entriesOf(k, inode, index, end)) {
      if (!isReal(run.entry) || run.pfn === null || !isEntry(run.entry, 'dirty')) continue;
      flushed += yield* call(dax_flush, { pfn: run.pfn, pages: run.end - run.index });
      const clean = withEntryFlag(withEntryFlag(run.entry.flags, 'dirty', false), 'towrite', false);
      storeEntries(k, inode, run.index, run.end, { pfn: run.pfn, flags: clean });
    }
    return flushed;
  },
  { show: ({ inode, index, end }) => ({ file: inode.id, index, pages: end - index }) },
);

/**
 * dax_writeback_mapping_range(): every dirty entry of a file reaches the media.
 * @returns pages that were newer in the caches
 */
export const dax_writeback_mapping_range = operation<{ inode: Inode; end: number }, number>(
  'dax_writeback_mapping_range',
  'fs/dax.c:dax_writeback_mapping_range',
  function* (k, { inode, end }) {
    let [at, flushed] = [0, 0];
    for (;;) {
      const run = entriesOf(k, inode, at, end).find(({ entry }) => isEntry(entry, 'dirty'));
      if (!run) return flushed;
      if (isEntry(run.entry, 'locked')) {
        yield* sleepOn(entryQueue(k, inode, run.index, isEntry(run.entry, 'pmd')));
        continue;
      }
      flushed += yield* call(dax_writeback_one, { inode, index: run.index, end: run.end });
      at = run.end;
    }
  },
  { show: ({ inode }) => ({ file: inode.id }) },
);
