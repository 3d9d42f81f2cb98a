import type { Kernel } from '../../core/facts.ts';
import { blockOwners } from '../fs/block-owners.ts';
import { filePosition } from '../fs/file-position.ts';
import { superBlockOf, type Inode, type SuperBlock } from '../fs/super-block.ts';
import { unmap_mapping_range } from '../mm/zap.ts';
import { withFlag } from '../page/flags.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  sleepOn,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { dax_alive } from './dax-device.ts';
import { entriesOf, entryQueue, isEntry, isReal } from './entry.ts';

/** Pages of a DAX device that are damaged. */
export interface DamagedPages {
  readonly dax_dev: string;
  readonly pgoff: number;
  readonly nr_pages: number;
}

/** Pages [index, end) of a file. */
interface FilePages {
  readonly inode: Inode;
  readonly index: number;
  readonly end: number;
}

const shown = ({ inode, index, end }: FilePages) => ({ file: inode.id, index, count: end - index });

/** collect_procs_fsdax(), kill_procs(): SIGBUS to every process that maps these pages of the file. */
const collect_procs_fsdax = leaf<FilePages, number>(
  'collect_procs_fsdax',
  'mm/memory-failure.c:collect_procs_fsdax',
  (k, { inode, index, end }) => {
    const mms = new Set<string>();
    for (const vma of k.world.rows('vmas')) {
      if (vma.vm_file !== inode.id) continue;
      const last = vma.vm_pgoff + (vma.end - vma.start);
      if (vma.vm_pgoff < end && last > index) mms.add(vma.mm);
    }
    let killed = 0;
    for (const task of [...k.world.rows('tasks')]) {
      if (!mms.has(task.mm) || task.signal !== '') continue;
      k.world.patch('tasks', task.id, { signal: 'SIGBUS' });
      k.printk('err', `Memory failure: Sending SIGBUS to ${task.id}:${task.pid}`);
      killed += 1;
    }
    return killed;
  },
  { show: shown },
);

/** Marks the pages of a real entry; nothing for the zero page or where there is no entry. */
function* mark(k: Kernel, { inode, index, end }: FilePages): Operation<boolean> {
  let marked = false;
  for (const run of entriesOf(k, inode, index, end)) {
    while (isEntry(k.world.at('i_pages', filePosition(inode, run.index)) ?? run.entry, 'locked')) {
      yield* sleepOn(entryQueue(k, inode, run.index, isEntry(run.entry, 'pmd')));
    }
    if (!isReal(run.entry) || run.pfn === null) continue;
    k.world.update('pages', run.pfn, run.pfn + run.end - run.index, (row) => ({
      flags: withFlag(row.flags, 'hwpoison'),
    }));
    marked = true;
  }
  return marked;
}

/** mf_dax_kill_procs(): the file's pages are marked, its users killed and its mappings emptied. */
const mf_dax_kill_procs = operation<FilePages, Outcome<void>>(
  'mf_dax_kill_procs',
  'mm/memory-failure.c:mf_dax_kill_procs',
  function* (k, pages) {
    if (!(yield* mark(k, pages))) return undefined;
    yield* call(collect_procs_fsdax, pages);
    const { inode, index, end } = pages;
    yield* call(unmap_mapping_range, { file: inode.id, start: index, end, even_cows: false });
    return undefined;
  },
  { show: shown },
);

/** xfs_dax_notify_failure(): by its reverse mapping XFS knows whose the blocks are. */
const xfs_dax_notify_failure = operation<
  { sb: SuperBlock; block: number; end: number },
  Outcome<void>
>(
  'xfs_dax_notify_failure',
  'fs/xfs/xfs_notify_failure.c:xfs_dax_notify_failure',
  function* (k, { sb, block, end }) {
    const files = blockOwners(k, sb, block, end);
    if (files.length === 0) {
      k.printk('alert', `XFS (${sb.bdev}): Metadata is damaged, or nobody has these blocks`);
      return undefined;
    }
    for (const pages of files) {
      const done = yield* call(mf_dax_kill_procs, pages);
      if (failed(done)) return done;
    }
    return undefined;
  },
  { show: ({ sb, block, end }) => ({ at: sb.id, block, count: end - block }) },
);

/**
 * dax_holder_notify_failure(): -ENXIO where the device is gone, -EOPNOTSUPP where no filesystem said
 * that it wants to know (ext4 does not; XFS does from 6.0 on).
 */
export const dax_holder_notify_failure = operation<DamagedPages, Outcome<void>>(
  'dax_holder_notify_failure',
  'drivers/dax/super.c:dax_holder_notify_failure',
  function* (k, { dax_dev, pgoff, nr_pages }) {
    const device = k.world.get('dax_devices', dax_dev);
    if (!device || !dax_alive(device)) return fail('ENXIO', '!dax_alive(dax_dev)');
    const [fs, at] = device.holder.split(' ');
    const sb = at === undefined ? undefined : superBlockOf(k, `${at}/`);
    if (fs !== 'xfs' || !sb) return fail('EOPNOTSUPP', '!dax_dev->holder_ops');
    const block = pgoff + device.start_pfn - sb.start_pfn;
    return yield* call(xfs_dax_notify_failure, { sb, block, end: block + nr_pages });
  },
);
