import type { Kernel } from '../../core/facts.ts';
import { filePosition, inodeOf } from '../mm/inode.ts';
import { flagList, withFlag } from '../page/flags.ts';
import { addToCount, headRuns } from '../page/page-runs.ts';
import { fail, leaf, type Failure, type Outcome } from '../../core/world/operation.ts';
import { coversMove, type FolioMove } from './move.ts';

/** The file whose cache has the page, and at which index. */
function cacheOf(k: Kernel, pfn: number) {
  const row = k.world.at('page_mappings', pfn);
  if (!row?.mapping.startsWith('file:')) return undefined;
  const inode = inodeOf(k, row.mapping.slice('file:'.length));
  return inode && { inode, index: row.index + pfn - row.start };
}

/**
 * folio_expected_refs(): the caller's reference, one a page from the page cache, one for private
 * data; until 5.18 one more for device pages, which were idle at 1.
 */
function expectedRefs(k: Kernel, pfn: number): number {
  const page = k.world.at('pages', pfn);
  let refs = 1;
  if (page?.pgmap != null && k.facts.era.get('device_pages_counted_extra')) refs += 1;
  if (!page || !cacheOf(k, pfn)) return refs;
  refs += 2 ** page.compound_order;
  return flagList(page.flags).includes('private') ? refs + 1 : refs;
}

/** -EAGAIN where a page has more references than mappings, cache, caller and `extra` explain. */
export function extraReferences(
  k: Kernel,
  { src, pages }: FolioMove,
  extra = 0,
): Failure | undefined {
  for (const heads of headRuns(k, { pfn: src, end: src + pages }, true)) {
    const expected = expectedRefs(k, heads.start) + extra;
    const { refcount } = heads.row;
    if (refcount !== expected) {
      return fail('EAGAIN', `folio_ref_count(folio) ${refcount} != expected_count ${expected}`);
    }
  }
  return undefined;
}

/**
 * folio_migrate_mapping(): the new pages take the old ones' place in their mapping; -EAGAIN where a
 * page has more references than mappings, cache and caller explain: somebody uses it.
 */
export const folio_migrate_mapping = leaf<FolioMove & { extra?: number }, Outcome<void>>(
  (k) =>
    k.facts.era.get('folio_references') ? 'folio_migrate_mapping' : 'migrate_page_move_mapping',
  'mm/migrate.c:folio_migrate_mapping',
  (k, { src, dst, pages, extra = 0 }) => {
    const used = extraReferences(k, { src, dst, pages }, extra);
    if (used) return used;
    const mapping = k.world.overlapping('page_mappings', src, src + pages);
    const cache = cacheOf(k, src);
    k.world.clear('page_mappings', dst, dst + pages);
    for (const row of mapping) {
      const from = Math.max(row.start, src);
      const to = Math.min(row.end, src + pages);
      const index = row.index + (from - row.start);
      const by = dst - src;
      k.world.set('page_mappings', from + by, to + by, { mapping: row.mapping, index });
    }
    if (cache) replaceInCache(k, cache, { src, dst, pages });
    carryFlags(k, src, dst, pages);
    return undefined;
  },
  { covers: coversMove },
);

/** The cache's entries point to the new pages, and its references go with them. */
function replaceInCache(
  k: Kernel,
  { inode, index }: NonNullable<ReturnType<typeof cacheOf>>,
  { src, dst, pages }: FolioMove,
): void {
  const at = filePosition(inode, index);
  k.world.update('i_pages', at, at + pages, ({ start }) => ({
    pfn: dst + Math.max(start, at) - at,
  }));
  const to = { pfn: dst, end: dst + pages };
  const from = { pfn: src, end: src + pages };
  for (const heads of headRuns(k, to)) addToCount(k, heads, heads.refs);
  for (const heads of headRuns(k, from)) addToCount(k, heads, -heads.refs);
}

/** swapbacked and dirty are set here already (folio_set_swapbacked), the others with the copy. */
function carryFlags(k: Kernel, src: number, dst: number, pages: number): void {
  for (const row of k.world.overlapping('pages', src, src + pages)) {
    const from = Math.max(row.start, src) + dst - src;
    const to = Math.min(row.end, src + pages) + dst - src;
    if (!flagList(row.flags).includes('swapbacked')) continue;
    k.world.update('pages', from, to, ({ flags }) => ({ flags: withFlag(flags, 'swapbacked') }));
  }
}
