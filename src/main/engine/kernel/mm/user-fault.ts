import { call, lockShared, operation, unlock } from '../../core/world/operation.ts';
import { coversPositions, type FaultRun, type VmFault, showSpan } from './fault.ts';
import { handle_mm_fault } from './handle-mm-fault.ts';
import { mmapLock } from './mm-struct.ts';
import { hasVmFlag, vmaAt, type Vma } from './vma.ts';

/** access_error(): does the VMA forbid the access? */
function accessError(vma: Vma, write: boolean): boolean {
  if (write) return !hasVmFlag(vma, 'write');
  return !hasVmFlag(vma, 'read') && !hasVmFlag(vma, 'write') && !hasVmFlag(vma, 'exec');
}

/**
 * do_user_addr_fault() (do_page_fault): the CPU met an entry it cannot use. Takes mmap_lock for
 * reading, checks the VMA, and handles the fault of the first pages that are alike. The per-VMA
 * locks of newer kernels are taken as mmap_lock.
 */
export const do_user_addr_fault = operation<FaultRun, VmFault>(
  (k) => k.facts.era.get('user_fault_entry'),
  'arch/x86/mm/fault.c:do_user_addr_fault',
  function* (k, run) {
    yield* lockShared(mmapLock(run.mm));
    const vma = vmaAt(k, run.start);
    let result: VmFault = { handled: 0, fault: 'SIGSEGV' };
    if (vma && !accessError(vma, run.write)) {
      result = yield* call(handle_mm_fault, { ...run, end: Math.min(run.end, vma.end) });
    } else k.note(vma ? 'bad_area_access_error: SEGV_ACCERR' : 'bad_area: SEGV_MAPERR');
    yield* unlock(mmapLock(run.mm));
    return result;
  },
  {
    covers: coversPositions,
    show: (run, k) => ({ ...showSpan(run, k), write: run.write }),
  },
);
