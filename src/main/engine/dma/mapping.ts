import type { Kernel } from '../facts.ts';
import { pci_p2pdma_map_type, type MapType } from '../p2pdma/map-type.ts';
import { pciDev } from '../p2pdma/topology.ts';
import { call, fail, leaf, operation, type Operation, type Outcome } from '../world/operation.ts';

/** One segment of a scatterlist: bytes from a physical address; its pages lie in one row. */
export interface Segment {
  readonly dev: string;
  readonly phys: bigint;
  readonly size: bigint;
}

/** A mapped segment: how, and the address the device puts on the bus. */
export interface Mapped {
  readonly type: MapType;
  readonly dma_address: bigint;
}

/** The peer whose memory a page is; undefined for any other page (is_pci_p2pdma_page). */
function providerOf(k: Kernel, phys: bigint): { provider: string; offset: bigint } | undefined {
  for (const { provider, chunks } of k.world.rows('p2pdma')) {
    const chunk = chunks.find(({ start, size }) => start <= phys && phys < start + size);
    if (chunk) return { provider, offset: chunk.bus - chunk.start };
  }
  return undefined;
}

/** Every page of the segment must have a struct page: a scatterlist holds nothing else. */
function withoutPage(k: Kernel, { phys, size }: Segment): number | undefined {
  const shift = BigInt(k.facts.arch.page_shift);
  const end = Number((phys + size - 1n) >> shift) + 1;
  let pfn = Number(phys >> shift);
  while (pfn < end) {
    const row = k.world.at('pages', pfn);
    if (!row) return pfn;
    pfn = row.end;
  }
  return undefined;
}

const DMA_BIT_MASK_32 = (1n << 32n) - 1n;

/** Where the next mapping of a device goes when there is an IOMMU: downwards from 4 GiB. */
const iommu_dma_alloc_iova = leaf<{ dev: string; size: bigint }, bigint>(
  'iommu_dma_alloc_iova',
  'drivers/iommu/dma-iommu.c:iommu_dma_alloc_iova',
  (k, { dev, size }) => {
    const name = `iova ${dev}`;
    const last = (k.world.get('vars', name)?.value ?? DMA_BIT_MASK_32 + 1n) as bigint;
    let align = 4096n;
    while (align < size) align *= 2n;
    const iova = ((last - size) / align) * align;
    k.world.put('vars', { name, value: iova });
    return iova;
  },
  { basis: 'model' },
);

const dma_direct_map_page = leaf<Segment, bigint>(
  'dma_direct_map_page',
  'kernel/dma/direct.h:dma_direct_map_page',
  (_k, { phys }) => phys,
);

/** The address for a CPU physical address: itself, or an IOVA behind an IOMMU. */
function* dma_map_phys(k: Kernel, segment: Segment): Operation<bigint> {
  const row = pciDev(k, segment.dev);
  if (row && k.world.get('pci_hosts', row.host)?.iommu) {
    return yield* call(iommu_dma_alloc_iova, { dev: row.id, size: segment.size });
  }
  return yield* call(dma_direct_map_page, segment);
}

/**
 * dma_map_sgtable() of one segment, for a device of the bench. Before 6.0 drivers ask
 * pci_p2pdma_map_sg for peer pages, which reports a refusal as no segment mapped.
 */
export const dma_map_sgtable = operation<Segment, Outcome<Mapped>>(
  'dma_map_sgtable',
  'kernel/dma/mapping.c:dma_map_sgtable',
  function* (k, segment) {
    if (segment.size === 0n) return fail('EINVAL', 'sg->length == 0');
    const missing = withoutPage(k, segment);
    if (missing !== undefined) return fail('EINVAL', `sg_page(sg): PFN ${missing} has no page`);
    const peer = providerOf(k, segment.phys);
    if (!peer) return { type: 'NONE', dma_address: yield* dma_map_phys(k, segment) };
    const { era } = k.facts;
    if (era.get('p2pdma_host_bridges') !== 'listed') {
      // Until 5.4 pci_p2pdma_map_sg knew bus addresses only and did not ask who maps.
      return { type: 'BUS_ADDR', dma_address: segment.phys + peer.offset };
    }
    const type = yield* call(pci_p2pdma_map_type, { provider: peer.provider, dev: segment.dev });
    switch (type) {
      case 'BUS_ADDR':
        return { type, dma_address: segment.phys + peer.offset };
      case 'THRU_HOST_BRIDGE':
        return { type, dma_address: yield* dma_map_phys(k, segment) };
      default:
        return era.get('p2pdma_in_dma_map')
          ? fail('EREMOTEIO', 'pci_p2pdma_state() == PCI_P2PDMA_MAP_NOT_SUPPORTED')
          : fail('EIO', 'pci_p2pdma_map_sg() == 0: PCI_P2PDMA_MAP_NOT_SUPPORTED');
    }
  },
);

/** dma_map_resource(): device memory without struct pages; what it says to memory that has them. */
export const dma_map_resource = operation<Segment, Outcome<bigint>>(
  'dma_map_resource',
  'kernel/dma/mapping.c:dma_map_resource',
  function* (k, segment) {
    const mode = k.facts.era.get('dma_map_resource_of_pages');
    const pfn = Number(segment.phys >> BigInt(k.facts.arch.page_shift));
    if (mode !== 'maps' && k.world.at('pages', pfn)) {
      if (mode === 'BUG') return fail('EFAULT', 'BUG_ON(pfn_valid(PHYS_PFN(phys_addr)))');
      k.printk('warn', 'WARNING: dma_map_resource of a PFN with a struct page');
      return fail('EIO', 'WARN_ON_ONCE(pfn_valid(PHYS_PFN(phys_addr))): DMA_MAPPING_ERROR');
    }
    return yield* dma_map_phys(k, segment);
  },
);
