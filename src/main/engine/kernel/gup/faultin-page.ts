import { coversPositions, type VmFault } from '../mm/fault.ts';
import { handle_mm_fault } from '../mm/handle-mm-fault.ts';
import { addressOf } from '../mm/position.ts';
import { call, fail, operation, type Outcome } from '../../core/world/operation.ts';
import { follText, type Foll } from './foll-flags.ts';

export interface Faultin {
  readonly mm: string;
  readonly start: number;
  readonly end: number;
  readonly flags: Foll;
  readonly unshare: boolean;
}

/** vm_fault_to_errno(). */
function toErrno({ fault }: VmFault): Outcome<void> {
  switch (fault) {
    case 'OOM':
      return fail('ENOMEM', 'vm_fault & VM_FAULT_OOM');
    case 'HWPOISON':
      return fail('EFAULT', 'vm_fault & VM_FAULT_HWPOISON, without FOLL_HWPOISON');
    case 'SIGBUS':
    case 'SIGSEGV':
      return fail('EFAULT', `vm_fault & VM_FAULT_${fault}`);
    case 'RETRY':
      return fail('EBUSY', 'ret & VM_FAULT_RETRY: mmap_lock was released');
    default:
      return undefined;
  }
}

/**
 * faultin_page(): what is not there is brought in by a fault, as far as one goes. Gives the number
 * of pages it brought. -EBUSY: look again; -EFAULT, -ENOMEM: nothing to be had here.
 */
export const faultin_page = operation<Faultin, Outcome<number>>(
  'faultin_page',
  'mm/gup.c:faultin_page',
  function* (_k, { mm, start, end, flags, unshare }) {
    const done = yield* call(handle_mm_fault, {
      mm,
      start,
      end,
      write: flags.write === true,
      user: false,
      remote: flags.remote === true,
      unshare,
    });
    if (done.handled > 0) return done.handled;
    return toErrno(done) ?? 0;
  },
  {
    show: ({ start, end, flags, unshare }, k) => ({
      address: addressOf(k, start),
      pages: end - start,
      flags: follText(flags),
      unshare,
    }),
    covers: coversPositions,
  },
);
