import { enabled } from '../../core/arch/config.ts';
import { fail, leaf, type Failure } from '../../core/world/operation.ts';

/**
 * hugetlb_reserve_pages() for a mapping of hugetlbfs: -ENOMEM, as the pool of a machine that never
 * set huge pages aside is empty; a lab that asks for some (`hugepages=`) is refused.
 * Units: base pages. -EINVAL without CONFIG_HUGETLB_PAGE (mm/mmap.c:ksys_mmap_pgoff, !hs).
 */
export const hugetlb_reserve_pages = leaf<{ pages: number }, Failure>(
  'hugetlb_reserve_pages',
  'mm/hugetlb.c:hugetlb_reserve_pages',
  (k) => {
    if (!enabled(k.facts.config, 'HUGETLB_PAGE')) return fail('EINVAL', '!hs');
    k.note('nr_hugepages is 0');
    return fail('ENOMEM', 'hugetlb_acct_memory(h, gbl_reserve) < 0: gather_surplus_pages()');
  },
);
