import type { Kernel } from '../../core/facts.ts';
import { compact_node } from '../../kernel/migrate/compaction.ts';
import { do_pages_move } from '../../kernel/migrate/move-pages.ts';
import { do_group_exit } from '../../kernel/mm/exit.ts';
import type { Content } from '../../kernel/mm/contents.ts';
import { kernel_clone } from '../../kernel/mm/fork.ts';
import { FRUITLESS } from '../../kernel/mm/fault.ts';
import { ADVICE, do_madvise } from '../../kernel/mm/madvise.ts';
import { do_mprotect_pkey } from '../../kernel/mm/mprotect.ts';
import { do_mremap } from '../../kernel/mm/mremap.ts';
import { hugetlb_reserve_pages } from '../../kernel/mm/hugetlb.ts';
import { mmapLock, taskOf, type Mm } from '../../kernel/mm/mm-struct.ts';
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
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import {
  addressField,
  countField,
  flagField,
  sizeField,
  textField,
  wordField,
} from './op-arguments.ts';
import { openFile } from './file-ops.ts';
import { labOperation } from './lab-operation.ts';
import { wordsOf } from './words.ts';

/** Stands for an address the kernel is to choose. */
const ANYWHERE = -1n;
/** Stands for a size that `pages` gives. */
const NO_SIZE = -1n;

export const RANGE = { va: addressField(), size: sizeField(NO_SIZE), pages: countField(0) };

interface RangeArguments {
  readonly va: bigint;
  readonly size: bigint;
  readonly pages: number;
}

/** Positions of `va` and `size` or `pages` (one page where neither is said); -EINVAL for none. */
export function rangeOf(
  k: Kernel,
  mm: Mm,
  { va, size, pages }: RangeArguments,
): Failure | { mm: string; start: number; end: number } {
  const page = 1n << BigInt(k.facts.arch.page_shift);
  if (va % page !== 0n) return fail('EINVAL', 'offset_in_page(addr)');
  if (size !== NO_SIZE && pages !== 0) return fail('EINVAL', 'lab: `size` and `pages`, not both');
  const bytes = size === NO_SIZE ? BigInt(pages === 0 ? 1 : pages) * page : size;
  if (bytes <= 0n) return fail('EINVAL', '!len');
  return { mm: mm.id, ...positionsOf(k, mm, va, bytes) };
}

/** An address as results of operations have it. */
export function addressText(k: Kernel, position: number): string {
  return `0x${addressOf(k, position).toString(16)}`;
}

const PROTS: Readonly<Record<string, 'read' | 'write' | 'exec'>> = {
  r: 'read',
  w: 'write',
  x: 'exec',
};

/** `rw`, `r`, `rx`, `none`: access as /proc/PID/maps abbreviates it. */
export function readProt(text: string): Failure | ('read' | 'write' | 'exec')[] {
  if (text === 'none') return [];
  const bits = [...text].map((letter) => PROTS[letter]);
  const known = bits.filter((bit) => bit !== undefined);
  return known.length === bits.length
    ? known
    : fail('EINVAL', `lab: \`prot\`: expected letters of r, w, x, or none, not ${text}`);
}

const mmap = labOperation(
  'mmap',
  {
    at: addressField(ANYWHERE),
    size: sizeField(),
    prot: textField('rw'),
    shared: flagField(false),
    file: textField(''),
    offset: sizeField(0n),
    sync: flagField(false),
    hugetlb: flagField(false),
  },
  function* (k, { at, size, prot, shared, file, offset, sync, hugetlb }) {
    const mm = yield* ensureTask(k);
    if (failed(mm)) return mm;
    const access = readProt(prot);
    if (failed(access)) return access;
    const page = 1n << BigInt(k.facts.arch.page_shift);
    if (size <= 0n) return fail('EINVAL', '!len');
    if (offset % page !== 0n) return fail('EINVAL', 'offset_in_page(off)');
    if (at !== ANYWHERE && at % page !== 0n) return fail('EINVAL', 'offset_in_page(addr)');
    const pages = Number((size + page - 1n) / page);
    const pgoff = Number(offset / page);
    if (hugetlb) return yield* call(hugetlb_reserve_pages, { pages });
    if (file !== '') {
      const opened = yield* openFile(k, file, offset + size);
      if (failed(opened)) return opened;
    }
    return yield* mmapWrite(mm.id, function* () {
      const start = at === ANYWHERE ? unmappedArea(k, mm, pages) : positionsOf(k, mm, at, 0n).start;
      if (start === undefined) return fail('ENOMEM', 'get_unmapped_area(): no gap is large enough');
      const span = { mm: mm.id, start, end: start + pages };
      const result = yield* call(do_mmap, { ...span, prot: access, shared, file, pgoff, sync });
      return failed(result) ? result : { va: addressText(k, start), pages };
    });
  },
);

const munmap = labOperation('munmap', RANGE, function* (k, args) {
  const mm = yield* ensureTask(k);
  if (failed(mm)) return mm;
  const span = rangeOf(k, mm, args);
  if (failed(span)) return span;
  return yield* mmapWrite(mm.id, function* () {
    return yield* call(do_munmap, span);
  });
});

/** The end of an access: the signal ends the process unless it catches it. */
function* ended(
  k: Kernel,
  accessed: Accessed,
  start: number,
  caught: boolean,
): Operation<Outcome<object>> {
  const { pages, faults, signal } = accessed;
  if (accessed.stuck) return fail('EINTR', `the CPU ${FRUITLESS}`);
  if (signal === '') return { pages, faults, fault: '' };
  k.note(`${signal} at ${addressText(k, start + pages)}`);
  if (!caught) yield* call(do_group_exit, { signal });
  return { pages, faults, fault: signal, at: addressText(k, start + pages) };
}

