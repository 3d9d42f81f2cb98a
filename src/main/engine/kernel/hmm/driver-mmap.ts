import { do_mmap, mmapWrite } from '../mm/mmap.ts';
import { addMmCounter } from '../mm/mm-struct.ts';
import { positionOf } from '../mm/position.ts';
import { pteFlags, pteRuns } from '../mm/pte.ts';
import { addRmap } from '../mm/rmap.ts';
import { changeVma, hasVmFlag, vmaAt, withVmFlags } from '../mm/vma.ts';
import { get_page } from '../page/page-ref.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';

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

/**
 * vm_insert_page(): an ordinary page of the driver's in the VMA of its file, which becomes
 * VM_MIXEDMAP. -EBUSY where something is mapped already, -EINVAL for a VMA that is not the driver's.
 */
export const vm_insert_page = operation<
  { mm: string; address: bigint; pfn: number; end: number },
  Outcome<void>
>(
  'vm_insert_page',
  'mm/memory.c:vm_insert_page',
  function* (k, { mm, address, pfn, end }) {
    const space = k.world.get('mms', mm);
    const start = space ? positionOf(k, space, address) : -1;
    const vma = space && vmaAt(k, start);
    const last = start + end - pfn;
    if (!vma || vma.vm_ops !== 'driver' || last > vma.end)
      return fail('EINVAL', 'addr >= vma->vm_end');
    if (pteRuns(k, start, last).some(({ entry }) => entry)) return fail('EBUSY', '!pte_none(*pte)');
    yield* call(get_page, { pfn, end });
    yield* call(insert_page, { mm, start, pfn, end });
    return undefined;
  },
  { show: ({ address, pfn, end }) => ({ address, pfn, end }) },
);

const insert_page = leaf<{ mm: string; start: number; pfn: number; end: number }, void>(
  'insert_page_into_pte_locked',
  'mm/memory.c:insert_page_into_pte_locked',
  (k, { mm, start, pfn, end }) => {
    const vma = vmaAt(k, start);
    if (!vma) return;
    changeVma(k, vma, { vm_flags: withVmFlags(vma.vm_flags, { mixedmap: true }) });
    addMmCounter(k, mm, 'filepages', end - pfn);
    addRmap(k, pfn, end);
    const flags = hasVmFlag(vma, 'write') ? pteFlags('write') : '';
    k.world.set('ptes', start, start + end - pfn, {
      mm,
      level: 'pte',
      kind: 'present',
      pfn,
      flags,
    });
  },
  { show: ({ pfn, end }) => ({ pfn, end }) },
);
