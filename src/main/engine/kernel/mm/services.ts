import { alloc_pages } from '../buddy/page-alloc.ts';
import { __free_pages } from '../buddy/free-pages.ts';
import type { Kernel } from '../../core/facts.ts';
import { clearContents, contentRuns, copyContents, writeContents } from './contents.ts';
import { mmput } from './exit.ts';
import { mmapLock } from './mm-struct.ts';
import { addressOf, positionOf } from './position.ts';
import { vmaAt } from './vma.ts';
import { folio_lock, folio_unlock } from '../page/page-lock.ts';
import { coversPages } from '../page/page-runs.ts';
import { typeName } from '../pgmap/pagemap.ts';
import { MEMORY_SERVICES } from '../../../../shared/plugins/services/memory.ts';
import {
  fail,
  leaf,
  lock,
  lockShared,
  operation,
  unlock,
  type Outcome,
} from '../../core/world/operation.ts';
import { driverServices, serve } from '../device/services.ts';

interface Pfns {
  readonly pfn: number;
  readonly end: number;
}

const copy_highpage = leaf<{ to: number; from: number; pages: number }, void>(
  'copy_highpage',
  'include/linux/highmem.h:copy_highpage',
  (k, { from, to, pages }) => copyContents(k, from, to, pages),
);

const clear_highpage = leaf<Pfns, void>(
  'clear_highpage',
  'include/linux/highmem.h:clear_highpage',
  (k, { pfn, end }) => clearContents(k, pfn, end),
  { covers: coversPages },
);

interface WordRun {
  readonly pages: number;
  readonly word: number;
  readonly count: boolean;
}

const memcpy_from_page = leaf<Pfns, readonly WordRun[]>(
  'memcpy_from_page',
  'include/linux/highmem.h:memcpy_from_page',
  (k, { pfn, end }) =>
    contentRuns(k, pfn, end).map((run) => ({
      pages: run.end - run.pfn,
      word: run.word,
      count: run.counts,
    })),
  { covers: coversPages },
);

const memcpy_to_page = leaf<Pfns & { word: number; nth: number | null }, void>(
  'memcpy_to_page',
  'include/linux/highmem.h:memcpy_to_page',
  (k, { pfn, end, word, nth }) => writeContents(k, pfn, end, { word, nth }),
  { covers: coversPages },
);

const mutex_lock = operation<{ name: string }, void>(
  'mutex_lock',
  'kernel/locking/mutex.c:mutex_lock',
  function* (_k, { name }) {
    yield* lock(name);
  },
);

/** Is the lock the running actor's to give up? Giving up another's would be the driver's bug. */
function held(k: Kernel, name: string): boolean {
  const row = k.world.get('locks', name);
  const actor = k.current();
  return row !== undefined && (row.owner === actor || row.readers.includes(actor));
}

const mutex_unlock = operation<{ name: string }, Outcome<void>>(
  'mutex_unlock',
  'kernel/locking/mutex.c:mutex_unlock',
  function* (k, { name }) {
    if (!held(k, name)) return fail('EPERM', `model: ${name} is not held`);
    yield* unlock(name);
    return undefined;
  },
);

const mmap_read_lock = operation<{ mm: string }, void>(
  'mmap_read_lock',
  'include/linux/mmap_lock.h:mmap_read_lock',
  function* (_k, { mm }) {
    yield* lockShared(mmapLock(mm));
  },
);

const mmap_read_unlock = operation<{ mm: string }, Outcome<void>>(
  'mmap_read_unlock',
  'include/linux/mmap_lock.h:mmap_read_unlock',
  function* (k, { mm }) {
    if (!held(k, mmapLock(mm))) return fail('EPERM', `model: mmap_lock of ${mm} is not held`);
    yield* unlock(mmapLock(mm));
    return undefined;
  },
);

/** Address space of a task of the lab, by default the one that runs; null for a kernel thread. */
const get_task_mm = leaf<{ task: string }, string | null>(
  'get_task_mm',
  'kernel/fork.c:get_task_mm',
  (k, { task }) => {
    const mm = k.world.get('tasks', task === '' ? k.current() : task)?.mm ?? '';
    return mm === '' ? null : mm;
  },
);

/** mmget_not_zero(): false for an address space whose users are gone. */
const mmget_not_zero = leaf<{ mm: string }, boolean>(
  'mmget_not_zero',
  'include/linux/sched/mm.h:mmget_not_zero',
  (k, { mm }) => {
    const row = k.world.get('mms', mm);
    if (!row || row.mm_users === 0) return false;
    k.world.patch('mms', mm, { mm_users: row.mm_users + 1 });
    return true;
  },
);

/** The VMA at an address, and what of it a driver looks at. */
const vma_lookup = leaf<
  { mm: string; address: bigint },
  { start: bigint; end: bigint; flags: readonly string[] } | null
>('vma_lookup', 'include/linux/mm.h:vma_lookup', (k, { mm, address }) => {
  const row = k.world.get('mms', mm);
  const vma = row && vmaAt(k, positionOf(k, row, address));
  if (vma?.mm !== mm) return null;
  const page = 1n << BigInt(k.facts.arch.page_shift);
  const end = addressOf(k, vma.end - 1) + page;
  return { start: addressOf(k, vma.start), end, flags: vma.vm_flags.split('|') };
});

/** page_pgmap(): whose device page it is; null for a page that is none. */
const page_pgmap = leaf<{ pfn: number }, { type: string; owner: string } | null>(
  // An expression, where there is no function yet.
  (k) => (k.facts.era.get('page_pgmap') ? 'page_pgmap' : 'page->pgmap'),
  'include/linux/mmzone.h:page_pgmap',
  (k, { pfn }) => {
    const row = k.world.at('pages', pfn);
    const pgmap = row?.pgmap == null ? undefined : k.world.get('pgmaps', row.pgmap);
    return pgmap ? { type: typeName(pgmap), owner: pgmap.owner } : null;
  },
);

/** Pages, their contents, locks and address spaces, as drivers use them. */
export const memoryServices = driverServices(MEMORY_SERVICES, {
  alloc_pages: serve(alloc_pages, ({ gfp, order, pages, nid }) => ({
    gfp,
    order,
    count: Math.ceil(pages / 2 ** order),
    ...(nid === undefined ? {} : { nid }),
  })),
  __free_pages: serve(__free_pages),
  lock_page: serve(folio_lock),
  unlock_page: serve(folio_unlock),
  copy_highpage: serve(copy_highpage),
  clear_highpage: serve(clear_highpage),
  memcpy_from_page: serve(memcpy_from_page),
  memcpy_to_page: serve(memcpy_to_page, ({ nth, ...args }) => ({ ...args, nth: nth ?? null })),
  mutex_lock: serve(mutex_lock, ({ name }, { id }) => ({ name: `${id} ${name}` })),
  mutex_unlock: serve(mutex_unlock, ({ name }, { id }) => ({ name: `${id} ${name}` })),
  mmap_read_lock: serve(mmap_read_lock),
  mmap_read_unlock: serve(mmap_read_unlock),
  get_task_mm: serve(get_task_mm),
  mmget_not_zero: serve(mmget_not_zero),
  mmput: serve(mmput),
  page_pgmap: serve(page_pgmap),
  vma_lookup: serve(vma_lookup),
});
