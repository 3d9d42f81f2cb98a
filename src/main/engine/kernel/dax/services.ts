import { DISK_SERVICES } from '../../../../shared/plugins/services/disks.ts';
import type { ArgsOf } from '../../../../shared/plugins/declaration.ts';
import type { DeviceFacts } from '../device/model.ts';
import { driverServices, serve } from '../device/services.ts';
import { path_mount } from '../fs/mount.ts';
import { bd_mounted } from '../fs/super-block.ts';
import { path_umount } from '../fs/umount.ts';
import { badblocks_set } from './badblocks.ts';
import { add_disk, alloc_dax, kill_dax, put_dax, type DaxDeviceRequest } from './dax-device.ts';
import { unregister_dax_mapping } from './dev-dax.ts';
import { __pmem_direct_access } from './direct-access.ts';
import { dax_holder_notify_failure } from './notify-failure.ts';
import { nvdimm_pmem_region_create } from './persistence-domain.ts';

type Disk = ArgsOf<typeof DISK_SERVICES.device_add_disk> & {
  readonly kind?: 'block' | 'char';
  readonly synchronous?: boolean;
};

/** What a driver says of its disk or character device; `direct`: memory that can be mapped. */
function disk(direct: boolean) {
  return (
    { name, start, size, kind = 'block', pgmap, align, synchronous = true }: Disk,
    device: DeviceFacts,
  ): DaxDeviceRequest => ({
    ...{ id: name, device: device.id, start, size, kind, pgmap, align, direct, synchronous },
  });
}

const named = ({ name }: { readonly name: string }) => ({ id: name });

/** Disks, DAX devices and filesystems, as drivers and administrators ask for them. */
export const daxServices = driverServices(DISK_SERVICES, {
  nvdimm_pmem_region_create: serve(nvdimm_pmem_region_create),
  alloc_dax: serve(alloc_dax, disk(true)),
  device_add_disk: serve(add_disk, disk(false)),
  kill_dax: serve(kill_dax, named),
  put_dax: serve(put_dax, named),
  unmap_dax_mapping: serve(unregister_dax_mapping, named),
  badblocks_set: serve(badblocks_set, ({ name, ...sectors }) => ({ disk: name, ...sectors })),
  path_mount: serve(path_mount),
  __pmem_direct_access: serve(__pmem_direct_access, ({ name, pgoff, nr_pages, recovery }) => ({
    ...{ dax_dev: name, pgoff, nr_pages },
    ...(recovery ? { mode: 'recovery_write' as const } : {}),
  })),
  dax_holder_notify_failure: serve(dax_holder_notify_failure, ({ name, ...pages }) => ({
    dax_dev: name,
    ...pages,
  })),
  bd_mounted: serve(bd_mounted),
  path_umount: serve(path_umount),
});