/** `write: { va, size, word }`: every word of the pages; with `count` they count up from `word`. */
const write = labOperation(
  'write',
  { ...RANGE, word: countField(0), count: flagField(false), catch: flagField(false) },
  function* (k, { word, count, catch: caught, ...args }) {
    const mm = yield* ensureTask(k);
    if (failed(mm)) return mm;
    const span = rangeOf(k, mm, args);
    if (failed(span)) return span;
    const content: Content = { word, nth: count ? 0 : null };
    const accessed = yield* userAccess(k, mm.id, span, content);
    return yield* ended(k, accessed, span.start, caught);
  },
);

/** `read: { va, size }`: the words found come back. */
const read = labOperation(
  'read',
  { ...RANGE, catch: flagField(false) },
  function* (k, { catch: caught, ...args }) {
    const mm = yield* ensureTask(k);
    if (failed(mm)) return mm;
    const span = rangeOf(k, mm, args);
    if (failed(span)) return span;
    const accessed = yield* userAccess(k, mm.id, span, undefined);
    const result = yield* ended(k, accessed, span.start, caught);
    if (failed(result)) return result;
    return { ...result, ...wordsOf(k, accessed.runs) };
  },
);

/** `mprotect: { va, size, prot }`. */
const mprotect = labOperation('mprotect', { ...RANGE, prot: textField() }, function* (k, args) {
  const { prot, ...range } = args;
  const mm = yield* ensureTask(k);
  if (failed(mm)) return mm;
  const access = readProt(prot);
  if (failed(access)) return access;
  const span = rangeOf(k, mm, range);
  if (failed(span)) return span;
  return yield* mmapWrite(mm.id, function* () {
    return yield* call(do_mprotect_pkey, { ...span, prot: access });
  });
});

/** `madvise: { va, size, advice }`. */
const madvise = labOperation(
  'madvise',
  { ...RANGE, advice: wordField(ADVICE) },
  function* (k, args) {
    const { advice, ...range } = args;
    const mm = yield* ensureTask(k);
    if (failed(mm)) return mm;
    const span = rangeOf(k, mm, range);
    if (failed(span)) return span;
    const name = mmapLock(mm.id);
    // madvise_lock(): MADV_DONTNEED changes no VMA, so that reading will do.
    yield* advice === 'dontneed' ? lockShared(name) : lock(name, 'rwsem');
    const result = yield* call(do_madvise, { ...span, advice });
    yield* unlock(name);
    return result;
  },
);

/** `mremap: { va, size, new_size, to }`: moves where it has to, or to `to`. */
const mremap = labOperation(
  'mremap',
  { ...RANGE, new_size: sizeField(), to: addressField(ANYWHERE) },
  function* (k, { new_size, to, ...range }) {
    const mm = yield* ensureTask(k);
    if (failed(mm)) return mm;
    const span = rangeOf(k, mm, range);
    if (failed(span)) return span;
    const page = 1n << BigInt(k.facts.arch.page_shift);
    if (to !== ANYWHERE && to % page !== 0n) return fail('EINVAL', 'offset_in_page(new_addr)');
    const pages = Number((new_size + page - 1n) / page);
    const place = to === ANYWHERE ? undefined : positionsOf(k, mm, to, 0n).start;
    return yield* mmapWrite(mm.id, function* () {
      const result = yield* call(do_mremap, { ...span, pages, to: place });
      return failed(result) ? result : { va: addressText(k, result), pages };
    });
  },
);

/** `fork: { child }`: the child is an actor of that name. */
const fork = labOperation('fork', { child: textField() }, function* (k, { child }) {
  const mm = yield* ensureTask(k);
  if (failed(mm)) return mm;
  if (taskOf(k, child)) return fail('EEXIST', `lab: there is a process ${child} already`);
  const pid = yield* call(kernel_clone, { child });
  return failed(pid) ? pid : { pid, child };
});

/** `exit`: the process ends; its address space goes. */
const exit = labOperation('exit', {}, function* (k) {
  const mm = yield* ensureTask(k);
  if (failed(mm)) return mm;
  yield* call(do_group_exit, { signal: 'exit' });
  return undefined;
});

/** `move-pages: { va, size, node }`: move_pages(2); the status of each run of pages comes back. */
const movePages = labOperation(
  'move-pages',
  { ...RANGE, node: countField() },
  function* (k, { node, ...range }) {
    const mm = yield* ensureTask(k);
    if (failed(mm)) return mm;
    const span = rangeOf(k, mm, range);
    if (failed(span)) return span;
    const status = yield* call(do_pages_move, { ...span, node });
    if (failed(status)) return status;
    const moved = status.reduce((sum, { pages, errno }) => sum + (errno === null ? pages : 0), 0);
    const first = status.find(({ errno }) => errno !== null);
    return { moved, status: [...status], error: first?.errno ?? '' };
  },
);

/** `compact: { node }`: a write to the node's `compact` file; how many pages moved. */
const compact = labOperation('compact', { node: countField(0) }, function* (k, { node }) {
  if (!k.world.get('nodes', node)) return fail('ENODEV', `lab: there is no node ${node}`);
  return { moved: yield* call(compact_node, { nid: node }) };
});

/** Operations of processes on their address spaces, by name. */
export const MM_OPS: Readonly<Record<string, KernelFunction<never, unknown>>> = {
  mmap,
  munmap,
  mprotect,
  madvise,
  mremap,
  fork,
  exit,
  'move-pages': movePages,
  compact,
  write,
  read,
};
