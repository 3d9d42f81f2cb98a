import { physToVirt, virtToPhys } from '../../core/direct-map.ts';
import { alloc_pages, blocksOf } from '../buddy/page-alloc.ts';
import { __free_pages } from '../buddy/free-pages.ts';
import { parseGfp, type Gfp } from '../buddy/gfp.ts';
import type { TakenRun } from '../buddy/rmqueue.ts';
import type { Kernel } from '../../core/facts.ts';
import { freshPages } from '../page/page-rows.ts';
import { call, fail, type Operation, type Outcome } from '../../core/world/operation.ts';
import { sectionsOf, type SectionChunk } from './section-run.ts';

/** A chunk of whole sections, and the node their memmap should lie on. */
export interface ClassicChunk extends SectionChunk {
  readonly nid: number;
}

/**
 * Where vmalloc() puts memmaps: VMALLOC_START of x86_64 without KASLR. Which of its addresses a
 * memmap gets is pfnlab's choice, and so is the start elsewhere.
 */
const VMALLOC_START = 0xffffc90000000000n;

function sectionBytes({ facts }: Kernel): number {
  return facts.arch.pages_per_section * facts.arch.sizeof_page;
}

/** get_order() of one section's memmap. */
function sectionMemmapOrder(k: Kernel): number {
  return Math.ceil(Math.log2(sectionBytes(k) / 2 ** k.facts.arch.page_shift));
}

function gfpKernel(k: Kernel): Gfp {
  return parseGfp(k.facts, 'GFP_KERNEL') as Gfp;
}

function encoded(k: Kernel, address: bigint, pfn: number): bigint {
  const { bits_per_long, sizeof_page } = k.facts.arch;
  return BigInt.asUintN(bits_per_long, address - BigInt(pfn) * BigInt(sizeof_page));
}

/** Sections [nr, ...) get their memmaps from blocks of the page allocator, as far as these go. */
function placeBlocks(k: Kernel, first: number, runs: readonly TakenRun[]): number {
  const { page_shift, pages_per_section } = k.facts.arch;
  const step = 2 ** sectionMemmapOrder(k);
  let nr = first;
  for (const run of runs) {
    for (let at = run.pfn; at < run.end; at += step, nr += 1) {
      const address = physToVirt(k, BigInt(at) << BigInt(page_shift));
      const coded = encoded(k, address, nr * pages_per_section);
      k.world.set('section_mem_maps', nr, nr + 1, { coded });
    }
  }
  return nr;
}

/** vmalloc(memmap_size): single pages wherever they are, behind addresses that follow on. */
function* vmallocMemmap(k: Kernel, first: number, to: number, nid: number) {
  const { page_shift, pages_per_section, sizeof_page } = k.facts.arch;
  const count = ((to - first) * sectionBytes(k)) / 2 ** page_shift;
  const runs = yield* call(alloc_pages, { order: 0, gfp: gfpKernel(k), nid, count });
  if (blocksOf(runs, 0) < count) {
    for (const run of runs) yield* call(__free_pages, { ...run, order: 0 });
    return fail('ENOMEM', 'vmalloc(memmap_size) == NULL');
  }
  const perPage = 2 ** page_shift / sizeof_page;
  let pfn = first * pages_per_section;
  for (const run of runs) {
    const end = pfn + (run.end - run.pfn) * perPage;
    const phys = BigInt(run.pfn) << BigInt(page_shift);
    k.world.set('vmemmap', pfn, end, { phys, mapping: 'vmalloc', source: 'ram' });
    pfn = end;
  }
  k.world.set('section_mem_maps', first, to, { coded: VMALLOC_START });
  return undefined;
}

/**
 * populate_section_memmap() of classic SPARSEMEM: each section's memmap is one block of the page
 * allocator where there is such a block, else vmalloc() memory. -ENOMEM without either.
 */
export function* populateClassic(k: Kernel, chunk: ClassicChunk): Operation<Outcome<void>> {
  const { from, to } = sectionsOf(k, chunk);
  const { nid } = chunk;
  const order = sectionMemmapOrder(k);
  let nr = from;
  if (order <= k.facts.arch.max_page_order) {
    const runs = yield* call(alloc_pages, { order, gfp: gfpKernel(k), nid, count: to - from });
    nr = placeBlocks(k, from, runs);
  }
  if (nr < to) {
    // struct pages of other sizes than 64 bytes lie across page ends: such a memmap is not kept.
    const whole = k.facts.arch.sizeof_page === 64;
    const error = whole
      ? yield* vmallocMemmap(k, nr, to, nid)
      : fail('ENOMEM', 'alloc_pages(GFP_KERNEL, get_order(memmap_size)) == NULL');
    if (error) {
      yield* freeSections(k, from, nr);
      return error;
    }
  }
  freshPages(k, chunk.pfn, chunk.pfn + chunk.nr_pages);
  return undefined;
}

/** free_pages() of the blocks, vfree() of vmalloc memory. */
function* freeSections(k: Kernel, from: number, to: number): Operation<void> {
  const { page_shift, pages_per_section, sizeof_page } = k.facts.arch;
  const order = sectionMemmapOrder(k);
  for (let nr = from; nr < to; nr += 1) {
    const pfn = nr * pages_per_section;
    const rows = k.world.overlapping('vmemmap', pfn, pfn + pages_per_section);
    for (const row of rows) {
      if (row.phys === null) continue;
      const start = Math.max(row.start, pfn);
      const bytes = BigInt(start - row.start) * BigInt(sizeof_page);
      const first = Number((row.phys + bytes) >> BigInt(page_shift));
      const covered = Math.min(row.end, pfn + pages_per_section) - start;
      const end = first + (covered * sizeof_page) / 2 ** page_shift;
      yield* call(__free_pages, { pfn: first, end, order: 0 });
    }
    const coded = k.world.at('section_mem_maps', nr)?.coded;
    if (rows.length === 0 && coded !== undefined) {
      const phys = virtToPhys(k, coded + BigInt(pfn) * BigInt(sizeof_page));
      const first = Number(phys >> BigInt(page_shift));
      yield* call(__free_pages, { pfn: first, end: first + 2 ** order, order });
    }
  }
  k.world.clear('section_mem_maps', from, to);
  k.world.clear('vmemmap', from * pages_per_section, to * pages_per_section);
}

/** depopulate_section_memmap() of classic SPARSEMEM: the memmaps go back to the page allocator. */
export function* depopulateClassic(k: Kernel, chunk: SectionChunk): Operation<void> {
  const { from, to } = sectionsOf(k, chunk);
  yield* freeSections(k, from, to);
  k.world.clear('pages', chunk.pfn, chunk.pfn + chunk.nr_pages);
  k.world.clear('page_mappings', chunk.pfn, chunk.pfn + chunk.nr_pages);
}
