import type { DmaSegment } from '../../../../shared/world/device-tables.ts';
import { call, fail, failed, operation, type Outcome } from '../../core/world/operation.ts';
import { dmaDevice } from './device.ts';
import { dma_direct_map_resource } from './direct.ts';
import { iommu_dma_alloc_iova } from './iommu.ts';
import { peerOf, remember, type Direction, type MappedSg } from './scatterlist.ts';

export interface ResourceParams {
  readonly dev: string;
  readonly phys: bigint;
  readonly size: bigint;
  readonly dir: Direction;
}

/**
 * dma_map_resource(): physical memory that is no RAM, without struct pages and without a look at
 * who owns it: no P2PDMA type, no bounce, no sync. What it says to memory that has pages changed.
 */
export const dma_map_resource = operation<ResourceParams, Outcome<MappedSg>>(
  (k) => (k.facts.era.get('dma_map_phys') ? 'dma_map_phys' : 'dma_map_resource'),
  'kernel/dma/mapping.c:dma_map_resource',
  function* (k, { dev: name, phys, size, dir }) {
    if (size === 0n) return fail('EINVAL', 'size == 0');
    const mode = k.facts.era.get('dma_map_resource_of_pages');
    if (mode === 'absent') return fail('ENOSYS', 'dma_map_resource() is not in this kernel');
    const shift = BigInt(k.facts.arch.page_shift);
    const pfn = Number(phys >> shift);
    if (mode !== 'maps' && k.world.at('pages', pfn)) {
      if (mode === 'BUG') return fail('EFAULT', 'BUG_ON(pfn_valid(PHYS_PFN(phys_addr)))');
      k.printk('warn', 'WARNING: dma_map_resource of a PFN with a struct page');
      return fail('EIO', 'WARN_ON_ONCE(pfn_valid(PHYS_PFN(phys_addr))): DMA_MAPPING_ERROR');
    }
    const dev = dmaDevice(k, name);
    if (peerOf(k, pfn)) {
      k.note('peer memory: mapped as it is, whether or not the peers can reach each other');
    }
    const sg = [{ pfn, offset: phys - (BigInt(pfn) << shift), length: size }];
    const row = { dev: dev.id, api: 'resource', dir, sg } as const;
    if (dev.host?.iommu) {
      const within = phys % (1n << shift);
      const iova = yield* call(iommu_dma_alloc_iova, { dev, size: size + within });
      if (!iova) return fail('EIO', 'iommu_dma_alloc_iova() == 0: DMA_MAPPING_ERROR');
      const dma: DmaSegment[] = [
        { address: iova.start + within, length: size, type: 'NONE', bounce: null },
      ];
      return remember(k, { ...row, dma, iova_start: iova.start, iova_size: iova.size });
    }
    const params = { dev, phys, size, type: 'NONE' as const, mmio: true };
    const segment = yield* call(dma_direct_map_resource, params);
    if (failed(segment)) return segment;
    return remember(k, { ...row, dma: [segment], iova_start: null, iova_size: 0n });
  },
);
