import type { Kernel } from '../../core/facts.ts';
import type { Inode, SuperBlock } from '../fs/super-block.ts';
import { unmap_mapping_range } from '../mm/zap.ts';
import { countQueue } from '../page/free-zone-device.ts';
import {
  call,
  lock,
  operation,
  sleepOn,
  unlock,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { firstBusy } from './busy-page.ts';
import { entriesOf, entryQueue, isEntry, isReal } from './entry.ts';
import { invalidateLock } from './invalidate-lock.ts';
import { dax_delete_mapping_range } from './delete-entries.ts';

/** The last page index of a file: LLONG_MAX >> PAGE_SHIFT. */
export const TO_THE_END = 2 ** 44;

export interface LayoutRange {
  readonly inode: Inode;
  /** Page indices; `end` exclusive. */
  readonly start: number;
  readonly end: number;
}

/**
 * dax_layout_busy_page(_range)(): takes the file out of all page tables, so that nobody new gets to
 * its pages, and finds the first that somebody still holds. Null: all are idle.
 */
export const dax_layout_busy_page = operation<LayoutRange, number | null>(
  (k) =>
    k.facts.era.get('dax_layout_busy_page_range')
      ? 'dax_layout_busy_page_range'
      : 'dax_layout_busy_page',
  'fs/dax.c:dax_layout_busy_page_range',
  function* (k, { inode, start, end }) {
    yield* call(unmap_mapping_range, { file: inode.id, start, end, even_cows: false });
    let at = start;
    for (;;) {
      const run = entriesOf(k, inode, at, end)[0];
      if (!run) return null;
      if (isEntry(run.entry, 'locked')) {
        yield* sleepOn(entryQueue(k, inode, run.index, isEntry(run.entry, 'pmd')));
        continue;
      }
      const busy =
        isReal(run.entry) && run.pfn !== null
          ? firstBusy(k, run.pfn, run.pfn + run.end - run.index)
          : undefined;
      if (busy !== undefined) {
        const { refcount = 0 } = k.world.at('pages', busy) ?? {};
        k.note(`page 0x${busy.toString(16)} is busy: ${refcount} references`);
        return busy;
      }
      at = run.end;
    }
  },
  {
    show: ({ inode, start, end }) => ({
      file: inode.id,
      start,
      ...(end < TO_THE_END ? { end } : {}),
    }),
  },
);

/**
 * ___wait_var_event() on the page's count: looks once more before it sleeps, so that a reference
 * given back meanwhile is not waited for; gives the lock up while it sleeps (wait_dax_page).
 */
function* waitIdle(k: Kernel, page: number, held: string | undefined): Operation<void> {
  const idle = k.facts.era.get('fsdax_idle_refcount');
  while ((k.world.at('pages', page)?.refcount ?? idle) !== idle) {
    if (held) yield* unlock(held);
    yield* sleepOn(countQueue(page));
    if (held) yield* lock(held, 'rwsem');
  }
}

/**
 * ext4_break_layouts(), xfs_break_dax_layouts(): waits, as long as a signal does not end it, until
 * no page of the file is held by anybody. It looks at the whole file, whatever part is to go.
 */
function* waitForBusyPages(k: Kernel, inode: Inode, held: string | undefined): Operation<void> {
  for (;;) {
    const page = yield* call(dax_layout_busy_page, { inode, start: 0, end: TO_THE_END });
    if (page === null) return;
    yield* waitIdle(k, page, held);
  }
}

/**
 * dax_break_layout(): the same from 6.15 on, and the entries of the range go. Without a way to wait
 * (`nowait`) a busy page is -ERESTARTSYS.
 */
export const dax_break_layout = operation<
  LayoutRange & { held?: string | undefined },
  Outcome<void>
>(
  'dax_break_layout',
  'fs/dax.c:dax_break_layout',
  function* (k, { inode, start, end, held }) {
    for (;;) {
      const page = yield* call(dax_layout_busy_page, { inode, start, end });
      if (page === null) break;
      yield* waitIdle(k, page, held);
    }
    yield* call(dax_delete_mapping_range, { inode, start, end });
    return undefined;
  },
  { show: ({ inode, start }) => ({ file: inode.id, start }) },
);

/** dax_break_layout_final(): the end of an inode; no signal ends the wait. */
export const dax_break_layout_final = operation<{ inode: Inode }, void>(
  'dax_break_layout_final',
  'fs/dax.c:dax_break_layout_final',
  function* (k, { inode }) {
    const range = { inode, start: 0, end: TO_THE_END };
    for (;;) {
      const page = yield* call(dax_layout_busy_page, range);
      if (page === null) break;
      yield* waitIdle(k, page, undefined);
    }
    yield* call(dax_delete_mapping_range, range);
  },
  { show: ({ inode }) => ({ file: inode.id }) },
);

function* breakLayouts(k: Kernel, inode: Inode, by: string): Operation<Outcome<void>> {
  const held = invalidateLock(k, inode.id);
  if (by === 'dax_break_layout') {
    return yield* call(dax_break_layout, { inode, start: 0, end: TO_THE_END, held });
  }
  yield* waitForBusyPages(k, inode, held);
  return undefined;
}

const ext4_break_layouts = operation<{ inode: Inode }, Outcome<void>>(
  'ext4_break_layouts',
  'fs/ext4/inode.c:ext4_break_layouts',
  (k, { inode }) => breakLayouts(k, inode, k.facts.era.get('ext4_break_layouts')),
  { show: ({ inode }) => ({ file: inode.id }) },
);

const xfs_break_dax_layouts = operation<{ inode: Inode }, Outcome<void>>(
  'xfs_break_dax_layouts',
  'fs/xfs/xfs_file.c:xfs_break_dax_layouts',
  (k, { inode }) => breakLayouts(k, inode, k.facts.era.get('xfs_break_dax_layouts')),
  { show: ({ inode }) => ({ file: inode.id }) },
);

/**
 * What the filesystem does before blocks of a DAX file may go; the caller holds its locks. Kernels
 * before 4.18 (XFS) and 4.19 (ext4) did nothing: blocks went while devices still wrote to them.
 */
export function* break_layouts(k: Kernel, sb: SuperBlock, inode: Inode): Operation<Outcome<void>> {
  const ext4 = sb.s_type === 'ext4';
  const rule = k.facts.era.get(ext4 ? 'ext4_break_layouts' : 'xfs_break_dax_layouts');
  if (rule === 'none') return undefined;
  return yield* call(ext4 ? ext4_break_layouts : xfs_break_dax_layouts, { inode });
}
