import type { Kernel } from '../../core/facts.ts';
import type { Iomap } from '../fs/iomap.ts';
import type { VmFault, VmFaultRun } from '../mm/fault.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';
import { fileOf } from './fault-run.ts';
import { storeEntries, entriesOf, withEntryFlag, isReal } from './entry.ts';
import { insertPages } from './insert-pte.ts';

/**
 * dax_fault_is_synchronous(): a write to a MAP_SYNC mapping whose metadata is not safe yet
 * (IOMAP_F_DIRTY; in the model: blocks that were allocated for this fault).
 */
export function isSynchronous(run: VmFaultRun, map: Iomap): boolean {
  return run.write && map.isNew && run.vma.vm_flags.split('|').includes('sync');
}

/** vfs_fsync_range(): the metadata of the range reaches the journal, and the journal the media. */
const vfs_fsync_range = leaf<{ file: string; index: number; end: number }, number>(
  'vfs_fsync_range',
  'fs/sync.c:vfs_fsync_range',
  () => 0,
);

export interface SyncFault {
  readonly run: VmFaultRun;
  readonly pfn: number;
}

/** dax_insert_pfn_mkwrite(): the entries are dirty and the pages mapped writable. */
const dax_insert_pfn_mkwrite = operation<SyncFault, VmFault>(
  'dax_insert_pfn_mkwrite',
  'fs/dax.c:dax_insert_pfn_mkwrite',
  function* (k: Kernel, { run, pfn }) {
    const file = fileOf(k, run);
    const pages = run.end - run.start;
    const done: VmFault = { handled: pages, fault: 'NOPAGE' };
    if (!file) return done;
    const entries = entriesOf(k, file.inode, run.pgoff, run.pgoff + pages);
    if (entries.length === 0) return done;
    for (const { index, end, entry, pfn: from } of entries) {
      if (!isReal(entry)) continue;
      const flags = withEntryFlag(entry.flags, 'dirty', true);
      storeEntries(k, file.inode, index, end, { pfn: from, flags });
    }
    const { mm, start, end, order } = run;
    yield* insertPages(k, { mm, start, end, pfn, write: true, pmd: order > 0 });
    return done;
  },
  { show: ({ run, pfn }) => ({ pgoff: run.pgoff, pfn }) },
);

/** dax_finish_sync_fault(): first the metadata, then the mapping: what MAP_SYNC promises. */
export const dax_finish_sync_fault = operation<SyncFault, VmFault>(
  'dax_finish_sync_fault',
  'fs/dax.c:dax_finish_sync_fault',
  function* (_k, { run, pfn }) {
    const end = run.pgoff + (run.end - run.start);
    yield* call(vfs_fsync_range, { file: run.vma.vm_file, index: run.pgoff, end });
    return yield* call(dax_insert_pfn_mkwrite, { run, pfn });
  },
  { show: ({ run, pfn }) => ({ pgoff: run.pgoff, pfn }) },
);
