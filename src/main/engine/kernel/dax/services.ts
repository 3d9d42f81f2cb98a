import type { Args } from '../../../../shared/world/value.ts';
import { driverService, type ArgSpec, type DriverService } from '../device/services.ts';
import type { DeviceFacts } from '../device/model.ts';
import { path_mount } from '../fs/mount.ts';
import { path_umount } from '../fs/umount.ts';
import { bd_mounted } from '../fs/super-block.ts';
import { badblocks_set } from './badblocks.ts';
import { __pmem_direct_access } from './direct-access.ts';
import { dax_holder_notify_failure } from './notify-failure.ts';
import { add_disk, alloc_dax, kill_dax, put_dax, type DaxDeviceRequest } from './dax-device.ts';
import { unregister_dax_mapping } from './dev-dax.ts';

const DISK_ARGS: ArgSpec = {
  name: 'text',
  start: 'address',
  size: 'address',
  kind: 'text?',
  pgmap: 'text?',
  align: 'address?',
};

const PAGE_SHIFT = 12n;

/** What a driver says of its disk or character device; `direct`: memory that can be mapped. */
function disk(direct: boolean) {
  return (args: Args, device: DeviceFacts): DaxDeviceRequest | string => {
    const kind = (args['kind'] ?? 'block') as string;
    if (kind !== 'block' && kind !== 'char') return 'kind takes block or char';
    return {
      id: args['name'] as string,
      device: device.id,
      kind,
      start_pfn: Number((args['start'] as bigint) >> PAGE_SHIFT),
      pages: Number((args['size'] as bigint) >> PAGE_SHIFT),
      pgmap: (args['pgmap'] ?? '') as string,
      align: (args['align'] ?? 4096n) as bigint,
      direct,
    };
  };
}

const named = (args: Args) => ({ id: args['name'] as string });

/** Disks, DAX devices and filesystems, as drivers and administrators ask for them. */
export const daxServices: readonly DriverService[] = [
  driverService('alloc_dax', DISK_ARGS, alloc_dax, disk(true)),
  driverService('device_add_disk', DISK_ARGS, add_disk, disk(false)),
  driverService('kill_dax', { name: 'text' }, kill_dax, named),
  driverService('put_dax', { name: 'text' }, put_dax, named),
  driverService('unmap_dax_mapping', { name: 'text' }, unregister_dax_mapping, named),
  driverService(
    'badblocks_set',
    { name: 'text', sector: 'count', count: 'count' },
    badblocks_set,
    ({ name, sector, count }) => ({
      disk: name as string,
      sector: sector as number,
      count: count as number,
    }),
  ),
  driverService(
    'path_mount',
    {
      bdev: 'text',
      fs: 'text',
      options: 'text?',
      at: 'text',
      block_size: 'address?',
      offset: 'address?',
    },
    path_mount,
    ({ bdev, fs, options, at, block_size, offset }) => ({
      bdev: bdev as string,
      fs: fs as string,
      options: (options ?? '') as string,
      at: at as string,
      block_size: (block_size ?? 4096n) as bigint,
      offset: (offset ?? 0n) as bigint,
    }),
  ),
  driverService(
    '__pmem_direct_access',
    { name: 'text', pgoff: 'count', nr_pages: 'count', recovery: 'flag?' },
    __pmem_direct_access,
    ({ name, pgoff, nr_pages, recovery }) => ({
      dax_dev: name as string,
      pgoff: pgoff as number,
      nr_pages: nr_pages as number,
      ...(recovery === true ? { mode: 'recovery_write' as const } : {}),
    }),
    ((found: object) => ({ ...found })) as never,
  ),
  driverService(
    'dax_holder_notify_failure',
    { name: 'text', pgoff: 'count', nr_pages: 'count' },
    dax_holder_notify_failure,
    ({ name, pgoff, nr_pages }) => ({
      dax_dev: name as string,
      pgoff: pgoff as number,
      nr_pages: nr_pages as number,
    }),
  ),
  driverService('bd_mounted', { bdev: 'text' }, bd_mounted, ({ bdev }) => ({
    bdev: bdev as string,
  })),
  driverService('path_umount', { at: 'text' }, path_umount, ({ at }) => ({ at: at as string })),
];
