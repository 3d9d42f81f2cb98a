import type { RowOf } from '../../../../shared/world/tables.ts';
import { vmemmap_alloc_block } from '../buddy/memmap-pages.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, fail, type Operation, type Outcome } from '../../core/world/operation.ts';
import type { PayloadOf } from '../../core/world/world.ts';
import { memblockAlloc } from '../memblock/memblock.ts';
import { freshPages } from '../page/page-rows.ts';
import { altmap_alloc_block_buf } from '../pgmap/altmap.ts';
import type { SectionChunk } from './section-run.ts';
import { sparse_buffer_alloc, type SparseBuffer } from './sparse-buffer.ts';

/** Pages of memory that hold the memmap of `nr_pages` pages (DIV_ROUND_UP). */
export function memmapPages(k: Kernel, nrPages: number): number {
  const { sizeof_page, page_shift } = k.facts.arch;
  return Math.ceil((nrPages * sizeof_page) / 2 ** page_shift);
}

/** A chunk whose memmap comes from RAM of, or near, a node. */
type RamChunk = SectionChunk & { readonly nid: number };

/** PFNs whose struct pages share one page of memory: 64 on x86_64, 1024 with 64 KiB pages. */
function perPage({ facts }: Pick<Kernel, 'facts'>): number {
  return 2 ** facts.arch.page_shift / facts.arch.sizeof_page;
}

/** Memory stands behind the struct pages of [pfn, end): nobody has written them yet. */
function back(k: Kernel, pfn: number, end: number, row: PayloadOf<'vmemmap'>): void {
  freshPages(k, pfn, end);
  k.world.set('vmemmap', pfn, end, row);
}

/**
 * vmemmap_alloc_block_buf() before there is a page allocator: from the node's buffer, else from
 * memblock, in one block; where there is no such block of base pages, page by page.
 */
export function backWithMemblock(
  k: Kernel,
  { pfn, nr_pages, nid }: RamChunk,
  buffer: SparseBuffer,
  shift: number,
): Outcome<void> {
  const { sizeof_page, page_shift, vmemmap_mapping: mapping } = k.facts.arch;
  const alloc = (bytes: bigint) => memblockAlloc(k, bytes, 1n << BigInt(shift), nid, 'memmap');
  const size = BigInt(nr_pages * sizeof_page);
  const block = sparse_buffer_alloc(buffer, size) ?? alloc(size);
  if (block !== undefined) {
    back(k, pfn, pfn + nr_pages, { phys: block, mapping, source: 'ram' });
    return undefined;
  }
  const unit = perPage(k);
  let at = pfn;
  while (shift === page_shift && at < pfn + nr_pages) {
    const phys = alloc(1n << BigInt(page_shift));
    if (phys === undefined) break;
    const end = Math.min(at + unit, pfn + nr_pages);
    back(k, at, end, { phys, mapping: 'pte', source: 'ram' });
    at = end;
  }
  return at < pfn + nr_pages
    ? fail('ENOMEM', 'vmemmap_alloc_block_buf(size, node, altmap) == NULL')
    : undefined;
}

/** vmemmap_alloc_block_buf() with an altmap: its pages, in blocks of `nr_pfns`; no RAM instead. */
export function* backWithAltmap(
  k: Kernel,
  { pfn, nr_pages }: SectionChunk,
  owner: string,
  nr_pfns: number,
  mapping: string,
): Operation<Outcome<void>> {
  const blocks = Math.ceil(memmapPages(k, nr_pages) / nr_pfns);
  const first = yield* call(altmap_alloc_block_buf, { owner, nr_pfns, blocks });
  if (first === null) {
    return fail('ENOMEM', 'altmap_alloc_block_buf: nr_pfns + nr_align > altmap free');
  }
  const phys = BigInt(first) << BigInt(k.facts.arch.page_shift);
  back(k, pfn, pfn + nr_pages, { phys, mapping, source: 'altmap' });
  return undefined;
}

