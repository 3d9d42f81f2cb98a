import { alloc_pages } from '../buddy/page-alloc.ts';
import { parseGfp } from '../buddy/gfp.ts';
import type { Kernel } from '../../core/facts.ts';
import { numa_mem_id } from '../buddy/numa-mem-id.ts';
import { withFlag } from '../page/flags.ts';
import { folio_lock, folio_unlock } from '../page/page-lock.ts';
import { folio_get, folio_put } from '../page/page-ref.ts';
import {
  call,
  fail,
  leaf,
  operation,
  type Covers,
  type Operation,
  type Outcome,
  type KernelFunction,
} from '../../core/world/operation.ts';
import { clearContents, contentRuns, writeContents, type ContentRun } from './contents.ts';
import { coversPositions, type VmFault, type VmFaultRun } from './fault.ts';
import type { FileOperations, FileRange, MmappedFile } from './file-operations.ts';
import { cacheRuns, filePages, filePosition, inodeOf, type CacheRun, type Inode } from './inode.ts';
import { truncate_setsize } from './truncate.ts';
import type { VmFaultFunction, VmOperations } from './vm-operations.ts';

/** How a step over pages of a file shows itself. */
function coversIndexes({ inode, start, end }: FileRange): Covers | undefined {
  if (end - start === 1) return undefined;
  const from = filePosition(inode, start);
  return { count: end - start, range: { start: from, end: from + end - start, unit: 'index' } };
}

const showFile = ({ inode, start, end }: FileRange) => ({
  file: inode.id,
  index: start,
  pages: end - start,
});

/** Flags of a page in the cache of a file: those of tmpfs are swap-backed. */
function cacheFlags({ fs }: Pick<Inode, 'fs'>): string {
  return fs === 'tmpfs' ? 'lru|swapbacked|uptodate' : 'lru|uptodate';
}

/**
 * __filemap_add_folio(): new pages [pfn, ...) become pages [start, end) of the file; the cache holds
 * a reference to each. They are read (zeros: nothing else is on these files' disks) and locked.
 */
const filemap_add_folio = leaf<FileRange & { pfn: number }, void>(
  (k) => (k.facts.era.get('lock_page') ? 'filemap_add_folio' : 'add_to_page_cache_lru'),
  'mm/filemap.c:filemap_add_folio',
  (k, { inode, start, end, pfn }) => {
    const to = pfn + end - start;
    const at = filePosition(inode, start);
    k.world.set('i_pages', at, at + end - start, {
      inode: inode.id,
      kind: 'folio',
      pfn,
      flags: '',
    });
    k.world.set('page_mappings', pfn, to, { mapping: `file:${inode.id}`, index: start });
    k.world.update('pages', pfn, to, ({ refcount }) => ({
      flags: cacheFlags({ fs: inode.fs }),
      refcount: refcount + 1,
    }));
    clearContents(k, pfn, to);
  },
  { covers: coversIndexes, show: showFile },
);

/** Pages that are not in the cache yet come into it. Returns the pages done. */
function* fill(k: Kernel, inode: Inode, run: CacheRun): Operation<number> {
  const gfp = parseGfp(k.facts, 'GFP_HIGHUSER_MOVABLE');
  if (!gfp) return 0;
  const nid = yield* call(numa_mem_id, {});
  const count = run.end - run.start;
  const taken = yield* call(alloc_pages, { order: 0, gfp, nid, count });
  let at = run.start;
  for (const { pfn, end } of taken) {
    const range = { inode, start: at, end: at + end - pfn };
    at += end - pfn;
    // Who was quicker has its page in the cache; -EEXIST, and ours goes back.
    if (cacheRuns(k, inode, range.start, range.end).every((one) => one.pfn === undefined)) {
      yield* call(filemap_add_folio, { ...range, pfn });
      yield* call(folio_put, { pfn, end });
    } else yield* call(folio_put, { pfn, end });
  }
  return at - run.start;
}

/**
 * __filemap_get_folio() with FGP_CREAT: the first run of [start, end) that lies together in memory,
 * with a reference and locked. Undefined where no page is left.
 */
function* getFolios(
  k: Kernel,
  inode: Inode,
  start: number,
  end: number,
): Operation<{ pfn: number; pages: number } | undefined> {
  for (;;) {
    const [first] = cacheRuns(k, inode, start, end);
    if (!first) return undefined;
    if (first.pfn === undefined) {
      if ((yield* fill(k, inode, first)) === 0) return undefined;
      continue;
    }
    const pages = { pfn: first.pfn, end: first.pfn + first.end - first.start };
    yield* call(folio_get, pages);
    yield* call(folio_lock, pages);
    return { pfn: first.pfn, pages: first.end - first.start };
  }
}

/** The pages of a file behind a fault: SIGBUS past its end, OOM where none can be had. */
function* findPages(k: Kernel, run: VmFaultRun): Operation<VmFault> {
  const inode = inodeOf(k, run.vma.vm_file);
  if (!inode) return { handled: 0, fault: 'SIGBUS' };
  const last = Math.min(run.pgoff + run.end - run.start, filePages(k, inode));
  if (run.pgoff >= last) return { handled: 0, fault: 'SIGBUS' };
  const found = yield* getFolios(k, inode, run.pgoff, last);
  if (!found) return { handled: 0, fault: 'OOM' };
  return { handled: found.pages, fault: '', pfn: found.pfn, locked: true };
}

