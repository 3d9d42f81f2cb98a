import type { RowOf } from '../../../../shared/world/tables.ts';
import { vmemmap_alloc_block } from '../buddy/memmap-pages.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, fail, type Operation, type Outcome } from '../../core/world/operation.ts';
import type { SectionChunk } from './section-run.ts';

/** A chunk whose memmap comes from RAM of, or near, a node. */
type RamChunk = SectionChunk & { readonly nid: number };

/** PFNs whose struct pages share one page of memory: 64 on x86_64, 1024 with 64 KiB pages. */
function perPage({ facts }: Pick<Kernel, 'facts'>): number {
  return 2 ** facts.arch.page_shift / facts.arch.sizeof_page;
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
    k.world.set('vmemmap', at, end, { phys, mapping, source: 'ram' });
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
  k.world.set('vmemmap', pfn, until, { phys, mapping: there.mapping, source: there.source });
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
