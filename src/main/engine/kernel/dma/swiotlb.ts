import { valuesOf } from '../../core/parameters.ts';
import type { Kernel } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';

/** IO_TLB_SIZE: bytes of a slot. */
const IO_TLB_SIZE = 2048n;
/** IO_TLB_SEGSIZE: slots that may follow on each other, 256 KiB in all. */
const IO_TLB_SEGSIZE = 128n;
/** IO_TLB_DEFAULT_SIZE: bytes of the pool. */
const POOL = 64n << 20n;
const MAX_DMA32 = 1n << 32n;

function option(k: Kernel): string {
  return valuesOf(k.facts.cmdline, 'swiotlb')[0] ?? '';
}

/** swiotlb=force: everything that can be bounced is (is_swiotlb_force_bounce). */
export function is_swiotlb_force_bounce(k: Kernel): boolean {
  return option(k).split(',').includes('force');
}

/** Is there a pool? Where RAM ends above 4 GiB and no IOMMU translates, or where it is forced. */
export function is_swiotlb_active(k: Kernel): boolean {
  if (option(k).split(',').includes('noforce')) return false;
  if (is_swiotlb_force_bounce(k)) return true;
  if ([...k.world.rows('pci_hosts')].some(({ iommu }) => iommu)) return false;
  return ramEnd(k) > MAX_DMA32;
}

function ramEnd(k: Kernel): bigint {
  let last = 0n;
  for (const { end, type } of k.world.rows('e820')) if (type === 'usable' && end > last) last = end;
  if (last > 0n) return last;
  for (const { end } of k.world.rows('memblock_memory')) if (end > last) last = end;
  return last;
}

/** The pool: where in low memory the boot put it is our choice, the top of it below 4 GiB. */
function poolStart(k: Kernel): bigint {
  let top = POOL;
  for (const { start, end } of k.world.rows('memblock_memory')) {
    if (start + POOL > MAX_DMA32) continue;
    const last = end < MAX_DMA32 ? end : MAX_DMA32;
    if (last - start >= POOL && last > top) top = last;
  }
  return top - POOL;
}

/**
 * swiotlb_tbl_map_single(): slots for a copy, first fit; null where none are free or the buffer is
 * longer than slots may follow on each other.
 */
export const swiotlb_tbl_map_single = leaf<
  { dev: string; phys: bigint; size: bigint; taken: readonly bigint[] },
  bigint | null
>(
  'swiotlb_tbl_map_single',
  'kernel/dma/swiotlb.c:swiotlb_tbl_map_single',
  (k, { dev, phys, size, taken }) => {
    const slots = (size + (phys % IO_TLB_SIZE) + IO_TLB_SIZE - 1n) / IO_TLB_SIZE;
    const used = usedSlots(k, taken);
    const first = slots <= IO_TLB_SEGSIZE ? firstFit(used, slots) : undefined;
    if (first === undefined) {
      const total = POOL / IO_TLB_SIZE;
      const inUse = [...used.values()].reduce((sum, length) => sum + length, 0n);
      k.printk(
        'warn',
        `${dev}: swiotlb buffer is full (sz: ${size} bytes), total ${total} (slots), used ${inUse} (slots)`,
      );
      return null;
    }
    k.note('where the pool lies in low memory is our choice: the last 64 MiB of RAM below 4 GiB');
    return poolStart(k) + first * IO_TLB_SIZE + (phys % IO_TLB_SIZE);
  },
  { show: ({ dev, phys, size }) => ({ dev, phys, size }) },
);

/** Slots in use, by the first of each run. `taken`: of the list being mapped, not yet a record. */
function usedSlots(k: Kernel, taken: readonly bigint[]): Map<bigint, bigint> {
  const start = poolStart(k);
  const used = new Map<bigint, bigint>();
  const add = (bounce: bigint, length: bigint): void => {
    const first = (bounce - start) / IO_TLB_SIZE;
    used.set(first, (length + (bounce % IO_TLB_SIZE) + IO_TLB_SIZE - 1n) / IO_TLB_SIZE);
  };
  for (const { dma } of k.world.rows('dma_mappings')) {
    for (const { bounce, length } of dma) if (bounce !== null) add(bounce, length);
  }
  for (let at = 0; at + 1 < taken.length; at += 2) add(taken[at] ?? 0n, taken[at + 1] ?? 0n);
  return used;
}

function firstFit(used: ReadonlyMap<bigint, bigint>, slots: bigint): bigint | undefined {
  const total = POOL / IO_TLB_SIZE;
  // A run of slots never crosses from one segment of 128 into the next.
  const fitting = (at: bigint): bigint =>
    (at % IO_TLB_SEGSIZE) + slots > IO_TLB_SEGSIZE
      ? (at / IO_TLB_SEGSIZE + 1n) * IO_TLB_SEGSIZE
      : at;
  let at = 0n;
  for (const [first, length] of [...used].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (fitting(at) + slots <= first) break;
    at = first + length;
  }
  at = fitting(at);
  return at + slots <= total ? at : undefined;
}

/** swiotlb_bounce(): the copy between a buffer and its slots. */
export const swiotlb_bounce = leaf<
  { phys: bigint; bounce: bigint; size: bigint; dir: 'to slots' | 'from slots' },
  void
>('swiotlb_bounce', 'kernel/dma/swiotlb.c:swiotlb_bounce', () => undefined);
