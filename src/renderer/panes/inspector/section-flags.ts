import type { SectionView } from '../../../shared/bench/views.ts';

export interface SectionFlag {
  readonly bit: number;
  readonly name: string;
  readonly set: boolean;
  readonly changed: boolean;
}

/**
 * The flags of a section bit by bit, lowest first. Where the bench lists only the names that are
 * set ("0x1b PRESENT|HAS_MEM_MAP"), those are shown.
 */
export function flagBits(section: SectionView): SectionFlag[] {
  if (section.flag_bits) return [...section.flag_bits];
  const field = section.fields.find(({ name }) => name === 'flags');
  if (!field) return [];
  const [word = '0', list = ''] = field.text.split(' ');
  const names = list.split('|').filter(Boolean);
  const bits: number[] = [];
  for (let rest = BigInt(word), bit = 0; rest > 0n; rest >>= 1n, bit += 1) {
    if ((rest & 1n) === 1n) bits.push(bit);
  }
  const before = field.was === undefined ? undefined : BigInt(field.was.split(' ')[0] ?? '0');
  return names.map((name, index) => {
    const bit = bits[index] ?? index;
    const was = before === undefined ? 1n : (before >> BigInt(bit)) & 1n;
    return { bit, name, set: true, changed: was === 0n };
  });
}

/** First PFN of a sub-section of a section. */
export function subsectionPfn(
  { start_pfn, end_pfn, subsections }: Pick<SectionView, 'start_pfn' | 'end_pfn' | 'subsections'>,
  index: number,
): number {
  return start_pfn + (index * (end_pfn - start_pfn)) / Math.max(1, subsections.length);
}
