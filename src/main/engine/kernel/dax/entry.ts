import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { filePosition, fileSpan, indexOf } from '../fs/file-position.ts';
import { pmdPages } from '../fs/blocks.ts';
import type { Inode } from '../fs/super-block.ts';

/** Value entries of i_pages, one or a run of equal ones. */
export type DaxEntries = RowOf<'i_pages'>;

/** Bits of a value entry, and its marks in the tree, in the order `flags` lists them. */
const DAX_FLAGS = ['locked', 'pmd', 'zero', 'empty', 'dirty', 'towrite'] as const;
export type DaxFlag = (typeof DAX_FLAGS)[number];

export function entryFlags(...flags: readonly DaxFlag[]): string {
  return DAX_FLAGS.filter((flag) => flags.includes(flag)).join('|');
}

export function isEntry(entry: Pick<DaxEntries, 'flags'>, flag: DaxFlag): boolean {
  return entry.flags.split('|').includes(flag);
}

/** Has the entry a page of the device behind it: neither zero page nor placeholder? */
export function isReal(entry: Pick<DaxEntries, 'flags'>): boolean {
  return !isEntry(entry, 'zero') && !isEntry(entry, 'empty');
}

/** `flags` with one set or cleared. */
export function withEntryFlag(flags: string, name: DaxFlag, set: boolean): string {
  const has = flags.split('|');
  return DAX_FLAGS.filter((flag) => (flag === name ? set : has.includes(flag))).join('|');
}

/** Pages of one entry: dax_entry_order(). */
export function entryPages(k: Kernel, entry: Pick<DaxEntries, 'flags'>): number {
  return isEntry(entry, 'pmd') ? pmdPages(k) : 1;
}

/** A piece of a file with equal entries, or with none. */
export interface EntryRun {
  /** Page indices. */
  readonly index: number;
  readonly end: number;
  readonly entry: DaxEntries | undefined;
  /** PFN of `index`, where there is one. */
  readonly pfn: number | null;
}

/** Pages [index, end) of a file, cut where their entries change; holes included, `end` exclusive. */
export function entryRuns(k: Kernel, inode: Inode, index: number, end: number): EntryRun[] {
  const runs: EntryRun[] = [];
  const stop = Math.min(filePosition(inode, end), fileSpan(inode).end);
  let at = filePosition(inode, index);
  const none = (to: number) => {
    if (to > at)
      runs.push({ index: indexOf(at), end: indexOf(at) + to - at, entry: undefined, pfn: null });
  };
  for (const entry of k.world.overlapping('i_pages', at, stop)) {
    if (entry.start > at) none(entry.start);
    const from = Math.max(entry.start, at);
    const to = Math.min(entry.end, stop);
    const pfn = isReal(entry) ? entry.pfn + (from - entry.start) : null;
    runs.push({ index: indexOf(from), end: indexOf(from) + to - from, entry, pfn });
    at = to;
  }
  none(stop);
  return runs;
}

/** Entries of [index, end), without holes. */
export function entriesOf(k: Kernel, inode: Inode, index: number, end: number) {
  return entryRuns(k, inode, index, end).filter(
    (run): run is EntryRun & { entry: DaxEntries } => run.entry !== undefined,
  );
}

/** Stores entries over [index, end). `pfn` null: the zero page, or nothing. */
export function storeEntries(
  k: Kernel,
  inode: Inode,
  index: number,
  end: number,
  { pfn, flags }: { pfn: number | null; flags: string },
): void {
  const at = filePosition(inode, index);
  const payload = { inode: inode.id, kind: 'dax', pfn: pfn ?? at, flags };
  k.world.set('i_pages', at, at + (end - index), payload);
}

/** Wait queue of the entry at an index: dax_entry_waitqueue(). A PMD entry has one, at its start. */
export function entryQueue(k: Kernel, inode: Inode, index: number, pmd: boolean): string {
  const at = pmd ? index - (index % pmdPages(k)) : index;
  return `dax_entry ${inode.id} ${at}`;
}
