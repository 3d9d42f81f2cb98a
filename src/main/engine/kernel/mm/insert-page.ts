import { call, fail, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { takeReferences } from '../page/page-ref.ts';
import { coversPages } from '../page/page-runs.ts';
import { isAnonPage, addRmap } from './rmap.ts';
import { addMmCounter } from './mm-struct.ts';
import { positionOf } from './position.ts';
import { pteFlags, pteRuns } from './pte.ts';
import { changeVma, hasVmFlag, vmaAt, withVmFlags, type Vma } from './vma.ts';

const FILE = 'mm/memory.c';

/** A VMA that mmap() of a file is about to link; positions. */
type NewVma = Pick<Vma, 'mm' | 'start' | 'end' | 'vm_flags'>;

/** Pages [pfn, end) of a driver, and where the first one goes. */
interface InsertPages {
  readonly mm: string;
  /** User virtual address, bytes. */
  readonly address: bigint;
  readonly pfn: number;
  readonly end: number;
  /** The VMA, where mmap() of its file still makes it; otherwise the one that is there. */
  readonly making?: NewVma;
}

interface InsertAt {
  readonly vma: NewVma;
  readonly start: number;
  readonly pfn: number;
  readonly end: number;
}

/**
 * insert_page_into_pte_locked() for each page, in order: a reference, an entry and a count of file
 * pages. -EINVAL for free and for anonymous pages, -EBUSY where something is mapped; those before
 * stay mapped, as after a driver's loop.
 */
const insert_page_into_pte_locked = leaf<InsertAt, Outcome<void>>(
  (k) =>
    k.facts.era.get('insert_page_into_pte_locked') ? 'insert_page_into_pte_locked' : 'insert_page',
  `${FILE}:insert_page_into_pte_locked`,
  (k, { vma, start, pfn, end }) => {
    const free = k.world.overlapping('pages', pfn, end).find(({ refcount }) => refcount === 0);
    if (free) return fail('EINVAL', '!page_count(page)');
    if (isAnonPage(k, pfn)) return fail('EINVAL', 'PageAnon(page)');
    const taken = pteRuns(k, start, start + end - pfn).find(({ entry }) => entry);
    const pages = taken ? taken.start - start : end - pfn;
    if (pages > 0) {
      const { mm } = vma;
      takeReferences(k, { pfn, end: pfn + pages });
      addMmCounter(k, mm, 'filepages', pages);
      addRmap(k, pfn, pfn + pages);
      // mk_pte(page, vma->vm_page_prot): accessed, and writable in shared mappings only.
      const write = hasVmFlag(vma, 'write') && hasVmFlag(vma, 'shared');
      const flags = pteFlags('young', ...(write ? (['write'] as const) : []));
      const entry = { mm, level: 'pte', kind: 'present', pfn, flags } as const;
      k.world.set('ptes', start, start + pages, entry);
    }
    return taken ? fail('EBUSY', '!pte_none(*pte)') : undefined;
  },
  { show: ({ pfn, end }) => ({ pfn, end }), covers: coversPages },
);

/**
 * vm_insert_page() for each page: ordinary pages of a driver in the VMA of its file, which becomes
 * VM_MIXEDMAP. -EFAULT for an address outside of it.
 */
export const vm_insert_page = operation<InsertPages, Outcome<void>>(
  'vm_insert_page',
  `${FILE}:vm_insert_page`,
  function* (k, { mm, address, pfn, end, making }) {
    const space = k.world.get('mms', mm);
    const start = space ? positionOf(k, space, address) : -1;
    const there = making ? undefined : vmaAt(k, start);
    // A driver only has the VMAs of its files in its hands.
    const vma = making ?? (there?.vm_ops === 'driver' ? there : undefined);
    if (!vma || start < vma.start || start + end - pfn > vma.end) {
      return fail('EFAULT', 'addr < vma->vm_start || addr >= vma->vm_end');
    }
    if (there) {
      changeVma(k, there, { vm_flags: withVmFlags(there.vm_flags, { mixedmap: true }) });
    }
    return yield* call(insert_page_into_pte_locked, { vma, start, pfn, end });
  },
  { show: ({ mm, address, pfn, end }) => ({ mm, address, pfn, end }), covers: coversPages },
);