/** Base pages of RAM of which the tails of compound pages share one. */
export function backWithSharedTails(k: Kernel, { pfn, nr_pages }: SectionChunk): void {
  back(k, pfn, pfn + nr_pages, { phys: null, mapping: 'PTE', source: 'ram, tail pages shared' });
}

/** Struct pages of a chunk on RAM, in blocks of 2^order pages, as far as there are any. */
export function* backWithRam(
  k: Kernel,
  { pfn, nr_pages, nid }: RamChunk,
  order: number,
  mapping: string,
): Operation<Outcome<void>> {
  const unit = perPage(k);
  let at = joinPage(k, pfn, pfn + nr_pages);
  if (at === pfn + nr_pages) return undefined;
  const count = Math.ceil((pfn + nr_pages - at + (at % unit)) / unit / 2 ** order);
  const runs = yield* call(vmemmap_alloc_block, { order, nid, count });
  for (const run of runs) {
    // The first page may begin with struct pages of memory that is not there.
    const inPage = at % unit;
    const end = Math.min(at - inPage + (run.end - run.pfn) * unit, pfn + nr_pages);
    const phys =
      (BigInt(run.pfn) << BigInt(k.facts.arch.page_shift)) +
      BigInt(inPage * k.facts.arch.sizeof_page);
    back(k, at, end, { phys, mapping, source: 'ram' });
    at = end;
  }
  if (at < pfn + nr_pages) return fail('ENOMEM', 'vmemmap_alloc_block(size, node) == NULL');
  return undefined;
}

/** The neighbour whose struct pages share the page of memory that `pfn`'s lie in. */
function sharer(k: Kernel, pfn: number, end: number): RowOf<'vmemmap'> | undefined {
  const unit = perPage(k);
  const first = Math.floor(pfn / unit) * unit;
  if (k.facts.arch.pages_per_section >= unit) return undefined;
  return k.world
    .overlapping('vmemmap', first, first + unit)
    .find((row) => row.phys !== null && (row.end <= pfn || row.start >= end));
}

/**
 * Where a section's memmap is shorter than a page (powerpc: 16 KiB of 64), a page that a neighbour
 * has populated serves this one too (vmemmap_populated()). Returns the first PFN still to back.
 */
function joinPage(k: Kernel, pfn: number, end: number): number {
  const unit = perPage(k);
  const there = sharer(k, pfn, end);
  if (!there || there.phys === null) return pfn;
  const until = Math.min(Math.floor(pfn / unit) * unit + unit, end);
  const phys = there.phys + BigInt((pfn - there.start) * k.facts.arch.sizeof_page);
  back(k, pfn, until, { phys, mapping: there.mapping, source: there.source });
  return until;
}

/** Pages of memory, end exclusive, that hold struct pages of `[pfn, end)` and of nobody else. */
export function ownPages(k: Kernel, row: RowOf<'vmemmap'>, pfn: number, end: number) {
  if (row.phys === null) return undefined;
  const { page_shift, sizeof_page } = k.facts.arch;
  const unit = perPage(k);
  let start = Math.max(row.start, pfn);
  let last = Math.min(row.end, end);
  const shared = (at: number): boolean =>
    k.facts.arch.pages_per_section < unit &&
    k.world
      .overlapping('vmemmap', Math.floor(at / unit) * unit, Math.floor(at / unit) * unit + unit)
      .some((other) => other.phys !== null && (other.start < pfn || other.end > end));
  if (shared(start)) start = Math.floor(start / unit) * unit + unit;
  if (start < last && shared(last - 1)) last = Math.floor((last - 1) / unit) * unit;
  if (start >= last) return undefined;
  const phys = row.phys + BigInt(start - row.start) * BigInt(sizeof_page);
  const first = Number(phys >> BigInt(page_shift));
  return { pfn: first, end: first + Math.ceil((last - start) / unit) };
}
