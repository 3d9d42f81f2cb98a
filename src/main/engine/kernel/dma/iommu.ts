import type { DmaSegment, SgEntry } from '../../../../shared/world/device-tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';
import { DMA_BIT_MASK, type DmaDevice } from './device.ts';

/** An entry of the list as it goes into the IOMMU's page table, or past it. */
export interface IovaPiece {
  readonly entry: SgEntry;
  readonly type: DmaSegment['type'];
  /** Set where the pages have a bus address of their own and take no IOVA. */
  readonly bus: bigint | null;
}

/** Pages of allocations that the per-CPU caches keep are rounded up to powers of two. */
const CACHED_PAGES = 32n;

function powerOfTwo(pages: bigint): bigint {
  let size = 1n;
  while (size < pages) size *= 2n;
  return size;
}

/** Addresses no IOVA may be: the MSI window of x86, and what peers answer on the bus. */
function reserved(k: Kernel): { start: bigint; end: bigint }[] {
  const ranges = k.facts.arch.name.startsWith('x86')
    ? [{ start: 0xfee00000n, end: 0xfef00000n }]
    : [];
  for (const dev of k.world.rows('pci_devices')) {
    for (const { start, size } of dev.bars) ranges.push({ start, end: start + size });
  }
  return ranges;
}

/**
 * iommu_dma_alloc_iova(): from the top down, below 4 GiB first (dual address cycles cost); aligned
 * to its size. null where the domain is full. Bytes.
 */
export const iommu_dma_alloc_iova = leaf<
  { dev: DmaDevice; size: bigint },
  { start: bigint; size: bigint } | null
>(
  'iommu_dma_alloc_iova',
  'drivers/iommu/dma-iommu.c:iommu_dma_alloc_iova',
  (k, { dev, size: bytes }) => {
    const granule = 1n << BigInt(k.facts.arch.page_shift);
    let pages = (bytes + granule - 1n) / granule;
    if (pages < CACHED_PAGES) pages = powerOfTwo(pages);
    const size = pages * granule;
    const align = powerOfTwo(pages) * granule;
    const used = [...reserved(k)];
    for (const row of k.world.rows('dma_mappings')) {
      if (row.dev === dev.id && row.iova_start !== null) {
        used.push({ start: row.iova_start, end: row.iova_start + row.iova_size });
      }
    }
    used.sort((a, b) => (a.start > b.start ? -1 : 1));
    for (const limit of [DMA_BIT_MASK(32), dev.dma_mask]) {
      if (limit > dev.dma_mask) continue;
      let start = ((limit + 1n - size) / align) * align;
      for (const range of used) {
        if (start >= range.end || start + size <= range.start) continue;
        start = range.start < size ? -1n : ((range.start - size) / align) * align;
        if (start < 0n) break;
      }
      // PFN 0 of a domain is never given out.
      if (start >= granule) return { start, size };
    }
    return null;
  },
  { show: ({ dev, size }) => ({ dev: dev.id, size }), basis: 'model' },
);

/** iommu_map_sg(): all entries one after the other in the IOVA range. */
export const iommu_map_sg = leaf<{ iova: bigint; pieces: readonly IovaPiece[] }, void>(
  'iommu_map_sg',
  'drivers/iommu/iommu.c:iommu_map_sg',
  () => undefined,
  {
    show: ({ iova, pieces }) => ({
      iova,
      nents: pieces.filter(({ bus }) => bus === null).length,
    }),
  },
);

/** Bytes of IOVA an entry takes: its pages in full. */
export function iovaBytes(k: Kernel, { offset, length }: SgEntry): bigint {
  const granule = 1n << BigInt(k.facts.arch.page_shift);
  return ((offset + length + granule - 1n) / granule) * granule;
}

/**
 * __finalise_sg(): entries that follow on each other without a gap become one segment, as long as
 * the device takes segments that long. Bus addresses stay segments of their own.
 */
export const __finalise_sg = leaf<
  { dev: DmaDevice; iova: bigint; pieces: readonly IovaPiece[] },
  readonly DmaSegment[]
>(
  '__finalise_sg',
  'drivers/iommu/dma-iommu.c:__finalise_sg',
  (k, { dev, iova, pieces }) => {
    const granule = 1n << BigInt(k.facts.arch.page_shift);
    const segments: DmaSegment[] = [];
    let at = iova;
    let joins = false;
    for (const { entry, type, bus } of pieces) {
      const { length, offset } = entry;
      if (bus !== null) {
        segments.push({ address: bus, length, type, bounce: null });
        joins = false;
        continue;
      }
      const last = segments[segments.length - 1];
      if (joins && last && offset === 0n && last.length + length <= dev.max_segment_size) {
        segments[segments.length - 1] = { ...last, length: last.length + length };
      } else {
        segments.push({ address: at + offset, length, type, bounce: null });
      }
      at += iovaBytes(k, entry);
      joins = (offset + length) % granule === 0n;
    }
    return segments;
  },
  { show: ({ dev, iova, pieces }) => ({ dev: dev.id, iova, nents: pieces.length }) },
);
