import type { ADDRESS_SPACE } from '../../../../shared/lab/operations/address-space.ts';
import type { Kernel } from '../../core/facts.ts';
import { do_pages_move } from '../../kernel/migrate/move-pages.ts';
import { do_group_exit } from '../../kernel/mm/exit.ts';
import { FRUITLESS } from '../../kernel/mm/fault.ts';
import { flushCaches } from '../../kernel/mm/media.ts';
import { pfnAt, pteRuns } from '../../kernel/mm/pte.ts';
import { do_madvise } from '../../kernel/mm/madvise.ts';
import { do_mprotect_pkey } from '../../kernel/mm/mprotect.ts';
import { do_mremap } from '../../kernel/mm/mremap.ts';
import { hugetlb_reserve_pages } from '../../kernel/mm/hugetlb.ts';
import { mmapLock, type Mm } from '../../kernel/mm/mm-struct.ts';
import { do_mmap, do_munmap, mmapWrite, unmappedArea } from '../../kernel/mm/mmap.ts';
import { addressOf, positionsOf } from '../../kernel/mm/position.ts';
import { ensureTask } from '../../kernel/mm/task.ts';
import { userAccess, type Accessed } from '../../kernel/mm/user-access.ts';
import {
  call,
  fail,
  failed,
  lock,
  lockShared,
  unlock,
  type Failure,
} from '../../core/world/operation.ts';
import type { Bodies } from './bodies.ts';
import { openFile } from './file-ops.ts';
import { wordsOf } from './words.ts';

interface Range {
  readonly va: bigint;
  readonly size?: bigint | undefined;
  readonly pages?: number | undefined;
}

/** Positions of `va` and `size` or `pages` (one page where neither is said); -EINVAL for none. */
function rangeOf(
  k: Kernel,
  mm: Mm,
  { va, pages = 1, size }: Range,
): Failure | { mm: string; start: number; end: number } {
  const page = 1n << BigInt(k.facts.arch.page_shift);
  if (va % page !== 0n) return fail('EINVAL', 'offset_in_page(addr)');
  const bytes = size ?? BigInt(pages) * page;
  if (bytes === 0n) return fail('EINVAL', '!len');
  return { mm: mm.id, ...positionsOf(k, mm, va, bytes) };
}

/** The process and the positions an operation is about; a process comes into being with its first. */
function* rangeOfTask(k: Kernel, range: Range) {
  const mm = yield* ensureTask(k);
  return failed(mm) ? mm : rangeOf(k, mm, range);
}

/** An address as results of operations have it. */
function addressText(k: Kernel, position: number): string {
  return `0x${addressOf(k, position).toString(16)}`;
}

const PROTS = { r: 'read', w: 'write', x: 'exec' } as const;

/** `rw`, `r`, `rx`, `none`: access as /proc/PID/maps abbreviates it. */
function accessOf(prot: string): ('read' | 'write' | 'exec')[] {
  return (['r', 'w', 'x'] as const).flatMap((letter) =>
    prot.includes(letter) ? [PROTS[letter]] : [],
  );
}

/** The end of an access: the signal ends the process unless it catches it. */
function* ended(k: Kernel, accessed: Accessed, start: number, caught: boolean) {
  const { pages, faults, signal } = accessed;
  if (accessed.stuck) return fail('EINTR', `the CPU ${FRUITLESS}`);
  if (signal === '') return { pages, faults, fault: '' };
  k.note(`${signal} at ${addressText(k, start + pages)}`);
  if (!caught) yield* call(do_group_exit, { signal });
  return { pages, faults, fault: signal, at: addressText(k, start + pages) };
}

/** What processes do to their own address spaces. */
export const ADDRESS_SPACE_OPS: Bodies<
  Exclude<keyof typeof ADDRESS_SPACE, 'pin' | 'unpin' | 'direct-io'>
