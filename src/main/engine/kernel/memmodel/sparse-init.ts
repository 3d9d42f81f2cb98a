import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { memblockAlloc } from '../memblock/memblock.ts';
import { pageShift } from '../memblock/pages.ts';
import { numberVar, setVar } from '../../core/world/variables.ts';
import { call, fail, failed, leaf, operation, type None } from '../../core/world/operation.ts';
import { memblocks_present } from './sparse-present.ts';
import { sparse_init_one_section } from './sparse-init-one-section.ts';
import { sectionUsageBytes } from './section-usage.ts';
import { populate_classic } from './sparsemem.ts';
import type { SparseBuffer } from './sparse-buffer.ts';
import { __populate_section_memmap } from './vmemmap-populate.ts';

type SectionRun = Pick<RowOf<'sections'>, 'start' | 'end' | 'nid'>;

const sparse_usage_init = leaf<{ nid: number; sections: number }, void>(
  (k) => k.facts.era.get('sparse_usage_init'),
  'mm/sparse.c:sparse_early_usemaps_alloc_pgdat_section',
  (k, { nid, sections }) => {
    const size = BigInt(sections * sectionUsageBytes(k));
    memblockAlloc(k, size, 64n, nid, 'mem_section_usage');
  },
);

interface NodeBuffer {
  readonly nid: number;
  readonly size: bigint;
  readonly buffer: SparseBuffer;
}

/** One block for the whole memmap of a node, so that it is physically contiguous. */
function fillBuffer(k: Kernel, { nid, size, buffer }: NodeBuffer): void {
  const { memory_model, vmemmap_mapping, pmd_shift } = k.facts.arch;
  const byPmd = memory_model === 'sparsemem-vmemmap' && vmemmap_mapping === 'pmd';
  const align = byPmd ? 1n << BigInt(pmd_shift) : 1n << pageShift(k);
  // Before 4.19 the whole block could come from another node.
  const exact = k.facts.era.get('sparse_init_by_node');
  const at = memblockAlloc(k, size, align, nid, 'memmap', exact);
  if (at === undefined) return;
  buffer.at = at;
  buffer.end = at + size;
  k.note(`memmap of node ${nid}: ${size >> 20n} MiB of its own memory`);
}

const sparse_buffer_init = leaf<NodeBuffer, void>(
  'sparse_buffer_init',
  'mm/sparse.c:sparse_buffer_init',
  fillBuffer,
  { show: ({ nid, size }) => ({ nid, size }) },
);

/** Without one block for the node every section looks for its own. */
function singly({ start, end, nid }: SectionRun): SectionRun[] {
  return Array.from({ length: end - start }, (_, at) => ({
    start: start + at,
    end: start + at + 1,
    nid,
  }));
}

/** The memmap of one node's sections; a section without memory for it is lost. */
const sparse_init_nid = operation<{ nid: number; runs: readonly SectionRun[] }, void>(
  (k) => (k.facts.era.get('sparse_init_by_node') ? 'sparse_init_nid' : 'alloc_usemap_and_memmap'),
  'mm/sparse.c:sparse_init_nid',
  function* (k, { nid, runs }) {
    const { arch } = k.facts;
    const sections = runs.reduce((sum, run) => sum + run.end - run.start, 0);
    const mapSize = BigInt(arch.pages_per_section * arch.sizeof_page);
    yield* call(sparse_usage_init, { nid, sections });
    const buffer: SparseBuffer = { at: 0n, end: 0n };
    const wanted = { nid, size: BigInt(sections) * mapSize, buffer };
    if (k.facts.era.get('sparse_buffer')) yield* call(sparse_buffer_init, wanted);
    // Model: one block, where newer kernels take as much section by section.
    else fillBuffer(k, wanted);
    const parts = buffer.end > 0n ? runs : runs.flatMap(singly);
    let lost = false;
    let populated = 0;
    for (const { start, end } of parts) {
      const first = start * arch.pages_per_section;
      const last = end * arch.pages_per_section;
      const populate =
        arch.memory_model === 'sparsemem' ? populate_classic : __populate_section_memmap;
      const map = lost
        ? fail('ENOMEM', 'an earlier section of the node had no memory')
        : yield* call(populate, {
            ...{ pfn: first, nr_pages: last - first, nid },
            ...{ altmap: null, pgmap: null, buffer },
          });
      if (failed(map)) {
        if (!lost) {
          k.printk(
            'err',
            `sparse_init_nid: node[${nid}] memory map backing failed. Some memory will not be available.`,
          );
        }
        lost = true;
        k.world.clear('sections', start, end);
        continue;
      }
      populated += end - start;
      yield* call(sparse_init_one_section, { from: start, to: end, memmap: 'ram', early: true });
    }
    const pages = (populated * arch.pages_per_section * arch.sizeof_page) / 2 ** arch.page_shift;
    if (k.facts.era.get('memmap_boot_counter')) {
      setVar(k, 'nr_memmap_boot_pages', numberVar(k, 'nr_memmap_boot_pages') + pages);
    }
  },
  { show: ({ nid, runs }) => ({ nid, map_count: runs.reduce((n, r) => n + r.end - r.start, 0) }) },
);

/** Present sections in order, grouped as the kernel does: consecutive ones of one node. */
function byNode(k: Kernel): { nid: number; runs: SectionRun[] }[] {
  const groups: { nid: number; runs: SectionRun[] }[] = [];
  for (const { start, end, nid } of k.world.rows('sections')) {
    const last = groups.at(-1);
    if (last && last.nid === nid) last.runs.push({ start, end, nid });
    else groups.push({ nid, runs: [{ start, end, nid }] });
  }
  return groups;
}

/** The whole of the sparse memory model: sections, then their memmap in the vmemmap. */
export const sparse_init = operation<None, void>(
  'sparse_init',
  'mm/sparse.c:sparse_init',
  function* (k) {
    if (k.facts.era.get('memblocks_present')) yield* call(memblocks_present, {});
    for (const group of byNode(k)) yield* call(sparse_init_nid, group);
  },
);
