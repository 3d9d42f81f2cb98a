import type { Kernel } from '../../core/facts.ts';
import { memblockAlloc, memPfnRanges } from '../memblock/memblock.ts';
import { numberVar, setVar } from '../../core/world/variables.ts';
import { call, operation, type None } from '../../core/world/operation.ts';
import { pfnToSectionNr } from './section.ts';
import { sparse_index_init } from './sparse-index.ts';
import { SECTION_IS_ONLINE, SECTION_MARKED_PRESENT } from '../../core/section-flags.ts';

/** Marks the sections of a memory range present; a section already there keeps its node. */
export const memory_present = operation<{ nid: number; start: number; end: number }, void>(
  'memory_present',
  'mm/sparse.c:memory_present',
  function* (k, { nid, start, end }) {
    const { world, facts } = k;
    const limit = facts.arch.nr_mem_sections;
    const first = pfnToSectionNr(k, start);
    const last = Math.min(pfnToSectionNr(k, end - 1) + 1, limit);
    if (first >= last) return;
    const perRoot = facts.arch.sections_per_root;
    if (facts.arch.section_array === 'extreme') {
      const roots = { from: Math.floor(first / perRoot), to: Math.ceil(last / perRoot) };
      for (const { from, to } of gaps(k, 'section_roots', roots.from, roots.to)) {
        const sections = { from: from * perRoot, to: to * perRoot };
        yield* call(sparse_index_init, { ...sections, nid, early: true });
      }
    }
    const online = facts.era.get('section_flags') > 2 ? SECTION_IS_ONLINE : 0;
    for (const { from, to } of gaps(k, 'sections', first, last)) {
      world.set('sections', from, to, {
        nid,
        flags: SECTION_MARKED_PRESENT | online,
        subsection_map: 0n,
        memmap: '',
      });
    }
    if (last - 1 > numberVar(k, '__highest_present_section_nr')) {
      setVar(k, '__highest_present_section_nr', last - 1);
    }
  },
  {
    covers: ({ start, end }, k) => {
      const first = pfnToSectionNr(k, start);
      const last = pfnToSectionNr(k, end - 1) + 1;
      return { count: 1, range: { start: first, end: last, unit: 'section' } };
    },
  },
);

/** Parts of [start, end) that the table has no record for. */
function gaps(
  k: Kernel,
  table: 'sections' | 'section_roots',
  start: number,
  end: number,
): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  let at = start;
  for (const row of k.world.overlapping(table, start, end)) {
    if (at < row.start) found.push({ from: at, to: row.start });
    at = Math.max(at, row.end);
  }
  if (at < end) found.push({ from: at, to: end });
  return found;
}

/** Every memory range of memblock: which sections exist. */
export const memblocks_present = operation<None, void>(
  (k) =>
    k.facts.era.get('memblocks_present')
      ? 'memblocks_present'
      : 'sparse_memory_present_with_active_regions',
  'mm/sparse.c:memblocks_present',
  function* (k) {
    if (k.facts.era.get('memblocks_present') && k.facts.arch.section_array === 'extreme') {
      // The pointer array of the EXTREME section table: one pointer a root.
      memblockAlloc(
        k,
        BigInt(k.facts.arch.nr_section_roots * (k.facts.arch.bits_per_long / 8)),
        64n,
        -1,
        'mem_section',
      );
    }
    for (const { start, end, nid } of memPfnRanges(k)) {
      yield* call(memory_present, { nid, start, end });
    }
  },
);
