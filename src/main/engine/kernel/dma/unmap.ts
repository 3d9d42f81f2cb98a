import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import {
  call,
  fail,
  leaf,
  operation,
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { sg_phys } from './scatterlist.ts';
import { swiotlb_bounce } from './swiotlb.ts';

type Mapping = RowOf<'dma_mappings'>;

/** What CONFIG_DMA_API_DEBUG says of a mapping that is not there. */
const UNKNOWN = 'DMA-API: device driver has not allocated this DMA memory';

/** Copies between memory and slots. Where anything is bounced, segments are entries, one by one. */
function* bounce(k: Kernel, row: Mapping, dir: 'to slots' | 'from slots'): Operation<void> {
  for (const [at, { bounce: slots, length }] of row.dma.entries()) {
    const entry = row.sg[at];
    if (slots === null || !entry) continue;
    const phys = sg_phys(k, entry);
    yield* call(swiotlb_bounce, { phys, bounce: slots, size: length, dir });
  }
}

const iommu_dma_free_iova = leaf<{ dev: string; iova: bigint; size: bigint }, void>(
  'iommu_dma_free_iova',
  'drivers/iommu/dma-iommu.c:iommu_dma_free_iova',
  () => undefined,
);

function unmapping(
  name: string,
  api: 'scatter-gather' | 'resource',
): KernelFunction<{ id: number }, Outcome<void>> {
  return operation<{ id: number }, Outcome<void>>(
    name,
    `kernel/dma/mapping.c:${name}`,
    function* (k, { id }) {
      const row = k.world.get('dma_mappings', id);
      if (row?.api !== api) return fail('EINVAL', UNKNOWN);
      if (row.dir !== 'DMA_TO_DEVICE') yield* bounce(k, row, 'from slots');
      if (row.iova_start !== null) {
        const { dev, iova_start: iova, iova_size: size } = row;
        yield* call(iommu_dma_free_iova, { dev, iova, size });
      }
      k.world.remove('dma_mappings', id);
      return undefined;
    },
  );
}

/** dma_unmap_sg(): what a device wrote into slots is copied to where it belongs. */
export const dma_unmap_sg = unmapping('dma_unmap_sg', 'scatter-gather');
export const dma_unmap_resource = unmapping('dma_unmap_resource', 'resource');

function syncing(
  name: string,
  dir: 'to slots' | 'from slots',
): KernelFunction<{ id: number }, Outcome<number>> {
  return operation<{ id: number }, Outcome<number>>(
    name,
    `kernel/dma/mapping.c:${name}`,
    function* (k, { id }) {
      const row = k.world.get('dma_mappings', id);
      if (row?.api !== 'scatter-gather') return fail('EINVAL', UNKNOWN);
      yield* bounce(k, row, dir);
      return row.dma.filter(({ type }) => type !== 'BUS_ADDR').length;
    },
  );
}

/**
 * dma_sync_sg_for_cpu(), dma_sync_sg_for_device(): how many segments were synced. Bus addresses are
 * passed over: no CPU cache holds that memory, and nothing was copied.
 */
export const dma_sync_sg_for_cpu = syncing('dma_sync_sg_for_cpu', 'from slots');
export const dma_sync_sg_for_device = syncing('dma_sync_sg_for_device', 'to slots');
