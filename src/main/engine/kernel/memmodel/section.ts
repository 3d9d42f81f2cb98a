import type { Look } from '../../core/direct-map.ts';
import { archPfnOffset } from '../../core/direct-map.ts';
import { memPfnRanges } from '../memblock/memblock.ts';
import { since } from '../../core/era/version.ts';
import type { Kernel } from '../../core/facts.ts';
import { discontigRanges, flatEnd } from './node-mem-map.ts';
import { SECTION_HAS_MEM_MAP } from '../../core/section-flags.ts';

interface PfnRange {
  start: number;
  end: number;
}

/** The section a PFN is in. */
export function pfnToSectionNr(k: Kernel, pfn: number): number {
  return Math.floor(pfn / k.facts.arch.pages_per_section);
}

export function sectionNrToPfn(k: Kernel, nr: number): number {
  return nr * k.facts.arch.pages_per_section;
}

/** Has this kernel mem_sections? */
export function hasSections({ facts }: Pick<Look, 'facts'>): boolean {
  return facts.arch.memory_model.startsWith('sparsemem');
}

/**
 * Does a section keep a bit for each sub-section? Since 5.3; since 5.7 only with VMEMMAP ("mm/sparse.c:
 * only use subsection map in VMEMMAP case").
 */
export function hasSubsectionMap({ facts }: Pick<Look, 'facts'>): boolean {
  if (!facts.era.get('subsection_hotplug')) return false;
  const { memory_model } = facts.arch;
  return (
    memory_model === 'sparsemem-vmemmap' ||
    (memory_model === 'sparsemem' && !since(facts.era.version, '5.7'))
  );
}

/**
 * Parts of [start, end) that have a struct page at boot, by the memory model's own rule: valid
 * sections whatever their sub-sections say, all of mem_map, or units with a node. An architecture's
 * own pfn_valid() takes away what memblock does not know. Ends are exclusive PFNs.
 */
export function validPfnRanges(k: Kernel, start: number, end: number): PfnRange[] {
  if (start >= end) return [];
  const found = modelRanges(k, start, end);
  return k.facts.era.get('arch_pfn_valid') ? found.flatMap((range) => inMemory(k, range)) : found;
}

function modelRanges(k: Kernel, start: number, end: number): PfnRange[] {
  switch (k.facts.arch.memory_model) {
    case 'flatmem': {
      const from = Math.max(start, archPfnOffset(k));
      const to = Math.min(end, flatEnd(k));
      return from < to ? [{ start: from, end: to }] : [];
    }
    case 'discontigmem':
      return discontigRanges(k, start, end);
    default:
      return sectionRanges(k, start, end);
  }
}

function inMemory(k: Kernel, range: PfnRange): PfnRange[] {
  return memPfnRanges(k).flatMap((memory) => {
    const start = Math.max(range.start, memory.start);
    const end = Math.min(range.end, memory.end);
    return start < end ? [{ start, end }] : [];
  });
}

function sectionRanges(k: Kernel, start: number, end: number): PfnRange[] {
  const found: PfnRange[] = [];
  const last = pfnToSectionNr(k, end - 1) + 1;
  for (const row of k.world.overlapping('sections', pfnToSectionNr(k, start), last)) {
    if ((row.flags & SECTION_HAS_MEM_MAP) === 0) continue;
    const from = Math.max(sectionNrToPfn(k, row.start), start);
    const to = Math.min(sectionNrToPfn(k, row.end), end);
    const before = found.at(-1);
    if (before && before.end === from) before.end = to;
    else if (from < to) found.push({ start: from, end: to });
  }
  return found;
}
