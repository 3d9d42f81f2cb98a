import type { Kernel } from '../../core/facts.ts';
import { physmemEnd } from './physmem-end.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { __region_intersects } from './region-intersects.ts';
import { __insert_resource, __request_region, resourceOf } from './request.ts';
import { childrenOf, iomemEnd, IOMEM_RESOURCE, overlaps } from './tree.ts';

export interface FreeRegionParams {
  /** Bytes; rounded up to whole sections. */
  readonly size: bigint;
  readonly name: string;
}

interface Base {
  /** Of the resource to look below. */
  readonly id: number;
  readonly start: bigint;
  /** Inclusive. */
  readonly end: bigint;
}

interface Search {
  readonly base: Base;
  /** Bytes. */
  readonly size: bigint;
  readonly align: bigint;
  /** GFR_DESCENDING. */
  readonly descending: boolean;
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
 * The first free address for `size` bytes in steps of `step`, down from the top of physical space or
 * up from the start of a window (gfr_start, gfr_continue, gfr_next); undefined when there is none.
 * Whole resources are jumped over, which leaves the kernel's answer as it is: none of the steps
 * between would have been free.
 */
function search(k: Kernel, { base, size, align, descending }: Search): bigint | undefined {
  const step = k.facts.era.get('free_region_aligned') ? align : size;
  const top = base.end < physmemEnd(k) ? base.end : physmemEnd(k);
  if (!descending) return searchUp(k, base, { size, align, step, top });
  let addr = top - size + 1n;
  while (addr > step && addr >= base.start) {
    if (__region_intersects(k, addr, size, 'any', base.id) === 'REGION_DISJOINT') return addr;
    const range = { start: addr, end: addr + size - 1n };
    const blocking = childrenOf(k, base.id).find((row) => overlaps(row, range));
    const last = blocking ? blocking.start - size : addr - step;
    const steps = addr > last ? (addr - last + step - 1n) / step : 1n;
    addr -= steps * step;
  }
  return undefined;
}

function searchUp(
  k: Kernel,
  base: Base,
  { size, align, step, top }: { size: bigint; align: bigint; step: bigint; top: bigint },
): bigint | undefined {
  const first = alignUp(base.start, align);
  // gfr_continue() ends at once at address 0; gfr_start() begins one alignment up since 6.12.
  if (first === 0n && !k.facts.era.get('free_region_of_iomem')) return undefined;
  let addr = first === 0n ? align : first;
  while (addr <= top) {
    if (__region_intersects(k, addr, size, 'any', base.id) === 'REGION_DISJOINT') return addr;
    const range = { start: addr, end: addr + size - 1n };
    const blocking = childrenOf(k, base.id).findLast((row) => overlaps(row, range));
    const next = blocking ? blocking.end + 1n : addr + step;
    addr += next > addr ? ((next - addr + step - 1n) / step) * step : step;
  }
  return undefined;
}

/**
 * get_free_mem_region(): a range below `base` that none of its children has. Of the whole tree it
 * is a busy region, from the top of physical space down; of a window a resource that is not busy,
 * from its start up.
 */
export const get_free_mem_region = leaf<Search & { name: string }, Outcome<FreeRegion>>(
  (k) => {
    if (k.facts.era.get('alloc_free_mem_region')) return 'get_free_mem_region';
    return k.facts.era.get('request_free_mem_region')
      ? '__request_free_mem_region'
      : 'region_intersects';
  },
  'kernel/resource.c:get_free_mem_region',
  (k, { base, size: asked, align, descending, name }) => {
    const size = alignUp(asked, align);
    const start = search(k, { base, size, align, descending });
    if (start === undefined) return fail('ERANGE', 'get_free_mem_region: no free range');
    const end = start + size - 1n;
    const id = descending
      ? requested(k, { start, end, name })
      : inserted(k, base, { start, end, name });
    if (typeof id !== 'number') return id;
    k.note(`[mem ${hex(start)}-${hex(end)}]`);
    return { id, start, end };
  },
  { show: ({ base, size, align, name }) => ({ base: base.id, size, align, name }) },
);

interface Named {
  readonly start: bigint;
  readonly end: bigint;
  readonly name: string;
}

function requested(k: Kernel, region: Named): Outcome<number> {
  return __request_region(k, { ...region, flags: 'MEM|BUSY', desc: 'DEVICE_PRIVATE_MEMORY' });
}

/** Only a range that the new resource has for itself will do. */
function inserted(k: Kernel, base: Base, region: Named): Outcome<number> {
  const id = __insert_resource(k, base, { ...region, flags: 'MEM', desc: 'NONE' });
  return failed(id) ? fail('ERANGE', '__insert_resource(base, res)') : id;
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** GFR_DESCENDING | GFR_REQUEST_REGION of the whole tree, in sections (GFR_DEFAULT_ALIGN). */
export function fromTheTop(k: Kernel) {
  const base = { id: IOMEM_RESOURCE, start: 0n, end: iomemEnd(k) };
  return { base, align: 1n << BigInt(k.facts.arch.section_size_bits), descending: true };
}

/** Before 5.3 hmm_devmem_add() had the search, by steps of the size, inside itself. */
function searchName(k: Kernel): string {
  return k.facts.era.get('request_free_mem_region') ? 'request_free_mem_region' : 'hmm_devmem_add';
}

/** request_free_mem_region(&iomem_resource, size, name): a place for unaddressable memory. */
export const request_free_mem_region = operation<FreeRegionParams, Outcome<FreeRegion>>(
  searchName,
  'kernel/resource.c:request_free_mem_region',
  function* (k, { size, name }) {
    return yield* call(get_free_mem_region, { ...fromTheTop(k), size, name });
  },
);

/** The same, named after the device; the device's release gives it back. */
export const devm_request_free_mem_region = operation<FreeRegionParams, Outcome<FreeRegion>>(
  (k) =>
    k.facts.era.get('request_free_mem_region') ? 'devm_request_free_mem_region' : 'hmm_devmem_add',
  'kernel/resource.c:devm_request_free_mem_region',
  function* (k, { size, name }) {
    return yield* call(get_free_mem_region, { ...fromTheTop(k), size, name });
  },
);

export interface AllocParams extends FreeRegionParams {
  /** Id of the resource to look below. */
  readonly parent: number;
  /** What address and size are multiples of, bytes. */
  readonly align: bigint;
}

/** alloc_free_mem_region(): the lowest range of a window that nothing has (CXL regions, 6.0). */
export const alloc_free_mem_region = operation<AllocParams, Outcome<FreeRegion>>(
  'alloc_free_mem_region',
  'kernel/resource.c:alloc_free_mem_region',
  function* (k, { parent, size, align, name }) {
    if (!k.facts.era.get('alloc_free_mem_region')) {
      return fail('ENOSYS', 'alloc_free_mem_region() came with 6.0');
    }
    const base = resourceOf(k, parent);
    if (!base) return fail('EINVAL', `alloc_free_mem_region: no resource ${parent}`);
    const { id, start, end } = base;
    const within = { base: { id, start, end }, size, align, descending: false };
    return yield* call(get_free_mem_region, { ...within, name });
  },
);
