import { pmdPages } from '../fs/blocks.ts';
import type { Kernel } from '../../core/facts.ts';
import type { FileOperations, MmapFile, MmappedFile } from '../mm/file-operations.ts';
import { coversFaults, type VmFault, type VmFaultRun } from '../mm/fault.ts';
import { inodeOf, newInode, type Inode } from '../mm/inode.ts';
import type { VmOperations } from '../mm/vm-operations.ts';
import { hasVmFlag, withVmFlags } from '../mm/vma.ts';
import { unmap_mapping_range } from '../mm/zap.ts';
import {
  call,
  fail,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { rcuReadLock, rcuReadUnlock } from '../../core/world/rcu.ts';
import { DAX_SRCU, dax_alive, type DaxDevice } from './dax-device.ts';
import { insertPages } from './insert-pte.ts';

/** Where device-dax files stand. */
const DEV = '/dev/';

/** The character device behind a path such as /dev/dax0.0. */
export function charDevice(k: Kernel, path: string): DaxDevice | undefined {
  if (!path.startsWith(DEV)) return undefined;
  const device = k.world.get('dax_devices', path.slice(DEV.length));
  return device?.kind === 'char' ? device : undefined;
}

/** dax_open(): the device's file, made at the first open. -ENXIO where the device is gone. */
export function openCharDevice(k: Kernel, path: string): Outcome<Inode> {
  const known = inodeOf(k, path);
  if (known) return known;
  const device = charDevice(k, path);
  if (!device) return fail('ENOENT', `there is no ${path}`);
  const i_size = BigInt(device.pages) << BigInt(k.facts.arch.page_shift);
  const fields = { id: path, fs: 'dev_dax', device: device.id, i_size, i_flags: 'dax' };
  return newInode(k, fields) ?? fail('ENFILE', 'the model holds 511 inodes');
}

function alignPages(k: Kernel, { align }: DaxDevice): number {
  return Number(align >> BigInt(k.facts.arch.page_shift));
}

/** check_vma(): may the VMA map the device? What stands against it. */
function checkVma(
  k: Kernel,
  device: DaxDevice | undefined,
  vma: Omit<MmapFile, 'inode'>,
): Outcome<void> {
  if (!device || !dax_alive(device)) return fail('ENXIO', '!dax_alive(dev_dax->dax_dev)');
  const mayshare = hasVmFlag(vma, 'mayshare');
  if (!mayshare) {
    k.printk('info', `${device.id}: dax_mmap: fail, attempted private mapping`);
    return fail('EINVAL', '(vma->vm_flags & VM_MAYSHARE) != VM_MAYSHARE');
  }
  const mask = alignPages(k, device);
  if (vma.start % mask !== 0 || vma.end % mask !== 0) {
    k.printk('info', `${device.id}: dax_mmap: fail, unaligned vma`);
    return fail('EINVAL', 'vma->vm_start & mask || vma->vm_end & mask');
  }
  return undefined;
}

/** dax_mmap(): shared, aligned to the device's pages, and alive. */
const dax_mmap = operation<MmapFile, Outcome<MmappedFile>>(
  (k) => (k.facts.era.get('mmap_prepare') ? 'dax_mmap_prepare' : 'dax_mmap'),
  'drivers/dax/device.c:dax_mmap',
  function* (k, file): Operation<Outcome<MmappedFile>> {
    const refused = checkVma(k, charDevice(k, file.inode.id), file);
    if (refused) return refused;
    const mixedmap = k.facts.era.get('dax_vma_mixedmap');
    const vm_flags = withVmFlags(file.vm_flags, {
      hugepage: true,
      ...(mixedmap ? { mixedmap } : {}),
    });
    return { vm_ops: 'dev_dax', vm_flags };
    yield undefined as never;
  },
  { show: ({ inode, pgoff, start, end }) => ({ file: inode.id, pgoff, pages: end - start }) },
);

/** dax_set_mapping(): the pages learn which file they are, as those of filesystems do. */
const dax_set_mapping = leaf<{ file: string; pgoff: number; pfn: number; pages: number }, void>(
  'dax_set_mapping',
  'drivers/dax/device.c:dax_set_mapping',
  (k, { file, pgoff, pfn, pages }) => {
    k.world.set('page_mappings', pfn, pfn + pages, { mapping: `file:${file}`, index: pgoff });
  },
  {
    covers: ({ pfn, pages }) =>
      pages > 1
        ? { count: pages, range: { start: pfn, end: pfn + pages, unit: 'pfn' } }
        : undefined,
  },
);

/** __dev_dax_pte_fault() and its like: the run of the device's own page size. */
function* faultRun(k: Kernel, device: DaxDevice, run: VmFaultRun): Operation<VmFault> {
  const align = alignPages(k, device);
  const size = 2 ** run.order;
  const check = checkVma(k, device, { ...run, ...run.vma });
  if (check) return { handled: 0, fault: 'SIGBUS' };
  if (align > size) {
    k.note(`dev_dax->align > fault_size: ${align} pages`);
    return { handled: 0, fault: 'SIGBUS' };
  }
  if (align < size) {
    k.note(`dev_dax->align < fault_size: ${align} pages`);
    return { handled: 0, fault: 'FALLBACK' };
  }
  if (run.start - (run.start % size) < run.vma.start || run.end > run.vma.end) {
    return { handled: 0, fault: 'SIGBUS' };
  }
  const pages = Math.min(run.end - run.start, device.pages - run.pgoff);
  if (pages < size) {
    k.note('dax_pgoff_to_phys(dev_dax, vmf->pgoff, fault_size) == -1');
    return { handled: 0, fault: 'SIGBUS' };
  }
  const whole = pages - (pages % size);
  const pfn = device.start_pfn + run.pgoff;
  yield* call(dax_set_mapping, { file: run.vma.vm_file, pgoff: run.pgoff, pfn, pages: whole });
  const insert = { mm: run.mm, start: run.start, end: run.start + whole, pfn };
  yield* insertPages(k, { ...insert, write: run.write, pmd: run.order > 0 }, false);
  return { handled: whole, fault: 'NOPAGE' };
}

function* devFault(k: Kernel, run: VmFaultRun): Operation<VmFault> {
  const device = charDevice(k, run.vma.vm_file);
  if (!device) return { handled: 0, fault: 'SIGBUS' };
  return yield* faultRun(k, device, run);
}

const SHOWN = {
  covers: coversFaults,
  show: ({ vma, pgoff, start, end, write, order }: VmFaultRun) => ({
    file: vma.vm_file,
    pgoff,
    pages: end - start,
    write,
    order,
  }),
};

const __dev_dax_pte_fault = operation(
  '__dev_dax_pte_fault',
  'drivers/dax/device.c:__dev_dax_pte_fault',
  devFault,
  SHOWN,
);

const __dev_dax_pmd_fault = operation(
  '__dev_dax_pmd_fault',
  'drivers/dax/device.c:__dev_dax_pmd_fault',
  devFault,
  SHOWN,
);

const __dev_dax_pud_fault = operation(
  '__dev_dax_pud_fault',
  'drivers/dax/device.c:__dev_dax_pud_fault',
  devFault,
  SHOWN,
);

function bySize(k: Kernel, order: number) {
  const pmd = Math.log2(pmdPages(k));
  if (order === 0) return __dev_dax_pte_fault;
  return order === pmd ? __dev_dax_pmd_fault : __dev_dax_pud_fault;
}

/**
 * dev_dax_huge_fault(): of the size that is tried; the device has pages of one size only. Under
 * dax_read_lock(): kill_dax() waits for the entry to be there, and then takes it away.
 */
const dev_dax_huge_fault = operation<VmFaultRun, VmFault>(
  'dev_dax_huge_fault',
  'drivers/dax/device.c:dev_dax_huge_fault',
  function* (k, run) {
    rcuReadLock(k, DAX_SRCU);
    const result = yield* call(bySize(k, run.order), run);
    rcuReadUnlock(k, DAX_SRCU);
    return result;
  },
  SHOWN,
);

const dev_dax_fault = operation<VmFaultRun, VmFault>(
  'dev_dax_fault',
  'drivers/dax/device.c:dev_dax_fault',
  function* (_k, run) {
    return yield* call(dev_dax_huge_fault, { ...run, order: 0 });
  },
  SHOWN,
);

export const dev_dax_vm_ops: VmOperations = {
  fault: dev_dax_fault,
  huge_fault: dev_dax_huge_fault,
};

export const dax_fops: FileOperations = { mmap: dax_mmap };

/** unmap_mapping_range() in kill_dev_dax(): whoever mapped the device faults from now on. */
export const unregister_dax_mapping = operation<{ id: string }, void>(
  'kill_dev_dax',
  'drivers/dax/bus.c:kill_dev_dax',
  function* (k, { id }) {
    const device = k.world.get('dax_devices', id);
    if (!device) return;
    const file = `${DEV}${id}`;
    yield* call(unmap_mapping_range, { file, start: 0, end: device.pages, even_cows: true });
  },
);
