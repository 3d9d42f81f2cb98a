import { unmap_mapping_range } from '../mm/zap.ts';
import { pmdPages } from '../fs/blocks.ts';
import { call, operation } from '../../core/world/operation.ts';
import { dax_associate_entry, dax_disassociate_entry } from './associate.ts';
import { isEntry, isReal, storeEntries, withEntryFlag, entryFlags } from './entry.ts';
import { covered, type EntryRange } from './entry-range.ts';
import type { Grabbed } from './grab-entry.ts';

export interface Insertion extends EntryRange {
  /** What grab_mapping_entry() locked. */
  readonly found: Grabbed;
  /** First page of the device; null for the zero page. */
  readonly pfn: number | null;
  readonly write: boolean;
  /** A MAP_SYNC fault: dirty only once its metadata is safe. */
  readonly synchronous: boolean;
  readonly shared: boolean;
}

/**
 * dax_insert_entry(): the locked entries become those of the pages that will be mapped. Real entries
 * that are there already stay. A zero page that gives way to a block is unmapped everywhere first.
 */
export const dax_insert_entry = operation<Insertion, void>(
  (k) => (k.facts.era.get('dax_unlock_entry') ? 'dax_insert_entry' : 'dax_insert_mapping_entry'),
  'fs/dax.c:dax_insert_entry',
  function* (k, { inode, index, end, pmd, found, pfn, write, synchronous, shared }) {
    const dirty = write && !synchronous;
    const zero = isEntry(found, 'zero');
    if (shared || (zero && pfn !== null)) {
      const size = isEntry(found, 'pmd') ? pmdPages(k) : 1;
      const start = index - (index % size);
      yield* call(unmap_mapping_range, { file: inode.id, start, end, even_cows: false });
    }
    const marks = write && shared ? (['dirty', 'towrite'] as const) : (['dirty'] as const);
    if (shared || !isReal(found)) {
      const range = { inode, index, end, pmd };
      if (isReal(found) && found.pfn !== null) {
        yield* call(dax_disassociate_entry, { ...range, pfn: found.pfn, trunc: false });
      }
      if (pfn !== null) yield* call(dax_associate_entry, { ...range, pfn, shared });
      const flags = entryFlags(
        'locked',
        ...(pmd ? (['pmd'] as const) : []),
        ...(pfn === null ? (['zero'] as const) : []),
        ...(dirty ? marks : []),
      );
      storeEntries(k, inode, index, end, { pfn, flags });
      return;
    }
    if (!dirty || found.pfn === null) return;
    const size = isEntry(found, 'pmd') ? pmdPages(k) : 1;
    const start = index - (index % size);
    const stop = Math.ceil(end / size) * size;
    let flags = withEntryFlag(found.flags, 'locked', true);
    for (const mark of marks) flags = withEntryFlag(flags, mark, true);
    storeEntries(k, inode, start, stop, { pfn: found.pfn - (index - start), flags });
  },
  {
    covers: covered,
    show: ({ inode, index, pfn, pmd, write }) => ({
      file: inode.id,
      index,
      pfn: pfn ?? 'zero page',
      order: pmd ? 'PMD' : 0,
      write,
    }),
  },
);
