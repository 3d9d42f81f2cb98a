import type { DmaSegment } from '../../../../shared/world/device-tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, fail, operation, type Outcome } from '../../core/world/operation.ts';
import type { DmaDevice } from './device.ts';
import {
  is_swiotlb_active,
  is_swiotlb_force_bounce,
  swiotlb_bounce,
  swiotlb_tbl_map_single,
} from './swiotlb.ts';

export interface DirectParams {
  readonly dev: DmaDevice;
  readonly phys: bigint;
  readonly size: bigint;
  /** enum pci_p2pdma_map_type of the page: peer memory cannot be bounced. */
  readonly type: DmaSegment['type'];
  /** DMA_ATTR_MMIO, or dma_map_resource() before there was one: no RAM, so nothing to copy. */
  readonly mmio: boolean;
  /** Slots that this list has taken already: addresses and lengths in turn. */
  readonly taken?: readonly bigint[];
}

/** dma_capable(): does the mask reach the last byte? */
export function dma_capable({ dma_mask }: DmaDevice, address: bigint, size: bigint): boolean {
  return address + size - 1n <= dma_mask;
}

function overflow(k: Kernel, { dev, phys, size }: DirectParams): string {
  const mask = dev.dma_mask.toString(16);
  const text = `DMA addr 0x${phys.toString(16).padStart(16, '0')}+${size} overflow (mask ${mask}, bus limit 0).`;
  k.printk('err', `${dev.id}: ${text}`);
  return text;
}

const named = (k: Kernel, mmio: boolean): string => {
  if (k.facts.era.get('dma_map_phys')) return 'dma_direct_map_phys';
  return mmio ? 'dma_direct_map_resource' : 'dma_direct_map_page';
};

/** Without an IOMMU the address is the physical one, if the device reaches it; else a copy of it. */
export const dma_direct_map = operation<DirectParams, Outcome<DmaSegment>>(
  (k) => named(k, false),
  'kernel/dma/direct.h:dma_direct_map_phys',
  function* (k, params) {
    const { dev, phys, size, type, taken = [] } = params;
    const segment = { address: phys, length: size, type, bounce: null };
    const forced = is_swiotlb_force_bounce(k);
    if (!forced && dma_capable(dev, phys, size)) return segment;
    if (type !== 'NONE') {
      return fail('EIO', 'is_pci_p2pdma_page(page): peer memory cannot be bounced');
    }
    if (!forced && !is_swiotlb_active(k)) {
      return fail('EIO', `dma_capable() == false, and no swiotlb: ${overflow(k, params)}`);
    }
    const bounce = yield* call(swiotlb_tbl_map_single, { dev: dev.id, phys, size, taken });
    if (bounce === null) return fail('EIO', 'swiotlb_map() == DMA_MAPPING_ERROR');
    if (!dma_capable(dev, bounce, size)) {
      return fail('EIO', 'swiotlb addr overflow: dma_capable(dev, swiotlb_addr) == false');
    }
    yield* call(swiotlb_bounce, { phys, bounce, size, dir: 'to slots' });
    return { address: bounce, length: size, type, bounce };
  },
  { show: ({ dev, phys, size }) => ({ dev: dev.id, phys, size }) },
);

/** dma_map_resource() without an IOMMU: the physical address, checked against the mask, no more. */
export const dma_direct_map_resource = operation<DirectParams, Outcome<DmaSegment>>(
  (k) => named(k, true),
  'kernel/dma/direct.c:dma_direct_map_resource',
  function* (k, params) {
    const { dev, phys, size, type } = params;
    if (k.facts.era.get('dma_map_phys') && is_swiotlb_force_bounce(k)) {
      return fail('EIO', 'is_swiotlb_force_bounce(dev) && (attrs & DMA_ATTR_MMIO)');
    }
    if (!dma_capable(dev, phys, size)) {
      return fail('EIO', `!dma_capable(dev, dma_addr, size, false): ${overflow(k, params)}`);
    }
    return { address: phys, length: size, type, bounce: null };
  },
  { show: ({ dev, phys, size }) => ({ dev: dev.id, phys, size }) },
);
