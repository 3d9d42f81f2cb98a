import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';

/** struct vmem_altmap, inside the pagemap it belongs to. All fields are PFNs or pages. */
export type VmemAltmap = NonNullable<RowOf<'pgmaps'>['altmap']>;

/** The variable that stands for `altmap` of struct memory_block, in its owner's place. */
export function altmapVariable(block: number): string {
  return `memory${block}->altmap`;
}

const BLOCK_ALTMAP = /^memory\d+->altmap$/;
const FIELDS = ['base_pfn', 'end_pfn', 'reserve', 'free', 'align', 'alloc'] as const;

function parseAltmap(text: string): VmemAltmap {
  const [base_pfn = 0, end_pfn = 0, reserve = 0, free = 0, align = 0, alloc = 0] = text
    .split(' ')
    .map(Number);
  return { base_pfn, end_pfn, reserve, free, align, alloc };
}

/**
 * The altmap of an owner, or null: a pagemap by its id (`pgmap_altmap()`), or a memory block that
 * holds its own memmap, by `altmapVariable()`.
 */
export function altmapOf(k: Kernel, owner: string | null): VmemAltmap | null {
  if (owner === null) return null;
  if (!BLOCK_ALTMAP.test(owner)) return k.world.get('pgmaps', owner)?.altmap ?? null;
  const value = k.world.get('vars', owner)?.value;
  return typeof value === 'string' ? parseAltmap(value) : null;
}

export function setAltmap(k: Kernel, owner: string, altmap: VmemAltmap): void {
  if (!BLOCK_ALTMAP.test(owner)) k.world.patch('pgmaps', owner, { altmap });
  else k.world.put('vars', { name: owner, value: FIELDS.map((name) => altmap[name]).join(' ') });
}

/** vmem_altmap_offset(): pages from base to the first data page. */
export function vmem_altmap_offset(altmap: VmemAltmap | null): number {
  return altmap ? altmap.reserve + altmap.free : 0;
}

/** mm/sparse-vmemmap.c:vmem_altmap_next_pfn */
function vmem_altmap_next_pfn(altmap: VmemAltmap): number {
  return altmap.base_pfn + altmap.reserve + altmap.alloc + altmap.align;
}

/** mm/sparse-vmemmap.c:vmem_altmap_nr_free */
function vmem_altmap_nr_free(altmap: VmemAltmap): number {
  return Math.max(0, altmap.free - (altmap.alloc + altmap.align));
}

/** The pad in front of the next block: blocks start at a multiple of their lowest set bit. */
function padBefore(altmap: VmemAltmap, nrPfns: number): number {
  const align = 2 ** Math.log2(nrPfns & -nrPfns);
  const pfn = vmem_altmap_next_pfn(altmap);
  return Math.ceil(pfn / align) * align - pfn;
}

/**
 * How many blocks of `nrPfns` pages the altmap can still give, one after the other. Only the first
 * can need a pad: each ends at a multiple of its own alignment.
 */
export function altmapBlocksLeft(altmap: VmemAltmap, nrPfns: number): number {
  const left = vmem_altmap_nr_free(altmap) - padBefore(altmap, nrPfns);
  return left < nrPfns ? 0 : Math.floor(left / nrPfns);
}

export interface AltmapBlockParams {
  readonly owner: string;
  /** Size of a block in pages. */
  readonly nr_pfns: number;
  /** Equal blocks taken in a row. */
  readonly blocks: number;
}

/**
 * altmap_alloc_block_buf(), `blocks` times.
 * @returns the first block's PFN, or null (NULL) when a block does not fit any more
 */
export const altmap_alloc_block_buf = leaf<AltmapBlockParams, number | null>(
  'altmap_alloc_block_buf',
  'mm/sparse-vmemmap.c:altmap_alloc_block_buf',
  (k, { owner, nr_pfns, blocks }) => {
    const altmap = altmapOf(k, owner) as VmemAltmap;
    if (altmapBlocksLeft(altmap, nr_pfns) < blocks) return null;
    const pad = padBefore(altmap, nr_pfns);
    const first = vmem_altmap_next_pfn(altmap) + pad;
    const alloc = altmap.alloc + blocks * nr_pfns;
    setAltmap(k, owner, { ...altmap, alloc, align: altmap.align + pad });
    return first;
  },
  {
    show: ({ nr_pfns }, k) => ({ size: nr_pfns * 2 ** k.facts.arch.page_shift }),
    covers: ({ owner, nr_pfns, blocks }, k) => {
      const altmap = altmapOf(k, owner);
      if (!altmap || blocks < 2) return undefined;
      const start = vmem_altmap_next_pfn(altmap) + padBefore(altmap, nr_pfns);
      return { count: blocks, range: { start, end: start + blocks * nr_pfns, unit: 'pfn' } };
    },
  },
);

/** vmem_altmap_free(): gives pages back; the pads in `align` stay. */
export const vmem_altmap_free = leaf<{ owner: string; nr_pfns: number }, void>(
  'vmem_altmap_free',
  'mm/memremap.c:vmem_altmap_free',
  (k, { owner, nr_pfns }) => {
    const altmap = altmapOf(k, owner);
    if (altmap) setAltmap(k, owner, { ...altmap, alloc: altmap.alloc - nr_pfns });
  },
);
