import type { Kernel } from '../../../core/facts.ts';
import { coversPages } from '../../page/page-runs.ts';
import { fail, leaf, type Outcome } from '../../../core/world/operation.ts';

interface Staying {
  readonly pfn: number;
  readonly end: number;
  readonly check: string;
}

const SHOW = { covers: coversPages, show: ({ pfn, end }: Staying) => ({ pfn, end }) } as const;

/**
 * Pages lose MIGRATE_PFN_MIGRATE in the loop of __migrate_device_pages(): the destination is not for
 * them. The kernel clears the bit and goes on; the errno is the one migrate_device_coherent_folio()
 * makes of a cleared bit.
 */
export const pagesRefused = leaf<Staying, Outcome<void>>(
  (k) => `${name(k)}:continue`,
  'mm/migrate_device.c:__migrate_device_pages',
  (_k, { check }) => fail('EBUSY', `${check}: src_pfns[i] &= ~MIGRATE_PFN_MIGRATE`),
  { ...SHOW, basis: 'model' },
);

function name(k: Kernel): string {
  return k.facts.era.get('migrate_device_range') ? '__migrate_device_pages' : 'migrate_vma_pages';
}

/**
 * migrate_vma_check_page() answers false: there are more references than the migration, the cache
 * and mappings explain. A predicate in the kernel; the errno is as above.
 */
export const checkPageRefused = leaf<Staying, Outcome<void>>(
  'migrate_vma_check_page',
  'mm/migrate_device.c:migrate_vma_check_page',
  (_k, { check }) => fail('EBUSY', `${check}: src_pfns[i] &= ~MIGRATE_PFN_MIGRATE`),
  { ...SHOW, basis: 'model' },
);
