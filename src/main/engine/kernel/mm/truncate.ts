import type { Kernel } from '../../core/facts.ts';
import { folio_lock, folio_unlock } from '../page/page-lock.ts';
import { folio_put } from '../page/page-ref.ts';
import { withoutFlag } from '../page/flags.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';
import { cacheRuns, filePages, filePosition, inodeOf, type Inode } from './inode.ts';
import { MM_SPAN } from './position.ts';
import { unmap_mapping_range } from './zap.ts';

/** Pages [start, end) of a file whose folios lie together at `pfn`. */
interface Folios {
  readonly inode: Inode;
  readonly start: number;
  readonly end: number;
  readonly pfn: number;
}

/** filemap_remove_folio(): the pages leave the cache, which gives its references up later. */
const filemap_remove_folio = leaf<Folios, void>(
  (k) => (k.facts.era.get('lock_page') ? 'filemap_remove_folio' : 'delete_from_page_cache'),
  'mm/filemap.c:filemap_remove_folio',
  (k, { inode, start, end, pfn }) => {
    const at = filePosition(inode, start);
    k.world.clear('i_pages', at, at + end - start);
    k.world.clear('page_mappings', pfn, pfn + end - start);
    k.world.update('pages', pfn, pfn + end - start, ({ flags }) => ({
      flags: withoutFlag(flags, 'dirty'),
    }));
  },
  { show: ({ inode, start, end }) => ({ file: inode.id, index: start, pages: end - start }) },
);

/** truncate_inode_pages_range(): pages [start, end) of the file leave its cache. */
export const truncate_inode_pages_range = operation<
  { inode: Inode; start: number; end: number },
  void
>(
  'truncate_inode_pages_range',
  'mm/truncate.c:truncate_inode_pages_range',
  function* (k, { inode, start, end }) {
    for (const run of cacheRuns(k, inode, start, end)) {
      if (run.pfn === undefined) continue;
      const pages = { pfn: run.pfn, end: run.pfn + run.end - run.start };
      yield* call(folio_lock, pages);
      yield* call(filemap_remove_folio, { inode, start: run.start, end: run.end, pfn: run.pfn });
      yield* call(folio_unlock, pages);
      yield* call(folio_put, pages);
    }
  },
  { show: ({ inode, start, end }) => ({ file: inode.id, index: start, pages: end - start }) },
);

/**
 * truncate_setsize(): the file has `i_size` bytes from now on; what lies past it is unmapped, then
 * leaves the cache, and is unmapped once more for who faulted meanwhile. The rest of a page that is
 * cut through is zeroed, which a model of whole pages shows only for pages cut off whole.
 */
export const truncate_setsize = operation<{ inode: Inode; i_size: bigint }, void>(
  'truncate_setsize',
  'mm/truncate.c:truncate_setsize',
  function* (k, { inode, i_size }) {
    const before = filePages(k, inode);
    k.world.patch('inodes', inode.id, { i_size });
    const after = filePages(k, { ...inode, i_size });
    if (after >= before) return;
    const range = { file: inode.id, start: after, end: MM_SPAN, even_cows: true };
    yield* call(unmap_mapping_range, range);
    yield* call(truncate_inode_pages_range, { inode, start: after, end: before });
    yield* call(unmap_mapping_range, range);
  },
  { show: ({ inode, i_size }) => ({ file: inode.id, i_size }) },
);

/** shmem_evict_inode(): nobody can reach the file any more. */
const shmem_evict_inode = operation<{ inode: Inode }, void>(
  'shmem_evict_inode',
  'mm/shmem.c:shmem_evict_inode',
  function* (k, { inode }) {
    yield* call(truncate_inode_pages_range, { inode, start: 0, end: filePages(k, inode) });
    k.world.remove('inodes', inode.id);
  },
  { show: ({ inode }) => ({ file: inode.id }) },
);

/**
 * fput() of what VMAs mapped that are gone now: a deleted file (shared anonymous memory) goes with
 * the last of them.
 */
export function* putFiles(k: Kernel, files: readonly string[]) {
  for (const id of new Set(files)) {
    const inode = inodeOf(k, id);
    if (!inode?.i_flags.split('|').includes('deleted')) continue;
    const mapped = [...k.world.rows('vmas')].some(({ vm_file }) => vm_file === id);
    if (!mapped) yield* call(shmem_evict_inode, { inode });
  }
}
