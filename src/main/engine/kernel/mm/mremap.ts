import type { Kernel } from '../../core/facts.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { coversPositions, showSpan } from './fault.ts';
import { splitAtEnds } from './huge-memory.ts';
import type { Mm } from './mm-struct.ts';
import { do_munmap, taskPages, unmappedArea } from './mmap.ts';
import { notifyEnd, notifyStart } from './mmu-notifier.ts';
import { MM_SPAN } from './position.ts';
import { pagesOf, pfnAt, pteRuns } from './pte.ts';
import { hasVmFlag, pageIndexOf, vmaAt, vmasIn, type Vma } from './vma.ts';
import type { PageSpan } from './zap.ts';
import { isZeroPage } from './zero-page.ts';

/** mremap(2) with MREMAP_MAYMOVE: positions; `to` where MREMAP_FIXED says. */
export interface Mremap extends PageSpan {
  /** Pages it is to have. */
  readonly pages: number;
  readonly to: number | undefined;
}

interface Move {
  readonly mm: string;
  readonly start: number;
  readonly end: number;
  readonly to: number;
}

/**
 * move_ptes(), move_huge_pmd(): the entries go from one place to the other, under both page table
 * locks; the pages do not notice.
 */
const move_ptes = leaf<Move, void>(
  'move_ptes',
  'mm/mremap.c:move_ptes, mm/huge_memory.c:move_huge_pmd',
  (k, { start, end, to }) => {
    const by = to - start;
    const runs = pteRuns(k, start, end);
    k.world.clear('ptes', start, end);
    for (const { start: from, end: until, entry } of runs) {
      if (!entry) continue;
      const { mm, level, kind, flags } = entry;
      const pfn = isZeroPage(entry) ? (from + by) % MM_SPAN : pfnAt(entry, from);
      k.world.set('ptes', from + by, until + by, { mm, level, kind, pfn, flags });
    }
  },
  { covers: coversPositions, show: showSpan },
);

/** move_page_tables(): huge entries are split where the new place does not suit them. */
const move_page_tables = operation<Move, void>(
  'move_page_tables',
  'mm/mremap.c:move_page_tables',
  function* (k, move) {
    const { mm, start, end, to } = move;
    const range = { mm, start, end, event: 'UNMAP' };
    yield* notifyStart(k, range);
    yield* splitAtEnds(k, range);
    if ((to - start) % pagesOf(k, 'pmd') !== 0) {
      for (const { start: at, end: until, entry } of pteRuns(k, start, end)) {
        if (entry && entry.level !== 'pte') yield* splitAll(k, at, until);
      }
    }
    if (k.world.overlapping('ptes', start, end).length > 0) yield* call(move_ptes, move);
    yield* notifyEnd(k, range);
  },
  { covers: coversPositions, show: showSpan },
);

function* splitAll(k: Kernel, start: number, end: number) {
  const size = pagesOf(k, 'pmd');
  for (let at = start; at < end; at += size) yield* splitAtEnds(k, { start: at + 1, end: at + 1 });
}

/** move_vma(): a copy of the VMA at the new place, the entries moved there, the old place unmapped. */
const move_vma = operation<Move & { pages: number }, Outcome<void>>(
  'move_vma',
  'mm/mremap.c:move_vma',
  function* (k, { mm, start, end, to, pages }) {
    const vma = vmaAt(k, start);
    if (!vma) return fail('EFAULT', '!vma');
    const { start: _start, end: _end, ...payload } = vma;
    // Anonymous memory without pages forgets where it was (copy_vma()).
    const fresh = vma.vm_ops === '' && vma.anon_vma === '';
    const vm_pgoff = fresh ? to % MM_SPAN : pageIndexOf(vma, start);
    k.world.set('vmas', to, to + pages, { ...payload, vm_pgoff });
    const moved = Math.min(end - start, pages);
    yield* call(move_page_tables, { mm, start, end: start + moved, to });
    return yield* call(do_munmap, { mm, start, end });
  },
  {
    covers: coversPositions,
    show: (params, k) => ({ ...showSpan(params, k), new_pages: params.pages }),
  },
);

/** Can the VMA grow where it is (vma_expandable())? */
function expandable(k: Kernel, vma: Vma, end: number, pages: number): boolean {
  return end === vma.end && vmasIn(k, end, end + pages).length === 0;
}

/** The place a mapping moves to; what is there goes first. */
function* newPlace(k: Kernel, mm: Mm, { to, pages, start, end }: Mremap) {
  if (to === undefined) {
    return unmappedArea(k, mm, pages) ?? fail('ENOMEM', 'get_unmapped_area(): no gap');
  }
  if (to < end && to + pages > start) return fail('EINVAL', 'addr + old_len > new_addr');
  const busy = yield* call(do_munmap, { mm: mm.id, start: to, end: to + pages });
  return failed(busy) ? busy : to;
}

/**
 * do_mremap(): shrinks, grows in place, or moves. Returns the position of the mapping. -EFAULT
 * where it is not one mapping, -EINVAL for sizes or places that do not go.
 */
export const do_mremap = operation<Mremap, Outcome<number>>(
  'do_mremap',
  'mm/mremap.c:do_mremap',
  function* (k, params) {
    const { mm, start, end, pages, to } = params;
    if (pages <= 0) return fail('EINVAL', '!new_len');
    if (start % MM_SPAN > taskPages(k)) return fail('EINVAL', 'addr > TASK_SIZE');
    const vma = vmaAt(k, start);
    if (!vma) return fail('EFAULT', '!vma');
    if (end > vma.end) return fail('EFAULT', 'old_len > vma->vm_end - addr');
    const old = end - start;
    if (pages > old && (hasVmFlag(vma, 'dontexpand') || hasVmFlag(vma, 'pfnmap'))) {
      return fail('EFAULT', 'vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP)');
    }
    if (to === undefined && pages <= old) {
      if (pages === old) return start;
      const shrunk = yield* call(do_munmap, { mm, start: start + pages, end });
      return failed(shrunk) ? shrunk : start;
    }
    if (to === undefined && expandable(k, vma, end, pages - old)) {
      const { start: from, end: _end, ...payload } = vma;
      k.world.set('vmas', from, start + pages, payload);
      return start;
    }
    const place = yield* newPlace(k, k.world.need('mms', mm), params);
    if (failed(place)) return place;
    const moved = yield* call(move_vma, { mm, start, end, to: place, pages });
    return failed(moved) ? moved : place;
  },
  {
    covers: coversPositions,
    show: (params, k) => ({ ...showSpan(params, k), new_pages: params.pages }),
  },
);
