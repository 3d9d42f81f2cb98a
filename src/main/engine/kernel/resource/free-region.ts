import type { Kernel } from '../../core/facts.ts';
import { physmemEnd } from './physmem-end.ts';
import { call, fail, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { __region_intersects } from './region-intersects.ts';
import { __request_region } from './request.ts';
import { childrenOf, iomemEnd, IOMEM_RESOURCE, overlaps } from './tree.ts';

export interface FreeRegionParams {
  /** Bytes; rounded up to whole sections. */
  readonly size: bigint;
  readonly name: string;
}

export interface FreeRegion {
  readonly id: number;
  readonly start: bigint;
  /** Inclusive. */
  readonly end: bigint;
}

function alignUp(value: bigint, align: bigint): bigint {
  return ((value + align - 1n) / align) * align;
}

/**
 * The highest free address for `size` bytes, going down by `step`; undefined when there is none.
 * Whole resources are jumped over, which leaves the kernel's answer as it is: none of the steps
 * between would have been free.
 */
function search(k: Kernel, size: bigint, step: bigint): bigint | undefined {
  const top = iomemEnd(k) < physmemEnd(k) ? iomemEnd(k) : physmemEnd(k);
  let addr = top - size + 1n;
  while (addr > step) {
    if (__region_intersects(k, addr, size, 'any') === 'REGION_DISJOINT') return addr;
    const range = { start: addr, end: addr + size - 1n };
    const blocking = childrenOf(k, IOMEM_RESOURCE).find((row) => overlaps(row, range));
    const last = blocking ? blocking.start - size : addr - step;
    const steps = addr > last ? (addr - last + step - 1n) / step : 1n;
    addr -= steps * step;
  }
  return undefined;
}

/** get_free_mem_region(): from the top of physical space down, in whole sections. */
export const get_free_mem_region = leaf<FreeRegionParams, Outcome<FreeRegion>>(
  (k) => {
    if (k.facts.era.get('free_region_aligned')) return 'get_free_mem_region';
    return k.facts.era.get('request_free_mem_region')
      ? '__request_free_mem_region'
      : 'region_intersects';
  },
  'kernel/resource.c:get_free_mem_region',
  (k, { size, name }) => {
    const align = 1n << BigInt(k.facts.arch.section_size_bits);
    const whole = alignUp(size, align);
    const step = k.facts.era.get('free_region_aligned') ? align : whole;
    const start = search(k, whole, step);
    if (start === undefined) return fail('ERANGE', 'get_free_mem_region: no free range');
    const end = start + whole - 1n;
    const desc = 'DEVICE_PRIVATE_MEMORY';
    const id = __request_region(k, { start, end, name, flags: 'MEM|BUSY', desc });
    if (typeof id !== 'number') return id;
    k.note(`[mem ${hex(start)}-${hex(end)}]`);
    return { id, start, end };
  },
);

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** Before 5.3 hmm_devmem_add() had the search, by steps of the size, inside itself. */
function searchName(k: Kernel): string {
  return k.facts.era.get('request_free_mem_region') ? 'request_free_mem_region' : 'hmm_devmem_add';
}

/** request_free_mem_region(&iomem_resource, size, name): a place for unaddressable memory. */
export const request_free_mem_region = operation<FreeRegionParams, Outcome<FreeRegion>>(
  searchName,
  'kernel/resource.c:request_free_mem_region',
  function* (_k, params) {
    return yield* call(get_free_mem_region, params);
  },
);

/** The same, named after the device; the device's release gives it back. */
export const devm_request_free_mem_region = operation<FreeRegionParams, Outcome<FreeRegion>>(
  (k) =>
    k.facts.era.get('request_free_mem_region') ? 'devm_request_free_mem_region' : 'hmm_devmem_add',
  'kernel/resource.c:devm_request_free_mem_region',
  function* (_k, params) {
    return yield* call(get_free_mem_region, params);
  },
);
