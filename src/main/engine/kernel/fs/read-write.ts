import { dax_delete_mapping_entry } from '../dax/delete-entries.ts';
import { dax_direct_access } from '../dax/direct-access.ts';
import type { Kernel } from '../../core/facts.ts';
import { contentRuns, writeContents, type ContentRun } from '../mm/contents.ts';
import type { Content } from '../mm/contents.ts';
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
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { pagesFor } from './file-position.ts';
import { iomapBegin } from './iomap.ts';
import { pgoffOf, superBlockOf, type SuperBlock } from './super-block.ts';

const shown = ({ inode, start, end }: FileRange) => ({
  file: inode.id,
  index: start,
  pages: end - start,
});

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

/** dax_iomap_rw() for reading: holes are zeros; -EIO at poison, unless something was read before. */
export const dax_read = operation<FileRange, Outcome<readonly ContentRun[]>>(
  (k) => (k.facts.era.get('dax_iomap') ? 'dax_iomap_rw' : 'dax_do_io'),
  'fs/dax.c:dax_iomap_rw',
  function* (k, { inode, start, end }) {
    const sb = superBlockOf(k, inode.id);
    if (!sb) return fail('EIO', 'the filesystem is gone');
    const last = Math.min(end, pagesFor(k, inode.i_size));
    const runs: ContentRun[] = [];
    let at = start;
    yield* lockShared(`i_rwsem ${inode.id}`);
    while (at < last) {
      const ask = { inode, sb, index: at, pages: last - at, write: false };
      const map = yield* call(iomapBegin(sb), ask);
      if (failed(map)) break;
      if (map.type !== 'mapped' || map.block === null) {
        runs.push({ pfn: 0, end: map.pages, word: 0, counts: false });
        at += map.pages;
        continue;
      }
      const reached = yield* reach(k, sb, map.block, map.pages);
      if (failed(reached)) {
        yield* unlock(`i_rwsem ${inode.id}`);
        return runs.length > 0 ? runs : fail(ioError(reached.errno), reached.check);
      }
      runs.push(...contentRuns(k, reached.pfn, reached.pfn + reached.pages));
      at += reached.pages;
    }
    yield* unlock(`i_rwsem ${inode.id}`);
    return runs;
  },
  { show: shown },
);

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

interface WriteRange extends FileRange {
  readonly content: Content;
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

function* writeLocked(k: Kernel, sb: SuperBlock, range: WriteRange): Operation<Outcome<number>> {
  const { inode, start, end, content } = range;
  const shift = BigInt(k.facts.arch.page_shift);
  const size = BigInt(end) << shift;
  let at = start;
  while (at < end) {
    const ask = { inode, sb, index: at, pages: end - at, write: true };
    const map = yield* call(iomapBegin(sb), ask);
    if (failed(map)) return at > start ? at - start : map;
    if (map.block === null) return fail('EIO', 'iomap->type != IOMAP_MAPPED');
    if (map.isNew) {
      // invalidate_inode_pages2_range(): who maps the zero page of the hole must fault again.
      const hole = { inode, start: at, end: at + map.pages };
      yield* call(unmap_mapping_range, {
        file: inode.id,
        start: at,
        end: hole.end,
        even_cows: false,
      });
      yield* call(dax_delete_mapping_entry, hole);
    }
    let block = map.block;
    const stop = map.block + map.pages;
    while (block < stop) {
      const reached = yield* reachForWrite(k, sb, block, stop - block);
      if (failed(reached)) {
        return at > start ? at - start : fail(ioError(reached.errno), reached.check);
      }
      const nth = content.nth === null ? null : content.nth + (at - start);
      writeContents(k, reached.pfn, reached.pfn + reached.pages, { word: content.word, nth });
      block += reached.pages;
      at += reached.pages;
    }
  }
  const { i_size } = k.world.need('inodes', inode.id);
  if (size > i_size) k.world.patch('inodes', inode.id, { i_size: size });
  return end - start;
}

/** dax_iomap_rw() for writing whole pages: blocks are allocated, poison is written over (5.19). */
export const dax_write = operation<WriteRange, Outcome<number>>(
  (k) => (k.facts.era.get('dax_iomap') ? 'dax_iomap_rw' : 'dax_do_io'),
  'fs/dax.c:dax_iomap_rw',
  function* (k, range) {
    const sb = superBlockOf(k, range.inode.id);
    if (!sb) return fail('EIO', 'the filesystem is gone');
    yield* lock(`i_rwsem ${range.inode.id}`, 'rwsem');
    const written = yield* writeLocked(k, sb, range);
    yield* unlock(`i_rwsem ${range.inode.id}`);
    return written;
  },
  { show: shown },
);
