import { leaf } from '../../core/world/operation.ts';

/** What the platform saves at a power failure: ND_REGION_PERSIST_MEMCTRL (ADR), ND_REGION_PERSIST_CACHE (eADR). */
type PersistenceDomain = 'memory_controller' | 'cpu_cache';

interface Region {
  /** First byte. */
  readonly start: bigint;
  /** Bytes. */
  readonly size: bigint;
  readonly persistence_domain: PersistenceDomain;
}

/** nvdimm_pmem_region_create(): the region, with what its platform saves. */
export const nvdimm_pmem_region_create = leaf<Region, void>(
  'nvdimm_pmem_region_create',
  'drivers/nvdimm/region_devs.c:nvdimm_pmem_region_create',
  (k, { start, size, persistence_domain: domain }) => {
    const shift = BigInt(k.facts.arch.page_shift);
    const [first, end] = [Number(start >> shift), Number((start + size) >> shift)];
    k.world.set('persistence_domains', first, end, { domain });
  },
);
