import { MIRROR_SERVICES } from '../../../../shared/plugins/services/mirrors.ts';
import { driverServices, serve } from '../device/services.ts';
import { xa_erase, xa_load, xa_store } from './device-page-table.ts';
import { hmm_devmem_add, hmm_devmem_add_resource } from './devmem.ts';
import { vm_insert_page } from '../mm/insert-page.ts';
import { ksys_mmap_pgoff } from './driver-mmap.ts';
import { make_device_exclusive } from './exclusive.ts';
import {
  mmu_interval_notifier_insert,
  mmu_interval_notifier_remove,
  mmu_interval_read_begin,
  mmu_interval_read_retry,
  mmu_interval_set_seq,
} from './interval-notifier.ts';
import { hmm_range_fault } from './range-fault.ts';

/** Mirrors of address spaces and a device's own page tables, as drivers call them. */
export const hmmServices = driverServices(MIRROR_SERVICES, {
  mmu_interval_notifier_insert: serve(mmu_interval_notifier_insert, (args, { id }) => {
    return { ...args, device: id };
  }),
  mmu_interval_notifier_remove: serve(mmu_interval_notifier_remove),
  mmu_interval_set_seq: serve(mmu_interval_set_seq),
  mmu_interval_read_begin: serve(mmu_interval_read_begin),
  mmu_interval_read_retry: serve(mmu_interval_read_retry),
  hmm_range_fault: serve(hmm_range_fault, (args) => ({
    ...{ notifier: args.notifier, address: args.address, pages: args.pages },
    seq: args.notifier_seq,
    fault: args.default_flags.length > 0,
    write: args.default_flags.includes('write'),
    owner: args.dev_private_owner,
  })),
  make_device_exclusive: serve(make_device_exclusive),
  hmm_devmem_add: serve(hmm_devmem_add, (args, { id, node }) => {
    return { ...args, device: id, nid: node };
  }),
  hmm_devmem_add_resource: serve(hmm_devmem_add_resource, (args, { id, node }) => {
    return { ...args, device: id, nid: node };
  }),
  ksys_mmap_pgoff: serve(ksys_mmap_pgoff, (args, { id }) => ({ ...args, device: id })),
  vm_insert_page: serve(vm_insert_page),
  xa_store: serve(xa_store, ({ pfn, ...args }) => ({ ...args, pfn: pfn ?? null })),
  xa_erase: serve(xa_erase),
  xa_load: serve(xa_load),
});
