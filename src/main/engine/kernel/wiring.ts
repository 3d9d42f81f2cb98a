import { dax_fops, dev_dax_vm_ops } from './dax/dev-dax.ts';
import { ext4_dax_vm_ops, xfs_dax_vm_ops } from './dax/dax-fault.ts';
import { ext4_file_operations, xfs_file_operations } from './fs/file-operations.ts';
import { device_private_fault } from './hmm/device-private-fault.ts';
import { remove_device_exclusive_entry, try_restore_exclusive_pte } from './hmm/exclusive.ts';
import {
  mmu_notifier_invalidate_range_end,
  mmu_notifier_invalidate_range_start,
} from './hmm/mmu-notifier.ts';
import type { FileOperations } from './mm/file-operations.ts';
import {
  generic_file_operations,
  generic_file_vm_ops,
  shmem_file_operations,
  shmem_vm_ops,
} from './mm/filemap.ts';
import type { VmOperations } from './mm/vm-operations.ts';
import { kernfs_file_fops, p2pdma_page_free } from './p2pdma/sysfs-allocate.ts';

/**
 * What one subject calls in another through a pointer, all of it: who is behind `vma->vm_ops`,
 * `file->f_op`, a swap entry's type, an mmu notifier, `pgmap->ops`. A run has it in its facts, so
 * that the subjects need not import each other in circles. Drivers' own callbacks are the
 * devices' (device/callback.ts).
 */
export const wiring = {
  /** `vma->vm_ops`, by the name in `vmas.vm_ops`; anonymous memory has none. */
  vm_operations: {
    generic_file: generic_file_vm_ops,
    shmem: shmem_vm_ops,
    ext4_dax: ext4_dax_vm_ops,
    xfs_dax: xfs_dax_vm_ops,
    dev_dax: dev_dax_vm_ops,
    // No page of p2pmem/allocate or of a driver's file comes by a fault: what was unmapped is SIGBUS.
    kernfs: {},
    driver: {},
  } satisfies Record<string, VmOperations>,

  /** `file->f_op`, by file system (`inodes.fs`). */
  file_operations: {
    tmpfs: shmem_file_operations,
    generic: generic_file_operations,
    ext4: ext4_file_operations,
    xfs: xfs_file_operations,
    dev_dax: dax_fops,
    sysfs: kernfs_file_fops,
  } satisfies Record<string, FileOperations>,

  /** do_swap_page(): the entries that belong to devices, by what is_..._entry() says of them. */
  do_swap_page: {
    device_private: device_private_fault,
    device_exclusive: remove_device_exclusive_entry,
  },

  /** copy_nonpresent_pte(): device exclusive entries are present again before fork copies them. */
  try_restore_exclusive_pte,

  /** mmu_notifier_invalidate_range_start() and _end(). */
  mmu_notifier: {
    invalidate_range_start: mmu_notifier_invalidate_range_start,
    invalidate_range_end: mmu_notifier_invalidate_range_end,
  },

  /** `pgmap->ops->page_free` (folio_free) of pagemaps that are the kernel's own. */
  page_free: { PCI_P2PDMA: p2pdma_page_free },
};

declare module '../core/facts.ts' {
  interface Facts {
    /** What is called through a pointer (kernel/wiring.ts). */
    readonly wiring: typeof wiring;
  }
}
