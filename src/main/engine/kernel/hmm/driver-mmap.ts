import { do_mmap, mmapWrite } from '../mm/mmap.ts';
import { positionOf } from '../mm/position.ts';
import { changeVma, vmaAt } from '../mm/vma.ts';
import { call, fail, failed, operation, type Outcome } from '../../core/world/operation.ts';

/** Pages of an address space from `address` (bytes) on. */
interface DriverMapping {
  readonly mm: string;
  readonly address: bigint;
  readonly pages: number;
}

/**
 * ksys_mmap_pgoff() of a device's file: the VMA is there, and the driver fills it in its mmap function.
 */
export const ksys_mmap_pgoff = operation<
  DriverMapping & { device: string; prot: readonly ('read' | 'write')[] },
  Outcome<void>
>(
  'ksys_mmap_pgoff',
  'mm/mmap.c:ksys_mmap_pgoff',
  function* (k, { mm, address, pages, device, prot }) {
    const space = k.world.get('mms', mm);
    if (!space) return fail('EINVAL', `no address space ${mm}`);
    const start = positionOf(k, space, address);
    return yield* mmapWrite(mm, function* () {
      const span = { mm, start, end: start + pages };
      const made = yield* call(do_mmap, { ...span, prot, shared: false, file: '', pgoff: 0 });
      if (failed(made)) return made;
      const vma = vmaAt(k, start);
      if (vma) changeVma(k, vma, { vm_ops: 'driver', vm_file: `/dev/${device}` });
      return undefined;
    });
  },
  { show: ({ mm, address, pages }) => ({ mm, address, pages }) },
);
