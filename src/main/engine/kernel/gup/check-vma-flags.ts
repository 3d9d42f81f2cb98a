import type { Kernel } from '../../core/facts.ts';
import { hasVmFlag, isCowMapping, type Vma } from '../mm/vma.ts';
import { fail, leaf, type Failure, type Outcome } from '../../core/world/operation.ts';
import { follText, type Foll } from './foll-flags.ts';

/**
 * vma_is_fsdax(): a file of a file system mounted with dax. A device-dax file is a character
 * device, and is none.
 */
export function vmaIsFsdax({ vm_ops }: Vma): boolean {
  return vm_ops.endsWith('_dax') && vm_ops !== 'dev_dax';
}

/**
 * vma_needs_dirty_tracking(): a shared writable mapping of a file whose file system writes pages
 * back. Shared memory and device-dax have nothing to write back to.
 */
function needsDirtyTracking(vma: Vma): boolean {
  if (vma.vm_file === '' || !hasVmFlag(vma, 'shared') || !hasVmFlag(vma, 'write')) return false;
  return !NO_WRITEBACK.has(vma.vm_ops);
}

const NO_WRITEBACK: ReadonlySet<string> = new Set([
  '',
  'shmem',
  'shmem_vm_ops',
  'dev_dax',
  'p2pmem',
]);

function mayNot(k: Kernel, vma: Vma, flags: Foll): Failure | undefined {
  const { era } = k.facts;
  if (hasVmFlag(vma, 'io') || hasVmFlag(vma, 'pfnmap')) {
    return fail('EFAULT', 'vm_flags & (VM_IO | VM_PFNMAP)');
  }
  if (flags.longterm && era.get('longterm_looks_at_vma_first') && vmaIsFsdax(vma)) {
    return fail('EOPNOTSUPP', '(gup_flags & FOLL_LONGTERM) && vma_is_fsdax(vma)');
  }
  if (flags.longterm && flags.pci_p2pdma && era.get('foll_pci_p2pdma') === 'vma') {
    return fail('EOPNOTSUPP', '(gup_flags & FOLL_LONGTERM) && (gup_flags & FOLL_PCI_P2PDMA)');
  }
  if (flags.write) {
    if (
      flags.pin &&
      flags.longterm &&
      era.get('longterm_refuses_dirty_tracking') &&
      needsDirtyTracking(vma)
    ) {
      return fail('EFAULT', '!vma_anon && !writable_file_mapping_allowed(vma, gup_flags)');
    }
    if (hasVmFlag(vma, 'write')) return undefined;
    if (!flags.force) return fail('EFAULT', '!(vm_flags & VM_WRITE) && !(gup_flags & FOLL_FORCE)');
    return isCowMapping(vma) ? undefined : fail('EFAULT', '!is_cow_mapping(vm_flags)');
  }
  if (hasVmFlag(vma, 'read')) return undefined;
  if (!flags.force) return fail('EFAULT', '!(vm_flags & VM_READ) && !(gup_flags & FOLL_FORCE)');
  return hasVmFlag(vma, 'mayread') ? undefined : fail('EFAULT', '!(vm_flags & VM_MAYREAD)');
}

/** May these pages be asked for in this way at all? 0, or the errno. */
export const check_vma_flags = leaf<{ vma: Vma; flags: Foll }, Outcome<number>>(
  'check_vma_flags',
  'mm/gup.c:check_vma_flags',
  (k, { vma, flags }) => mayNot(k, vma, flags) ?? 0,
  {
    show: ({ vma, flags }) => ({
      vm_flags: vma.vm_flags,
      vm_ops: vma.vm_ops,
      vm_file: vma.vm_file,
      gup_flags: follText(flags),
    }),
  },
);
