import type { Kernel } from '../facts.ts';
import { SECTION_HAS_MEM_MAP } from './section-flags.ts';

/** The section a PFN is in. */
export function pfnToSectionNr(k: Kernel, pfn: number): number {
  return Math.floor(pfn / k.facts.arch.pages_per_section);
}

export function sectionNrToPfn(k: Kernel, nr: number): number {
  return nr * k.facts.arch.pages_per_section;
}

/**
 * Parts of [start, end) that have a struct page at boot: valid sections, whatever their
 * sub-sections say. Ends are exclusive PFNs.
 */
export function validPfnRanges(
  k: Kernel,
  start: number,
  end: number,
): { start: number; end: number }[] {
  if (start >= end) return [];
  const found: { start: number; end: number }[] = [];
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