> = {
  *mmap(k, { at, size, prot, shared, file, offset, sync, hugetlb }) {
    const mm = yield* ensureTask(k);
    if (failed(mm)) return mm;
    const page = 1n << BigInt(k.facts.arch.page_shift);
    if (size === 0n) return fail('EINVAL', '!len');
    if (offset % page !== 0n) return fail('EINVAL', 'offset_in_page(off)');
    if (at !== undefined && at % page !== 0n) return fail('EINVAL', 'offset_in_page(addr)');
    const pages = Number((size + page - 1n) / page);
    const pgoff = Number(offset / page);
    if (hugetlb) return yield* call(hugetlb_reserve_pages, { pages });
    if (file !== '') {
      const opened = yield* openFile(k, file, offset + size);
      if (failed(opened)) return opened;
    }
    return yield* mmapWrite(mm.id, function* () {
      const start =
        at === undefined ? unmappedArea(k, mm, pages) : positionsOf(k, mm, at, 0n).start;
      if (start === undefined) return fail('ENOMEM', 'get_unmapped_area(): no gap is large enough');
      const span = { mm: mm.id, start, end: start + pages };
      const map = { ...span, prot: accessOf(prot), shared, file, pgoff, sync };
      const result = yield* call(do_mmap, map);
      return failed(result) ? result : { va: addressText(k, start), pages };
    });
  },

  *munmap(k, args) {
    const span = yield* rangeOfTask(k, args);
    if (failed(span)) return span;
    return yield* mmapWrite(span.mm, function* () {
      return yield* call(do_munmap, span);
    });
  },

  *write(k, { word, count, catch: caught, ...range }) {
    const span = yield* rangeOfTask(k, range);
    if (failed(span)) return span;
    const accessed = yield* userAccess(k, span.mm, span, { word, nth: count ? 0 : null });
    return yield* ended(k, accessed, span.start, caught);
  },

  *read(k, { catch: caught, ...range }) {
    const span = yield* rangeOfTask(k, range);
    if (failed(span)) return span;
    const accessed = yield* userAccess(k, span.mm, span, undefined);
    const result = yield* ended(k, accessed, span.start, caught);
    if (failed(result)) return result;
    return { ...result, ...wordsOf(k, accessed.runs) };
  },

  *mprotect(k, { prot, ...range }) {
    const span = yield* rangeOfTask(k, range);
    if (failed(span)) return span;
    return yield* mmapWrite(span.mm, function* () {
      return yield* call(do_mprotect_pkey, { ...span, prot: accessOf(prot) });
    });
  },

  *clwb(k, range) {
    const span = yield* rangeOfTask(k, range);
    if (failed(span)) return span;
    let pages = 0;
    for (const { start, end, entry } of pteRuns(k, span.start, span.end)) {
      if (entry?.kind !== 'present') continue;
      const pfn = pfnAt(entry, start);
      pages += flushCaches(k, pfn, pfn + end - start);
    }
    return { pages };
  },

  *madvise(k, { advice, ...range }) {
    const span = yield* rangeOfTask(k, range);
    if (failed(span)) return span;
    const name = mmapLock(span.mm);
    // madvise_lock(): MADV_DONTNEED changes no VMA, so that reading will do.
    yield* advice === 'dontneed' ? lockShared(name) : lock(name, 'rwsem');
    const result = yield* call(do_madvise, { ...span, advice });
    yield* unlock(name);
    return result;
  },

  *mremap(k, { new_size, to, ...range }) {
    const mm = yield* ensureTask(k);
    if (failed(mm)) return mm;
    const span = rangeOf(k, mm, range);
    if (failed(span)) return span;
    const page = 1n << BigInt(k.facts.arch.page_shift);
    if (to !== undefined && to % page !== 0n) return fail('EINVAL', 'offset_in_page(new_addr)');
    const pages = Number((new_size + page - 1n) / page);
    const place = to === undefined ? undefined : positionsOf(k, mm, to, 0n).start;
    return yield* mmapWrite(mm.id, function* () {
      const result = yield* call(do_mremap, { ...span, pages, to: place });
      return failed(result) ? result : { va: addressText(k, result), pages };
    });
  },

  *'move-pages'(k, { node, ...range }) {
    const span = yield* rangeOfTask(k, range);
    if (failed(span)) return span;
    const status = yield* call(do_pages_move, { ...span, node });
    if (failed(status)) return status;
    const moved = status.reduce((sum, { pages, errno }) => sum + (errno === null ? pages : 0), 0);
    const first = status.find(({ errno }) => errno !== null);
    return { moved, status: [...status], error: first?.errno ?? '' };
  },
};
