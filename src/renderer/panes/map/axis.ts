import { exactBytes } from '../../bench/numbers.ts';
import { toPixels, type View } from './scale.ts';

export interface AxisLabel {
  readonly x: number;
  readonly text: string;
  readonly align: 'left' | 'center' | 'right';
}

/** A physical address as the axis writes it: a round size where exact, else hex. */
export function addressText(pfn: number, pageSize: number): string {
  if (pfn === 0) return '0';
  const bytes = pfn * pageSize;
  const round = exactBytes(bytes);
  if (round !== undefined && /^\d{1,3}(\.\d{1,2})? /.test(round)) return round;
  return `0x${(BigInt(pfn) * BigInt(pageSize)).toString(16)}`;
}

/** Least distance between two labels, in pixels. */
const APART = 8;

/**
 * Labels of the axis: boundaries of pieces, first those of the widest, as long as they stand at
 * least 8 px apart; then `others` (boundaries of blocks), so that a view inside one piece says
 * where it is; where there is neither, the first and last page boundary in view.
 */
export function axisLabels(
  view: View,
  others: readonly number[],
  pageSize: number,
  measure: (text: string) => number,
): AxisLabel[] {
  const at = toPixels(view);
  const { width, scale } = view;
  const weight = new Map<number, number>();
  for (const { start, end, content, u0, u1 } of scale.stretches) {
    for (const pfn of [start, end]) {
      const own = pfn === scale.start || pfn === scale.end ? 2 : content ? u1 - u0 : 0;
      weight.set(pfn, Math.max(weight.get(pfn) ?? 0, own));
    }
  }
  const inView = (pfn: number): boolean => pfn >= view.from && pfn <= view.to;
  const ranked = [...weight.entries()].toSorted((a, b) => b[1] - a[1]).map(([pfn]) => pfn);
  const labels: AxisLabel[] = [];
  const taken: { from: number; to: number }[] = [];
  const place = (pfn: number): void => {
    const x = at(pfn);
    const text = addressText(pfn, pageSize);
    const long = measure(text);
    const align = x - long / 2 < 0 ? 'left' : x + long / 2 > width ? 'right' : 'center';
    const from = align === 'left' ? x : align === 'right' ? x - long : x - long / 2;
    const to = from + long;
    if (from < -1 || to > width + 1) return;
    if (taken.some((other) => from < other.to + APART && to > other.from - APART)) return;
    taken.push({ from, to });
    labels.push({ x, text, align });
  };
  for (const pfn of ranked.filter(inView)) place(pfn);
  for (const pfn of others.filter((pfn) => inView(pfn) && !weight.has(pfn))) {
    if (labels.length >= 4) break;
    place(pfn);
  }
  if (labels.length === 0)
    for (const pfn of [Math.ceil(view.from), Math.floor(view.to)]) place(pfn);
  return labels.toSorted((a, b) => a.x - b.x);
}