const FAULT = {
  covers: coversPositions,
  show: ({ start, end, pgoff }: VmFaultRun) => ({ pgoff, pages: end - start }),
};

/** shmem_fault(): pages of tmpfs and of shared anonymous memory. */
const shmem_fault: VmFaultFunction = operation(
  'shmem_fault',
  'mm/shmem.c:shmem_fault',
  findPages,
  FAULT,
);

/** filemap_fault(): pages of an ordinary file. */
const filemap_fault: VmFaultFunction = operation(
  'filemap_fault',
  'mm/filemap.c:filemap_fault',
  findPages,
  FAULT,
);

/** filemap_page_mkwrite(): the page is dirty from now on. */
const filemap_page_mkwrite: VmFaultFunction = leaf(
  'filemap_page_mkwrite',
  'mm/filemap.c:filemap_page_mkwrite',
  (k, run) => {
    const inode = inodeOf(k, run.vma.vm_file);
    if (!inode) return { handled: 0, fault: 'SIGBUS' };
    for (const { pfn, start, end } of cacheRuns(
      k,
      inode,
      run.pgoff,
      run.pgoff + run.end - run.start,
    )) {
      if (pfn !== undefined) dirty(k, pfn, pfn + end - start);
    }
    return { handled: run.end - run.start, fault: '' };
  },
  FAULT,
);

function dirty(k: Kernel, pfn: number, end: number): void {
  k.world.update('pages', pfn, end, ({ flags }) => ({ flags: withFlag(flags, 'dirty') }));
}

export const shmem_vm_ops: VmOperations = { fault: shmem_fault };

export const generic_file_vm_ops: VmOperations = {
  fault: filemap_fault,
  page_mkwrite: filemap_page_mkwrite,
};

/** read_iter(): what is in the pages; reading brings them into the cache. */
const filemap_read = operation<FileRange, Outcome<readonly ContentRun[]>>(
  'filemap_read',
  'mm/filemap.c:filemap_read',
  function* (k, { inode, start, end }) {
    const last = Math.min(end, filePages(k, inode));
    const runs: ContentRun[] = [];
    let at = start;
    while (at < last) {
      const found = yield* getFolios(k, inode, at, last);
      if (!found) return fail('ENOMEM', '!folio: filemap_alloc_folio()');
      const pages = { pfn: found.pfn, end: found.pfn + found.pages };
      runs.push(...contentRuns(k, pages.pfn, pages.end));
      yield* call(folio_unlock, pages);
      yield* call(folio_put, pages);
      at += found.pages;
    }
    return runs;
  },
  { covers: coversIndexes, show: showFile },
);

/** write_iter(): whole pages; the file grows where they lie past its end. */
const generic_perform_write = operation<
  FileRange & { content: { word: number; nth: number | null } },
  Outcome<number>
>(
  'generic_perform_write',
  'mm/filemap.c:generic_perform_write',
  function* (k, { inode, start, end, content }) {
    const shift = BigInt(k.facts.arch.page_shift);
    const size = BigInt(end) << shift;
    if (size > inode.i_size) k.world.patch('inodes', inode.id, { i_size: size });
    let at = start;
    while (at < end) {
      const found = yield* getFolios(k, inode, at, end);
      if (!found) return fail('ENOMEM', 'write_begin: no page');
      const pages = { pfn: found.pfn, end: found.pfn + found.pages };
      const nth = content.nth === null ? null : content.nth + (at - start);
      writeContents(k, pages.pfn, pages.end, { word: content.word, nth });
      dirty(k, pages.pfn, pages.end);
      yield* call(folio_unlock, pages);
      yield* call(folio_put, pages);
      at += found.pages;
    }
    return end - start;
  },
  { covers: coversIndexes, show: showFile },
);

function mmapAs(
  name: KernelFunction<{ vm_flags: string }, MmappedFile>['name'],
  source: string,
  vm_ops: string,
) {
  return leaf<{ vm_flags: string }, MmappedFile>(
    name,
    source,
    (_k, { vm_flags }) => ({ vm_ops, vm_flags }),
    { show: () => ({}) },
  );
}

/** simple_setattr(), shmem_setattr(): a new size. */
const setattr = operation<{ inode: Inode; i_size: bigint }, Outcome<void>>(
  'notify_change',
  'fs/attr.c:notify_change',
  function* (_k, params) {
    yield* call(truncate_setsize, params);
    return undefined;
  },
  { show: ({ inode, i_size }) => ({ file: inode.id, i_size }) },
);

const shared = {
  read: filemap_read,
  write: generic_perform_write,
  truncate: setattr,
};

export const shmem_file_operations: FileOperations = {
  mmap: mmapAs(
    (k) => (k.facts.era.get('mmap_prepare') ? 'shmem_mmap_prepare' : 'shmem_mmap'),
    'mm/shmem.c:shmem_mmap',
    'shmem',
  ),
  ...shared,
};

export const generic_file_operations = {
  mmap: mmapAs('generic_file_mmap', 'mm/filemap.c:generic_file_mmap', 'generic_file'),
  ...shared,
} satisfies FileOperations;
