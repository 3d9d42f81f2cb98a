import { readLink, type Link, type LinkKind } from '../../../shared/bench/links.ts';
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
  readonly kind: LinkKind;
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
  const read = readLink(link);
  const range = read && rangeOf(read, link, machine, blocks);
  if (read && range) return { ...range, kind: read.kind };
  return pfn === null ? null : { start: pfn, end: pfn + 1, kind: 'pfn' };
}

/** The PFNs of what a link selects; undefined where it has none of its own. */
function rangeOf(
  { kind, key }: Link,
  link: string,
  machine: MachineView,
  blocks: readonly MapBlock[],
): PfnRange | undefined {
  switch (kind) {
    case 'section': {
      const start = key * machine.pages_per_section;
      return { start, end: start + machine.pages_per_section };
    }
    case 'zone': {
      const block = blocks.find((candidate) => candidate.link === link);
      return block && { start: block.start, end: block.end };
    }
    case 'device': {
      const range = machine.devices.find(({ id }) => id === key)?.range;
      const page = BigInt(machine.page_size);
      return (
        range && {
          start: Number(BigInt(range.start) / page),
          end: Number(BigInt(range.end) / page) + 1,
        }
      );
    }
    case 'pfn':
    case 'node':
    case 'pgmap':
    case 'step':
      return undefined;
  }
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
