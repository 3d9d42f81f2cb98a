import { dax_delete_mapping_entry } from '../dax/delete-entries.ts';
import { dax_direct_access } from '../dax/direct-access.ts';
import type { Kernel } from '../../core/facts.ts';
import { contentRuns, writeContents, type ContentRun } from '../mm/contents.ts';
import type { Content } from '../mm/contents.ts';
import { flushCaches } from '../mm/media.ts';
import type { FileRange } from '../mm/file-operations.ts';
import { unmap_mapping_range } from '../mm/zap.ts';
import {
  call,
  fail,
  failed,
  leaf,
  lock,
  lockShared,
  operation,
  unlock,
  type Failure,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { pagesFor } from './file-position.ts';
import { iomapBegin, type Iomap } from './iomap.ts';
import { pgoffOf, superBlockOf, type Inode, type SuperBlock } from './super-block.ts';

/** dax_mem2blk_err(): processes learn of poison as an I/O error. */
const ioError = (errno: string) => (errno === 'EHWPOISON' ? 'EIO' : errno);

/** What direct access to `pages` pages from a block on leads to: at least one, maybe fewer. */
function* reach(k: Kernel, sb: SuperBlock, block: number, pages: number) {
  const request = { dax_dev: sb.bdev, pgoff: pgoffOf(k, sb, block), nr_pages: pages };
  const bad = k.world.overlapping('badblocks', sb.start_pfn + block, sb.start_pfn + block + pages);
  // The kernel asks for all that is left; poison further on only shortens what it gets then.
  const [first] = bad.filter(({ disk }) => disk === sb.bdev);
  const good = first ? first.start - (sb.start_pfn + block) : pages;
  const nr_pages = good > 0 ? Math.min(pages, good) : 1;
  return yield* call(dax_direct_access, { ...request, nr_pages });
}

/** pmem_recovery_write(): the poison of whole pages is cleared, then they are written. */
const dax_recovery_write = leaf<{ disk: string; pfn: number; pages: number }, void>(
  'dax_recovery_write',
  'drivers/nvdimm/pmem.c:pmem_recovery_write',
  (k, { pfn, pages }) => {
    k.world.clear('badblocks', pfn, pfn + pages);
    k.world.update('pages', pfn, pfn + pages, ({ flags }) => ({
      flags: flags
        .split('|')
        .filter((name) => name !== 'hwpoison')
        .join('|'),
    }));
    k.note('pmem_clear_poison(): the bad blocks are good again');
  },
  {
    covers: ({ pfn, pages }) =>
      pages > 1
        ? { count: pages, range: { start: pfn, end: pfn + pages, unit: 'pfn' } }
        : undefined,
  },
);

/** struct iov_iter: where what is read goes, or what is written. */
export type IovIter =
  | { readonly rw: 'read'; readonly runs: ContentRun[] }
  | { readonly rw: 'write'; readonly content: Content };

interface DaxRange extends FileRange {
  readonly iter: IovIter;
}

/** One piece of memory for a write: around poison where the kernel knows how. */
function* reachForWrite(k: Kernel, sb: SuperBlock, block: number, pages: number) {
  const reached = yield* reach(k, sb, block, pages);
  if (!failed(reached) || !k.facts.era.get('dax_recovery_write')) return reached;
  if (reached.errno !== 'EHWPOISON' && reached.errno !== 'EIO') return reached;
  const request = { dax_dev: sb.bdev, pgoff: pgoffOf(k, sb, block), nr_pages: pages };
  const run = { ...request, mode: 'recovery_write' as const, each: 1 };
  const around = yield* call(dax_direct_access, run);
  if (failed(around)) return around;
  yield* call(dax_recovery_write, { disk: sb.bdev, ...around });
  return around;
}

/** A hole that got blocks: who maps its zero page must fault again. */
function* invalidateHole(inode: Inode, start: number, end: number): Operation<void> {
  yield* call(unmap_mapping_range, { file: inode.id, start, end, even_cows: false });
  yield* call(dax_delete_mapping_entry, { inode, start, end });
}

/**
 * dax_iomap_iter(): one mapping of the file, from page `map.index` on. What was done of it in
 * pages; with the error that ended it, where one did.
 */
function* iterate(
  k: Kernel,
  sb: SuperBlock,
  map: Iomap,
  { inode, start, iter }: DaxRange,
): Operation<{ pages: number; error?: Failure }> {
  if (map.type !== 'mapped' || map.block === null) {
    if (iter.rw === 'write') {
      return { pages: 0, error: fail('EIO', 'iomap->type != IOMAP_MAPPED') };
    }
    iter.runs.push({ pfn: 0, end: map.pages, word: 0, counts: false });
    return { pages: map.pages };
  }
  // invalidate_inode_pages2_range()
  if (map.isNew) yield* invalidateHole(inode, map.index, map.index + map.pages);
  let pages = 0;
  while (pages < map.pages) {
    const [block, left] = [map.block + pages, map.pages - pages];
    const reached = yield* (iter.rw === 'read' ? reach : reachForWrite)(k, sb, block, left);
    if (failed(reached)) return { pages, error: fail(ioError(reached.errno), reached.check) };
    const end = reached.pfn + reached.pages;
    if (iter.rw === 'read') iter.runs.push(...contentRuns(k, reached.pfn, end));
    else {
      const { word, nth } = iter.content;
      const at = nth === null ? null : nth + (map.index + pages - start);
      writeContents(k, reached.pfn, end, { word, nth: at });
      // dax_copy_from_iter() goes around the caches (memcpy_flushcache).
      flushCaches(k, reached.pfn, end);
    }
    pages += reached.pages;
  }
  return { pages };
}

/** Mapping after mapping, under the lock of the file. */
function* iterateLocked(k: Kernel, sb: SuperBlock, range: DaxRange): Operation<Outcome<number>> {
  const { inode, start, iter } = range;
  const write = iter.rw === 'write';
  const { i_size } = k.world.need('inodes', inode.id);
  const end = write ? range.end : Math.min(range.end, pagesFor(k, i_size));
  let at = start;
  while (at < end) {
    const map = yield* call(iomapBegin(sb), { inode, sb, index: at, pages: end - at, write });
    const done = failed(map) ? { pages: 0, error: map } : yield* iterate(k, sb, map, range);
    at += done.pages;
    if (done.error) return at > start ? at - start : done.error;
  }
  return at - start;
}

/** i_size_write() after a write past the end; another may have written meanwhile. */
function extend(k: Kernel, id: string, end: number): void {
  const size = BigInt(end) << BigInt(k.facts.arch.page_shift);
  if (size > k.world.need('inodes', id).i_size) k.world.patch('inodes', id, { i_size: size });
}

/**
 * dax_iomap_rw(): reads pages of a file, holes as zeros, or writes whole pages, which allocates
 * blocks and writes over poison where the kernel can (5.19). Pages read or written; an error only
 * where there were none.
 */
export const dax_iomap_rw = operation<DaxRange, Outcome<number>>(
  (k) => (k.facts.era.get('dax_iomap') ? 'dax_iomap_rw' : 'dax_do_io'),
  'fs/dax.c:dax_iomap_rw',
  function* (k, range) {
    const { inode, iter, start } = range;
    const sb = superBlockOf(k, inode.id);
    if (!sb) return fail('EIO', 'the filesystem is gone');
    const rwsem = `i_rwsem ${inode.id}`;
    yield* iter.rw === 'read' ? lockShared(rwsem) : lock(rwsem, 'rwsem');
    const done = yield* iterateLocked(k, sb, range);
    if (iter.rw === 'write' && !failed(done)) extend(k, inode.id, start + done);
    yield* unlock(rwsem);
    return done;
  },
  {
    show: ({ inode, start, end, iter }) => ({
      file: inode.id,
      index: start,
      pages: end - start,
      rw: iter.rw,
    }),
  },
);
