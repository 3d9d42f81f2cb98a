import type { Kernel } from '../../core/facts.ts';
import { warnOnce } from '../../core/world/variables.ts';
import { leaf } from '../../core/world/operation.ts';
import { covered, type EntryRange } from './entry-range.ts';

/** Entries of real pages: [index, end) of a file has the pages from `pfn` on. */
export interface Associated extends EntryRange {
  readonly pfn: number;
  /** IOMAP_F_SHARED: another file has the page too (reflink). */
  readonly shared?: boolean;
}

const SHARED = /^dax-shared:(\d+)$/;

/** How many files share the page, by page->share: 0 for one that is not shared. */
function shareCount(mapping: string): number {
  return Number(SHARED.exec(mapping)?.[1] ?? 0);
}

/**
 * dax_associate_entry(): every page learns its file and its place there; a page of several files
 * counts them instead. From 6.15 on the pages of a PMD entry become one folio.
 */
export const dax_associate_entry = leaf<Associated, void>(
  'dax_associate_entry',
  'fs/dax.c:dax_associate_entry',
  (k, { inode, index, end, pfn, pmd, shared = false }) => {
    const kind = k.facts.era.get('dax_association');
    const stop = pfn + (end - index);
    if (kind === 'none' || !k.world.at('pages', pfn)) return;
    const found = k.world.overlapping('page_mappings', pfn, stop);
    if (found.length > 0 && shared) {
      for (const row of found) {
        const from = Math.max(row.start, pfn);
        const count = shareCount(row.mapping) || 1;
        k.world.set('page_mappings', from, Math.min(row.end, stop), {
          mapping: `dax-shared:${count + 1}`,
          index: index + (from - pfn),
        });
      }
      return;
    }
    if (found.length > 0) warnOnce(k, 'fs/dax.c:mapping', 'dax_associate_entry: page->mapping');
    if (kind === 'folio' && pmd) foldPages(k, pfn, stop);
    k.world.set('page_mappings', pfn, stop, { mapping: `file:${inode.id}`, index });
  },
  { covers: covered, show: ({ inode, index, pfn }) => ({ file: inode.id, index, pfn }) },
);

/** dax_folio_init(): prep_compound_page() of every PMD's pages. */
function foldPages(k: Kernel, pfn: number, end: number): void {
  const order = k.facts.arch.pmd_shift - k.facts.arch.page_shift;
  k.world.update('pages', pfn, end, { compound_order: order });
}

/** dax_folio_reset_order(): single pages again. */
function unfoldPages(k: Kernel, pfn: number, end: number): void {
  k.world.update('pages', pfn, end, { compound_order: 0 });
}

/**
 * dax_disassociate_entry(): the pages forget the file, or count one less. Kernels from 4.17 to 6.14
 * warn where a page goes from its file while somebody holds it.
 */
export const dax_disassociate_entry = leaf<Associated & { trunc: boolean }, void>(
  'dax_disassociate_entry',
  'fs/dax.c:dax_disassociate_entry',
  (k, { index, end, pfn, trunc }) => {
    const kind = k.facts.era.get('dax_association');
    const stop = pfn + (end - index);
    if (kind === 'none') return;
    if (trunc && kind !== 'folio') {
      const held = k.world.overlapping('pages', pfn, stop).find(({ refcount }) => refcount > 1);
      if (held) {
        warnOnce(
          k,
          'fs/dax.c:trunc',
          'WARNING: fs/dax.c: dax_disassociate_entry: trunc && page_ref_count(page) > 1',
        );
      }
    }
    for (const row of k.world.overlapping('page_mappings', pfn, stop)) {
      const from = Math.max(row.start, pfn);
      const to = Math.min(row.end, stop);
      const count = shareCount(row.mapping) - 1;
      if (count > 0) {
        const mapping = `dax-shared:${count}`;
        k.world.set('page_mappings', from, to, { mapping, index: row.index + (from - row.start) });
      } else {
        k.world.clear('page_mappings', from, to);
        if (kind === 'folio') unfoldPages(k, from, to);
      }
    }
  },
  {
    covers: covered,
    show: ({ inode, index, pfn, trunc }) => ({ file: inode.id, index, pfn, trunc }),
  },
);
