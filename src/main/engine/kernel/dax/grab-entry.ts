import { unmap_mapping_range } from '../mm/zap.ts';
import type { Kernel } from '../../core/facts.ts';
import { filePosition } from '../fs/file-position.ts';
import type { Inode } from '../fs/super-block.ts';
import { covered, shownRange, type EntryRange } from './entry-range.ts';
import { call, leaf, operation, sleepOn, type Operation } from '../../core/world/operation.ts';
import { wakeUp } from '../../core/world/sync.ts';
import {
  entryFlags,
  entryPages,
  entryQueue,
  entryRuns,
  isEntry,
  isReal,
  storeEntries,
  withEntryFlag,
  type EntryRun,
} from './entry.ts';

/** What was found and locked, for the part of the range whose entries were equal. */
export interface Grabbed {
  readonly index: number;
  readonly end: number;
  /** Flags of the entry without its lock; 'empty' for one that was made for this fault. */
  readonly flags: string;
  readonly pfn: number | null;
}

/** get_next_unlocked_entry(): sleeps while somebody has the entry locked. */
function* unlocked(k: Kernel, { inode, index, end }: EntryRange): Operation<EntryRun> {
  for (;;) {
    const [run] = entryRuns(k, inode, index, end) as [EntryRun];
    const { entry } = run;
    if (!entry || !isEntry(entry, 'locked')) return run;
    yield* sleepOn(entryQueue(k, inode, index, isEntry(entry, 'pmd')));
  }
}

/** How far from the run's first page on the range may go: PMDs whole, and none with smaller entries. */
function clipPmd(k: Kernel, range: EntryRange, run: EntryRun): number | 'conflict' {
  const size = entryPages(k, { flags: 'pmd' });
  if (run.entry) return isEntry(run.entry, 'pmd') ? Math.min(run.end, range.end) : 'conflict';
  const whole = run.end - ((run.end - run.index) % size);
  return whole > run.index ? whole : 'conflict';
}

/**
 * grab_mapping_entry(): finds and locks the entries of a file's pages, or locks new, empty ones.
 * `fallback` pages of PMDs that are asked for where smaller entries are there. PMD entries of the zero page or
 * of nothing give way to smaller ones. Handles the first part of the range that is alike.
 */
export const grab_mapping_entry = operation<EntryRange, Grabbed | { fallback: number }>(
  'grab_mapping_entry',
  'fs/dax.c:grab_mapping_entry',
  function* (k, range) {
    const { inode, index, pmd } = range;
    let run = yield* unlocked(k, range);
    if (pmd) {
      const end = clipPmd(k, range, run);
      if (end === 'conflict') {
        k.note('dax_is_conflict(entry): there are PTE entries');
        const size = entryPages(k, { flags: 'pmd' });
        const pages = Math.ceil((run.end - index) / size) * size;
        return { fallback: Math.min(pages, range.end - index) };
      }
      run = { ...run, end };
    }
    const { entry } = run;
    let end = Math.min(run.end, range.end);
    if (entry && !pmd && isEntry(entry, 'pmd') && !isReal(entry)) {
      const size = entryPages(k, entry);
      const start = index - (index % size);
      const stop = Math.ceil(end / size) * size;
      storeEntries(k, inode, start, stop, {
        pfn: null,
        flags: withEntryFlag(entry.flags, 'locked', true),
      });
      if (isEntry(entry, 'zero')) {
        yield* call(unmap_mapping_range, { file: inode.id, start, end: stop, even_cows: false });
      }
      const at = filePosition(inode, start);
      k.world.clear('i_pages', at, at + (stop - start));
      wakeUp(k.world, entryQueue(k, inode, start, true));
      run = { index, end, entry: undefined, pfn: null };
    }
    if (!run.entry) {
      const flags = pmd ? entryFlags('empty', 'pmd') : entryFlags('empty');
      storeEntries(k, inode, index, end, {
        pfn: null,
        flags: withEntryFlag(flags, 'locked', true),
      });
      return { index, end, flags, pfn: null };
    }
    const { flags } = run.entry;
    // A PTE fault on a PMD entry locks all of it.
    const size = entryPages(k, run.entry);
    const start = index - (index % size);
    const stop = Math.ceil(end / size) * size;
    const pfn = run.pfn === null ? null : run.pfn - (index - start);
    storeEntries(k, inode, start, stop, { pfn, flags: withEntryFlag(flags, 'locked', true) });
    end = Math.min(end, stop);
    return { index, end, flags, pfn: run.pfn };
  },
  { show: shownRange, covers: covered },
);

/** dax_unlock_entry(): the entries are as the fault left them; who waits for one may look. */
export const dax_unlock_entry = leaf<EntryRange, void>(
  (k) => (k.facts.era.get('dax_unlock_entry') ? 'dax_unlock_entry' : 'put_locked_mapping_entry'),
  'fs/dax.c:dax_unlock_entry',
  (k, { inode, index, end }) => {
    for (const run of entryRuns(k, inode, index, end)) {
      const { entry } = run;
      if (!entry || !isEntry(entry, 'locked')) continue;
      const size = entryPages(k, entry);
      const start = run.index - (run.index % size);
      const stop = Math.ceil(run.end / size) * size;
      const pfn = run.pfn === null ? null : run.pfn - (run.index - start);
      const { flags } = entry;
      storeEntries(k, inode, start, stop, { pfn, flags: withEntryFlag(flags, 'locked', false) });
    }
    wakeEntries(k, inode, index, end);
  },
  { show: shownRange, covers: covered },
);

/** dax_wake_entry() for the entries of a range. */
export function wakeEntries(k: Kernel, inode: Inode, index: number, end: number): void {
  const prefix = `dax_entry ${inode.id} `;
  for (const { name } of [...k.world.rows('wait_queues')]) {
    if (!name.startsWith(prefix)) continue;
    const at = Number(name.slice(prefix.length));
    const size = entryPages(k, { flags: 'pmd' });
    if (at >= index - (index % size) && at < end) wakeUp(k.world, name);
  }
}
