import type { Kernel } from '../../core/facts.ts';
import { fileSpan, filePosition } from '../fs/file-position.ts';
import type { Inode } from '../fs/super-block.ts';
import { call, operation, sleepOn, type Operation } from '../../core/world/operation.ts';
import { dax_disassociate_entry } from './associate.ts';
import { entriesOf, entryPages, entryQueue, isEntry, isReal } from './entry.ts';
import { wakeEntries } from './grab-entry.ts';

export interface FilePages {
  readonly inode: Inode;
  readonly start: number;
  readonly end: number;
}

/** The entries of the range go; an entry that reaches in from before goes whole. */
function* deleteEntries(k: Kernel, { inode, start, end }: FilePages): Operation<void> {
  for (;;) {
    const [run] = entriesOf(k, inode, start, end);
    if (!run) return;
    const pmd = isEntry(run.entry, 'pmd');
    if (isEntry(run.entry, 'locked')) {
      yield* sleepOn(entryQueue(k, inode, run.index, pmd));
      continue;
    }
    const size = entryPages(k, run.entry);
    const from = run.index - (run.index % size);
    const to = Math.ceil(run.end / size) * size;
    if (isReal(run.entry) && run.pfn !== null) {
      const pfn = run.pfn - (run.index - from);
      yield* call(dax_disassociate_entry, { inode, index: from, end: to, pmd, pfn, trunc: true });
    }
    k.world.clear('i_pages', filePosition(inode, from), filePosition(inode, to));
    wakeEntries(k, inode, from, to);
  }
}

const SHOWN = {
  show: ({ inode, start, end }: FilePages) => ({
    file: inode.id,
    start,
    ...(end < fileSpan(inode).end - fileSpan(inode).start ? { end } : {}),
  }),
};

/** dax_delete_mapping_range(): what dax_break_layout() does with the entries of idle pages. */
export const dax_delete_mapping_range = operation<FilePages, void>(
  'dax_delete_mapping_range',
  'fs/dax.c:dax_delete_mapping_range',
  deleteEntries,
  SHOWN,
);

/** dax_delete_mapping_entry() for every entry of the range: truncate_inode_pages() of a DAX file. */
export const dax_delete_mapping_entry = operation<FilePages, void>(
  'dax_delete_mapping_entry',
  'fs/dax.c:dax_delete_mapping_entry',
  deleteEntries,
  SHOWN,
);
