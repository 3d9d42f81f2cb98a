import type { Kernel } from '../../core/facts.ts';
import { coversFaults, type VmFault, type VmFaultRun } from '../mm/fault.ts';
import type { VmFaultFunction, VmOperations } from '../mm/vm-operations.ts';
import {
  call,
  lockShared,
  operation,
  unlock,
  type FunctionOptions,
  type Operation,
} from '../../core/world/operation.ts';
import { invalidateLock } from './invalidate-lock.ts';
import { dax_iomap_pmd_fault } from './pmd-fault.ts';
import { dax_iomap_pte_fault } from './pte-fault.ts';
import { dax_finish_sync_fault } from './sync-fault.ts';

const SHOWN: FunctionOptions<VmFaultRun> = {
  covers: coversFaults,
  show: ({ vma, pgoff, start, end, write, order }) => ({
    file: vma.vm_file,
    pgoff,
    pages: end - start,
    write,
    order,
  }),
};

/** dax_iomap_fault(): by the size that is tried. Larger than a PMD: FALLBACK. */
const dax_iomap_fault = operation<VmFaultRun, VmFault>(
  (k) => (k.facts.era.get('dax_iomap') ? 'dax_iomap_fault' : 'dax_fault'),
  'fs/dax.c:dax_iomap_fault',
  function* (k, run) {
    const pmd = k.facts.arch.pmd_shift - k.facts.arch.page_shift;
    if (run.order === 0) return yield* call(dax_iomap_pte_fault, run);
    if (run.order === pmd) return yield* call(dax_iomap_pmd_fault, run);
    return { handled: 0, fault: 'FALLBACK' };
  },
  SHOWN,
);

/** The filesystem's fault handler: faults and truncation keep each other out. */
function* handler(k: Kernel, run: VmFaultRun): Operation<VmFault> {
  const name = invalidateLock(k, run.vma.vm_file);
  if (name) yield* lockShared(name);
  const result = yield* call(dax_iomap_fault, run);
  if (name) yield* unlock(name);
  if (!result.needsync || result.pfn === undefined) return result;
  const part = { ...run, end: run.start + result.handled };
  return yield* call(dax_finish_sync_fault, { run: part, pfn: result.pfn });
}

const ext4_dax_fault: VmFaultFunction = operation(
  'ext4_dax_fault',
  'fs/ext4/file.c:ext4_dax_fault',
  handler,
  SHOWN,
);

const ext4_dax_huge_fault: VmFaultFunction = operation(
  (k: Kernel) => (k.facts.era.get('dax_iomap') ? 'ext4_dax_huge_fault' : 'ext4_dax_pmd_fault'),
  'fs/ext4/file.c:ext4_dax_huge_fault',
  handler,
  SHOWN,
);

const xfs_filemap_fault: VmFaultFunction = operation(
  'xfs_filemap_fault',
  'fs/xfs/xfs_file.c:xfs_filemap_fault',
  handler,
  SHOWN,
);

const xfs_filemap_huge_fault: VmFaultFunction = operation(
  (k: Kernel) =>
    k.facts.era.get('dax_iomap') ? 'xfs_filemap_huge_fault' : 'xfs_filemap_pmd_fault',
  'fs/xfs/xfs_file.c:xfs_filemap_huge_fault',
  handler,
  SHOWN,
);

/** vm_operations_struct of DAX files: every write is the same fault again. */
function daxOperations(fault: VmFaultFunction, huge_fault: VmFaultFunction): VmOperations {
  return { fault, huge_fault, page_mkwrite: fault, pfn_mkwrite: fault };
}

export const ext4_dax_vm_ops = daxOperations(ext4_dax_fault, ext4_dax_huge_fault);

/** xfs_file_vm_ops, of DAX files. */
export const xfs_dax_vm_ops = daxOperations(xfs_filemap_fault, xfs_filemap_huge_fault);
