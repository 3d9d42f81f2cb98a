import type { SectionView } from '../../../shared/bench/views.ts';

/** First PFN of a sub-section of a section. */
export function subsectionPfn(
  { start_pfn, end_pfn, subsections }: Pick<SectionView, 'start_pfn' | 'end_pfn' | 'subsections'>,
  index: number,
): number {
  return start_pfn + (index * (end_pfn - start_pfn)) / Math.max(1, subsections.length);
}
