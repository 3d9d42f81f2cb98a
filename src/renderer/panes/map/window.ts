import type { MachineView, MapBlock } from '../../../shared/bench/views.ts';
import { hex } from '../../bench/numbers.ts';

/** PFNs, end exclusive. */
export interface PfnRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The range to ask the bench for so that a view is covered: rounded out to eighths of the next
 * power of two, so that panning and zooming a little ask for nothing new.
 */
export function askedRange(from: number, to: number, limit: PfnRange): PfnRange {
  const span = Math.max(1, to - from);
  const grain = Math.max(1, 2 ** Math.ceil(Math.log2(span)) / 8);
  const start = Math.floor(from / grain) * grain;
  const end = Math.ceil(to / grain) * grain;
  return {
    start: Math.max(limit.start, start),
    end: Math.min(limit.end, Math.max(end, start + 1)),
  };
}

export interface SelectedRange extends PfnRange {
  readonly kind: string;
}

/**
 * The PFNs a link means; null where it is not about memory. `pfn` is the page selected before,
 * which stays the subject while steps are selected.
 */
export function selectedRange(
  link: string,
  pfn: number | null,
  machine: MachineView,
  blocks: readonly MapBlock[],
): SelectedRange | null {
  const [kind = '', rest = ''] = [
    link.slice(0, link.indexOf(':')),
    link.slice(link.indexOf(':') + 1),
  ];
  if (kind === 'section') {
    const start = Number(rest) * machine.pages_per_section;
    return { start, end: start + machine.pages_per_section, kind };
  }
  if (kind === 'zone') {
    const block = blocks.find((candidate) => candidate.link === link);
    if (block) return { start: block.start, end: block.end, kind };
  }
  if (kind === 'device') {
    const range = machine.devices.find(({ id }) => id === rest)?.range;
    if (range) {
      const page = BigInt(machine.page_size);
      const start = Number(BigInt(range.start) / page);
      return { start, end: Number(BigInt(range.end) / page) + 1, kind };
    }
  }
  return pfn === null ? null : { start: pfn, end: pfn + 1, kind: 'pfn' };
}

/**
 * The section whose sub-sections are shown: the selected one while it is in view, else the
 * present one nearest to the middle of the view; null where none is in view.
 */
export function shownSection(
  view: { from: number; to: number },
  selected: SelectedRange | null,
  sections: readonly PfnRange[],
  pagesPerSection: number,
): number | null {
  const inView = ({ start, end }: PfnRange): boolean => start < view.to && end > view.from;
  if (selected && (selected.kind === 'pfn' || selected.kind === 'section')) {
    const nr = Math.floor(selected.start / pagesPerSection);
    const range = { start: nr * pagesPerSection, end: (nr + 1) * pagesPerSection };
    if (inView(range)) return nr;
  }
  const middle = (view.from + view.to) / 2;
  let best: number | null = null;
  let distance = Infinity;
  for (const run of sections) {
    if (!inView(run)) continue;
    const near = Math.min(Math.max(middle, run.start), run.end - 1);
    const off = Math.abs(near - middle);
    if (off < distance) {
      distance = off;
      best = Math.floor(near / pagesPerSection);
    }
  }
  return best;
}

/** "1 TiB in 10 pieces, 2 gaps folded"; `size` is the text of the whole. */
export function piecesText(size: string, pieces: readonly { content: boolean }[]): string {
  const contents = pieces.filter(({ content }) => content).length;
  const gaps = pieces.length - contents;
  const what = `${size} in ${contents} ${contents === 1 ? 'piece' : 'pieces'}`;
  return gaps === 0 ? what : `${what}, ${gaps} ${gaps === 1 ? 'gap' : 'gaps'} folded`;
}

/** What a zoomed map shows: "pfn 0x101200 \u2013 0x101230 in view", or one page. */
export function inViewText({ from, to }: { from: number; to: number }): string {
  const first = Math.floor(from);
  const last = Math.max(first, Math.ceil(to) - 1);
  return first === last
    ? `pfn ${hex(first)} in view`
    : `pfn ${hex(first)} \u2013 ${hex(last)} in view`;
}
