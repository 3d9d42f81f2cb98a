import type { Kernel } from '../../core/facts.ts';
import { pciDev, type PciHost } from '../p2pdma/topology.ts';
import { fail, leaf, type Outcome } from '../../core/world/operation.ts';

/** DMA_BIT_MASK(n): every address of n bits. */
export function DMA_BIT_MASK(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}

/** Segments of a device whose driver said nothing: dma_get_max_seg_size() gives 64 KiB. */
const SZ_64K = 65536n;

/** What the mapping functions ask of a device. `id`: its PCI name, or its own. */
export interface DmaDevice {
  readonly id: string;
  /** Addresses the device can put on the bus. */
  readonly dma_mask: bigint;
  readonly max_segment_size: bigint;
  /** Above it; undefined for a device that is on no PCI bus. */
  readonly host: PciHost | undefined;
}

/** The device of a name; the PCI core gives it a mask of 32 bits until its driver sets one. */
export function dmaDevice(k: Kernel, name: string): DmaDevice {
  const pdev = pciDev(k, name);
  const id = pdev?.id ?? name;
  const row = k.world.get('dma_devices', id);
  return {
    id,
    dma_mask: row?.dma_mask ?? DMA_BIT_MASK(32),
    max_segment_size: row?.max_segment_size ?? SZ_64K,
    host: pdev && k.world.get('pci_hosts', pdev.host),
  };
}

function setDevice(k: Kernel, name: string, patch: Partial<DmaDevice>): void {
  const { id, dma_mask, max_segment_size } = { ...dmaDevice(k, name), ...patch };
  k.world.put('dma_devices', { id, dma_mask, max_segment_size });
}

/** Bits of the last address of RAM, or of what the kernel takes for it. */
function lastAddress(k: Kernel): bigint {
  const max_pfn = Number(k.world.get('vars', 'max_pfn')?.value ?? 1);
  return BigInt(max_pfn - 1) << BigInt(k.facts.arch.page_shift);
}

/**
 * dma_set_mask_and_coherent(): -EIO where the mask does not reach the memory there is. A mask of 32
 * bits or more always does (dma_direct_supported): the rest is bounced.
 */
export const dma_set_mask_and_coherent = leaf<{ dev: string; mask: bigint }, Outcome<void>>(
  'dma_set_mask_and_coherent',
  'include/linux/dma-mapping.h:dma_set_mask_and_coherent',
  (k, { dev, mask }) => {
    // ZONE_DMA: 16 MiB on x86; a device that reaches it can always be served from there.
    const least = lastAddress(k) < DMA_BIT_MASK(24) ? lastAddress(k) : DMA_BIT_MASK(24);
    if (mask < DMA_BIT_MASK(32) && mask < least) {
      return fail('EIO', '!dma_supported(dev, mask)');
    }
    setDevice(k, dev, { dma_mask: mask });
    return undefined;
  },
);

/** dma_set_max_seg_size(): bytes up to which an IOMMU may join segments. */
export const dma_set_max_seg_size = leaf<{ dev: string; size: bigint }, void>(
  'dma_set_max_seg_size',
  'include/linux/dma-mapping.h:dma_set_max_seg_size',
  (k, { dev, size }) => setDevice(k, dev, { max_segment_size: size }),
);

/** dma_get_required_mask(): the mask that reaches everything below max_pfn; 32 bits by IOMMU. */
export const dma_get_required_mask = leaf<{ dev: string }, bigint>(
  'dma_get_required_mask',
  'kernel/dma/mapping.c:dma_get_required_mask',
  (k, { dev }) => {
    if (dmaDevice(k, dev).host?.iommu) return DMA_BIT_MASK(32);
    return DMA_BIT_MASK(lastAddress(k).toString(2).length);
  },
);

/** struct device as dma_addressing_limited() looks at it; masks in full. */
export interface Addressing {
  readonly dma_mask: bigint;
  readonly required_mask: bigint;
  readonly limited: boolean;
}
