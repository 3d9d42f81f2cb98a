import type { Kernel } from '../../../core/facts.ts';
import { typeName } from '../../pgmap/pagemap.ts';
import { positionOf } from '../../mm/position.ts';
import { hasVmFlag, vmaAt } from '../../mm/vma.ts';
import { vmaIsDax } from '../../mm/vma-is-dax.ts';
import { flagList } from '../../page/flags.ts';
import {
  call,
  fail,
  operation,
  type Failure,
  type Operation,
  type Outcome,
} from '../../../core/world/operation.ts';
import { migrate_vma_collect } from './collect.ts';
import { migrationId, type Migration } from './migration.ts';
import { migrate_device_unmap } from './unmap.ts';

/** What a driver fills into struct migrate_vma; bytes, cut down to whole pages. */
export interface SetupParams {
  readonly mm: string;
  readonly start: bigint;
  readonly size: bigint;
  /** MIGRATE_VMA_SELECT_* joined by '|'. */
  readonly flags: string;
  readonly pgmap_owner: string;
  /** The page whose fault the driver handles. */
  readonly fault_pfn: number | null;
  readonly fault_pages: number;
}

/** VM_SPECIAL: VM_IO, VM_DONTEXPAND, VM_PFNMAP, VM_MIXEDMAP. */
const VM_SPECIAL = ['io', 'dontexpand', 'pfnmap', 'mixedmap'] as const;

/** The checks of migrate_vma_setup(), in its order. */
function refused(
  k: Kernel,
  mm: string,
  start: number,
  end: number,
  fault_pfn: number | null,
): Failure | undefined {
  const vma = vmaAt(k, start);
  if (vma?.mm !== mm) return fail('EINVAL', '!args->vma');
  if (hasVmFlag(vma, 'hugetlb')) return fail('EINVAL', 'is_vm_hugetlb_page(args->vma)');
  if (VM_SPECIAL.some((flag) => hasVmFlag(vma, flag))) {
    return fail('EINVAL', 'args->vma->vm_flags & VM_SPECIAL');
  }
  if (k.facts.era.get('migrate_refuses_dax') && vmaIsDax(k, vma)) {
    return fail('EINVAL', 'vma_is_dax(args->vma)');
  }
  if (end <= start) return fail('EINVAL', 'nr_pages <= 0');
  if (end > vma.end) return fail('EINVAL', 'args->end > args->vma->vm_end');
  if (fault_pfn === null) return undefined;
  const page = k.world.at('pages', fault_pfn);
  const pgmap = page?.pgmap == null ? undefined : k.world.get('pgmaps', page.pgmap);
  if (!page || !pgmap || typeName(pgmap) !== 'PRIVATE') {
    return fail('EINVAL', 'args->fault_page && !is_device_private_page(args->fault_page)');
  }
  if (
    k.facts.era.get('device_fault_page').startsWith('locked') &&
    !flagList(page.flags).includes('locked')
  ) {
    return fail('EINVAL', 'args->fault_page && !PageLocked(args->fault_page)');
  }
  return undefined;
}

/** What migrate_vma_setup() does, and migrate_vma() before (5.4) did first. */
export function* collectAndUnmap(
  k: Kernel,
  { start: from, size, ...rest }: SetupParams,
): Operation<Outcome<Migration>> {
  const mm = k.world.get('mms', rest.mm);
  if (!mm) return fail('EINVAL', '!args->vma');
  const start = positionOf(k, mm, from);
  const end = positionOf(k, mm, from + size);
  const error = refused(k, rest.mm, start, end, rest.fault_pfn);
  if (error) return error;
  const id = migrationId(k);
  k.world.put('migrate_vmas', { id, ...rest, start, end, cpages: 0, src: [], dst: [] });
  yield* call(migrate_vma_collect, { id });
  if (k.world.need('migrate_vmas', id).cpages > 0) {
    const refactored = k.facts.era.get('migrate_device_range');
    yield* call(refactored ? migrate_vma_unmap : migrate_device_unmap, { id });
  }
  return k.world.need('migrate_vmas', id);
}

/**
 * migrate_vma_setup(): collects the pages of a range of one VMA, locks them and takes them out of
 * every page table. What is left marked MIGRATE is the driver's to copy.
 * @returns the migration; the driver ends it with migrate_vma_finalize()
 */
export const migrate_vma_setup = operation<SetupParams, Outcome<Migration>>(
  'migrate_vma_setup',
  'mm/migrate_device.c:migrate_vma_setup',
  collectAndUnmap,
  {
    show: ({ mm, start, size, flags }) => ({ mm, start, size, flags }),
  },
);

/** migrate_vma_unmap(): what is collected leaves the other page tables too. */
const migrate_vma_unmap = operation<{ id: string }, number>(
  'migrate_vma_unmap',
  'mm/migrate_device.c:migrate_vma_unmap',
  function* (_k, { id }) {
    return yield* call(migrate_device_unmap, { id });
  },
);
