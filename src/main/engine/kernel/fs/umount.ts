import { dax_alive, put_dax } from '../dax/dax-device.ts';
import { dax_writeback_mapping_range } from '../dax/writeback.ts';
import { dax_break_layout_final, TO_THE_END } from '../dax/layout.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, fail, operation, type Outcome } from '../../core/world/operation.ts';
import { dropPages } from './truncate.ts';
import { filesOf, isDax, isMounted, type Inode, type SuperBlock } from './super-block.ts';

/** Does a process map a file of the filesystem? Its open file keeps the mount busy. */
function inUse(k: Kernel, sb: SuperBlock): boolean {
  const files = new Set(filesOf(k, sb).map(({ id }) => id));
  return [...k.world.rows('vmas')].some(({ vm_file }) => files.has(vm_file));
}

/**
 * The end of an inode in memory: its DAX entries go. From 6.15 on it waits for pinned pages first;
 * before, they are left to whoever holds them.
 */
export const evict = operation<{ inode: Inode }, void>(
  'evict',
  'fs/inode.c:evict',
  function* (k, { inode }) {
    if (isDax(inode) && k.facts.era.get('dax_break_layout_final')) {
      yield* call(dax_break_layout_final, { inode });
    } else {
      yield* dropPages(k, { inode, start: 0, end: TO_THE_END });
    }
  },
  { show: ({ inode }) => ({ file: inode.id }) },
);

/** generic_shutdown_super(): every inode is evicted, the device let go. */
const generic_shutdown_super = operation<{ sb: SuperBlock }, void>(
  'generic_shutdown_super',
  'fs/super.c:generic_shutdown_super',
  function* (k, { sb }) {
    for (const inode of filesOf(k, sb)) yield* call(evict, { inode });
    k.world.patch('super_blocks', sb.id, { s_flags: '' });
    const device = k.world.get('dax_devices', sb.bdev);
    if (device && device.holder !== '') k.world.patch('dax_devices', sb.bdev, { holder: '' });
    if (device && !dax_alive(device)) yield* call(put_dax, { id: sb.bdev });
  },
  { show: ({ sb }) => ({ at: sb.id, bdev: sb.bdev }) },
);

/** umount(2): -EINVAL where nothing is mounted, -EBUSY while a process maps a file. */
export const path_umount = operation<{ at: string }, Outcome<void>>(
  (k) => (k.facts.era.get('path_mount') ? 'path_umount' : 'do_umount'),
  'fs/namespace.c:path_umount',
  function* (k, { at }) {
    const sb = k.world.get('super_blocks', at);
    if (!sb || !isMounted(sb)) return fail('EINVAL', '!path_mounted(path)');
    if (inUse(k, sb)) return fail('EBUSY', 'propagate_mount_busy(mnt, 2)');
    // sync_filesystem(): nothing of it is left in the caches.
    if (k.world.count('media_contents') > 0) {
      for (const inode of filesOf(k, sb)) {
        if (isDax(inode)) yield* call(dax_writeback_mapping_range, { inode, end: TO_THE_END });
      }
    }
    yield* call(generic_shutdown_super, { sb });
    return undefined;
  },
);
