import type { Args } from '../../../../shared/world/value.ts';
import type { Kernel } from '../../core/facts.ts';
import type { Covers } from '../../core/world/operation.ts';

/** PFNs and pages of a part of one section, or of a run of whole sections that are alike. */
export interface SectionChunk {
  readonly pfn: number;
  readonly nr_pages: number;
}

/** Sections a chunk touches, end exclusive. */
export function sectionsOf(
  k: Kernel,
  { pfn, nr_pages }: SectionChunk,
): { from: number; to: number } {
  const per = k.facts.arch.pages_per_section;
  return { from: Math.floor(pfn / per), to: Math.ceil((pfn + nr_pages) / per) };
}

/** A run of equal calls, one a section; undefined for a single call. */
export function coversSections(chunk: SectionChunk, k: Kernel): Covers | undefined {
  const { from, to } = sectionsOf(k, chunk);
  if (to - from < 2) return undefined;
  return { count: to - from, range: { start: from, end: to, unit: 'section' } };
}

/** The arguments of the run's first call: one section's pages, not the whole run's. */
export function showChunk(
  chunk: SectionChunk & { readonly nid?: number; readonly altmap?: string | null },
  k: Kernel,
): Args {
  return {
    ...(chunk.nid === undefined ? {} : { nid: chunk.nid }),
    pfn: chunk.pfn,
    nr_pages: Math.min(chunk.nr_pages, k.facts.arch.pages_per_section),
    ...(chunk.altmap === undefined ? {} : { altmap: chunk.altmap }),
  };
}
