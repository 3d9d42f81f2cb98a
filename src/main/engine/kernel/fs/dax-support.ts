import { enabled } from '../../core/arch/config.ts';
import { dax_direct_access } from '../dax/direct-access.ts';
import { hasDaxFlag, type DaxDevice } from '../dax/dax-device.ts';
import type { Kernel } from '../../core/facts.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';

/** The block device a filesystem would be mounted from. */
export interface DaxSupport {
  readonly bdev: string;
  /** Bytes. */
  readonly block_size: bigint;
  /** Where the partition begins on the disk, in bytes. */
  readonly offset: bigint;
}

function pageSize(k: Kernel): bigint {
  return 1n << BigInt(k.facts.arch.page_shift);
}

const misaligned = (k: Kernel, { offset }: DaxSupport) => offset % pageSize(k) !== 0n;

/** Are there struct pages for what is at the start of the device, of one pagemap? */
function hasPages(k: Kernel, device: DaxDevice): boolean {
  if (device.pgmap !== '') return true;
  const rule = k.facts.era.get('dax_needs_pages');
  return rule === 'unless_limited' && enabled(k.facts.config, 'FS_DAX_LIMITED');
}

/** __bdev_dax_supported() and bdev_dax_supported() of 4.12 to 5.16. */
const bdev_dax_supported = operation<DaxSupport, Outcome<void>>(
  (k) =>
    k.facts.era.get('dax_mount_check') === 'errno' ? '__bdev_dax_supported' : 'bdev_dax_supported',
  'drivers/dax/super.c:__bdev_dax_supported',
  function* (k, params) {
    const { bdev, block_size } = params;
    const log = (text: string) => k.printk('err', `${bdev}: error: ${text}`);
    const device = k.world.get('dax_devices', bdev);
    const queue = k.facts.era.get('dax_mount_check') === 'boolean';
    if (block_size !== pageSize(k)) {
      log('unsupported blocksize for dax');
      return fail('EINVAL', 'blocksize != PAGE_SIZE');
    }
    if (queue && (!device || !hasDaxFlag(device, 'dax'))) {
      log("request queue doesn't support dax");
      return fail('EOPNOTSUPP', '!q || !blk_queue_dax(q)');
    }
    if (misaligned(k, params)) {
      log('unaligned partition for dax');
      return fail('EINVAL', 'bdev_dax_pgoff(): phys_off & ~PAGE_MASK');
    }
    if (!device || !hasDaxFlag(device, 'direct')) {
      log('device does not support dax');
      return fail('EOPNOTSUPP', '!dax_dev');
    }
    const first = yield* call(dax_direct_access, { dax_dev: bdev, pgoff: 0, nr_pages: 1 });
    if (failed(first)) {
      log(`dax access failed (-${first.errno})`);
      return fail('EIO', 'len < 1');
    }
    if (k.facts.era.get('dax_needs_pages') !== 'no' && !hasPages(k, device)) {
      log('dax support not enabled');
      return fail('EOPNOTSUPP', '!dax_enabled: no pfn_t_devmap(pfn)');
    }
    return undefined;
  },
);

/** fs_dax_get_by_bdev(): NULL, with a line in the log, where the disk has no usable direct access. */
const fs_dax_get_by_bdev = leaf<DaxSupport, Outcome<void>>(
  'fs_dax_get_by_bdev',
  'drivers/dax/super.c:fs_dax_get_by_bdev',
  (k, params) => {
    const device = k.world.get('dax_devices', params.bdev);
    if (!device || !hasDaxFlag(device, 'dax')) {
      return fail('EOPNOTSUPP', '!blk_queue_dax(bdev->bd_disk->queue): no struct pages, or no DAX');
    }
    if (misaligned(k, params)) {
      k.printk('info', `${params.bdev}: error: unaligned partition for dax`);
      return fail('EINVAL', '(start_off & ~PAGE_MASK) || (part_size & ~PAGE_MASK)');
    }
    return undefined;
  },
);

/** ext4_fill_super() and xfs_fs_fill_super() of 4.3: has the disk a direct_access method? */
const direct_access_method = leaf<DaxSupport, Outcome<void>>(
  'bd_disk->fops->direct_access',
  'fs/ext4/super.c:ext4_fill_super',
  (k, { bdev, block_size }) => {
    if (block_size !== pageSize(k)) return fail('EINVAL', 'blocksize != PAGE_SIZE');
    const device = k.world.get('dax_devices', bdev);
    if (!device || !hasDaxFlag(device, 'direct')) {
      return fail('EOPNOTSUPP', '!sb->s_bdev->bd_disk->fops->direct_access');
    }
    return undefined;
  },
);

/** What stands against mapping files of this device directly, by the kernel's own test; nothing: it can. */
export function* daxSupported(k: Kernel, params: DaxSupport): Operation<Outcome<void>> {
  const check = k.facts.era.get('dax_mount_check');
  if (check === 'direct_access') return yield* call(direct_access_method, params);
  if (check !== 'fs_dax_get_by_bdev') return yield* call(bdev_dax_supported, params);
  const found = yield* call(fs_dax_get_by_bdev, params);
  if (failed(found)) return found;
  if (params.block_size === pageSize(k)) return undefined;
  return fail('EINVAL', 'sb->s_blocksize != PAGE_SIZE');
}
