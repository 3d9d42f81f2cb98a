import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { vmem_altmap_offset, type VmemAltmap } from './altmap.ts';
import type { ByteRange } from './pgmap-array.ts';

export type Pagemap = RowOf<'pgmaps'>;

/** PGMAP_ALTMAP_VALID (include/linux/memremap.h). */
export const PGMAP_ALTMAP_VALID = 1;

/** What a driver fills into struct dev_pagemap before it calls memremap_pages. */
export interface PagemapRequest {
  /** 'FS_DAX', 'MEMORY_DEVICE_FS_DAX', or the number in this era's enum memory_type. */
  readonly type: string | number;
  readonly ranges: readonly ByteRange[];
  /** PFNs and pages; the altmap's end_pfn defaults to the last PFN of the first range. */
  readonly altmap?: {
    readonly base_pfn: number;
    readonly end_pfn?: number;
    readonly reserve: number;
    readonly free: number;
  };
  /** Callbacks the driver has, by name: 'migrate_to_ram', 'page_free', 'folio_free'. */
  readonly ops?: readonly string[];
  readonly owner?: string;
  /** The driver's own percpu_ref (4.5 to 5.16), by the name percpu_ref_init() gave it. */
  readonly ref?: string;
  readonly vmemmap_shift?: number;
  /** The device that asks; empty for none. */
  readonly device?: string;
  /** Its node; negative: the node of the CPU that runs. */
  readonly nid: number;
}

/** First PFN of an address, and the PFNs of a range. */
export function rangePfns(k: Kernel, range: ByteRange): { pfn: number; nr_pages: number } {
  const shift = BigInt(k.facts.arch.page_shift);
  const pfn = Number(range.start >> shift);
  return { pfn, nr_pages: Number((range.end - range.start + 1n) >> shift) };
}

/** pfn_first(): the first PFN of a range that is data; only the first range has an altmap. */
export function pfn_first(k: Kernel, pgmap: Pagemap, rangeId: number): number {
  const { pfn } = rangePfns(k, pgmap.ranges[rangeId] as ByteRange);
  return rangeId > 0 ? pfn : pfn + vmem_altmap_offset(pgmap.altmap);
}

/** pfn_len(): (compound) pages of data in a range. */
export function pfn_len(k: Kernel, pgmap: Pagemap, rangeId: number): number {
  const { pfn, nr_pages } = rangePfns(k, pgmap.ranges[rangeId] as ByteRange);
  const pages = pfn + nr_pages - pfn_first(k, pgmap, rangeId);
  return Math.floor(pages / 2 ** pgmap.vmemmap_shift);
}

/** The type's name without MEMORY_DEVICE_. */
export function typeName(pgmap: { readonly type: string }): string {
  return pgmap.type.replace(/^MEMORY_DEVICE_/, '');
}

/** Type of the pagemap that the page of a PFN belongs to, without MEMORY_DEVICE_; '' for RAM. */
export function deviceTypeAt(k: Kernel, pfn: number): string {
  const key = k.world.at('pages', pfn)?.pgmap;
  const pgmap = key == null ? undefined : k.world.get('pgmaps', key);
  return pgmap ? typeName(pgmap) : '';
}

/** A name for a pagemap: where its first range starts, numbered when that name is taken. */
function pagemapId(k: Kernel, range: ByteRange): string {
  const name = `pgmap@0x${range.start.toString(16)}`;
  let id = name;
  for (let n = 2; k.world.get('pgmaps', id); n += 1) id = `${name}#${n}`;
  return id;
}

/** The record for a request: no range mapped yet, no reference taken. */
export function pagemapOf(
  k: Kernel,
  request: PagemapRequest,
  type: { name: string; value: number },
): Pagemap {
  const [first] = request.ranges;
  const end = first ? rangePfns(k, first) : { pfn: 0, nr_pages: 0 };
  const { altmap } = request;
  const filled: VmemAltmap | null = altmap
    ? {
        base_pfn: altmap.base_pfn,
        end_pfn: altmap.end_pfn ?? end.pfn + end.nr_pages - 1,
        reserve: altmap.reserve,
        free: altmap.free,
        align: 0,
        alloc: 0,
      }
    : null;
  return {
    id: first ? pagemapId(k, first) : '',
    type: type.name === '' ? '' : `MEMORY_DEVICE_${type.name}`,
    type_value: type.value,
    ranges: request.ranges,
    nr_range: 0,
    flags: altmap ? PGMAP_ALTMAP_VALID : 0,
    ops: [...(request.ops ?? [])].sort().join('|'),
    owner: request.owner ?? '',
    vmemmap_shift: request.vmemmap_shift ?? 0,
    altmap: filled,
    ref: 0,
    ref_dead: false,
    external_ref: request.ref ?? '',
    device: request.device ?? '',
    nid: request.nid,
  };
}

/**
 * Is it memory of hmm_devmem_add() in kernels where that has functions and a radix tree of its own?
 * `type` with or without MEMORY_DEVICE_.
 */
export function isHmmPagemap(k: Kernel, type: string): boolean {
  return /^(MEMORY_DEVICE_)?(PRIVATE|PUBLIC)$/.test(type) && k.facts.era.get('hmm_devmem_pages');
}
