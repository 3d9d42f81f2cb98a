import { linkTo } from '../../../shared/bench/links.ts';
import type { MapBlock } from '../../../shared/bench/views.ts';
import { toPixels, type View } from './scale.ts';

/** A block on the screen: pixels from the left of the map, and the PFNs it stands for. */
export interface Placed {
  readonly x: number;
  readonly width: number;
  readonly start: number;
  readonly end: number;
  readonly fill: string;
  readonly label: string;
  readonly changed: boolean;
  readonly by: number;
  readonly link: string;
  readonly detail: string;
  /** How many blocks were merged because they share a pixel. */
  readonly merged: number;
}

/**
 * Places blocks (in order of their start) over a view: what is out of view is dropped, what would
 * be narrower than a pixel is merged with its neighbour there, the widest giving the fill. A
 * changed block keeps its mark.
 */
export function placeBlocks(view: View, blocks: readonly MapBlock[]): Placed[] {
  const at = toPixels(view);
  const placed: Placed[] = [];
  let widest = 0;
  for (let index = firstInView(view, blocks); index < blocks.length; index += 1) {
    const block = blocks[index];
    if (!block || block.start >= view.to) break;
    if (block.end <= view.from) continue;
    const left = Math.max(0, at(block.start));
    const right = Math.min(view.width, at(block.end));
    const last = placed.at(-1);
    if (last && right - left < 1 && left < last.x + Math.max(1, last.width) && last.width < 2) {
      const wins = block.end - block.start > widest;
      if (wins) widest = block.end - block.start;
      placed[placed.length - 1] = {
        ...(wins ? own(block) : last),
        x: last.x,
        width: Math.max(1, right - last.x),
        start: last.start,
        end: block.end,
        changed: last.changed || block.changed,
        label: '',
        merged: last.merged + 1,
      };
      continue;
    }
    if (last && last.end - block.start === 1 && block.start > last.start) {
      // Both have bytes of this page (ranges round outward): each shows half of it.
      const half = Math.max(last.x + 1, (at(block.start) + at(last.end)) / 2);
      placed[placed.length - 1] = { ...last, width: half - last.x };
      widest = block.end - block.start;
      placed.push({ ...own(block), x: half, width: Math.max(1, right - half), merged: 1 });
      continue;
    }
    widest = block.end - block.start;
    placed.push({ ...own(block), x: left, width: Math.max(1, right - left), merged: 1 });
  }
  return placed;
}

type Own = Omit<Placed, 'x' | 'width' | 'merged'>;

function own({ start, end, fill, label, changed, by, link, detail }: MapBlock): Own {
  return { start, end, fill, label, changed, by, link, detail };
}

/** Blocks may overlap their successors by little (iomem rounds outward): one step back is enough. */
function firstInView(view: View, blocks: readonly MapBlock[]): number {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const block = blocks[middle];
    if (block && block.start < view.from) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 2);
}

/** Runs of equal sections as single ones, where each would be wide enough to be told apart. */
export function splitSections(
  view: View,
  blocks: readonly MapBlock[],
  pagesPerSection: number,
  minimum = 9,
): MapBlock[] {
  const at = toPixels(view);
  return blocks.flatMap((block) => {
    const count = Math.round((block.end - block.start) / pagesPerSection);
    if (count < 2) return [block];
    const left = Math.max(0, at(block.start));
    const right = Math.min(view.width, at(block.end));
    if ((right - left) / count < minimum) return [block];
    const first = Math.floor(block.start / pagesPerSection);
    return Array.from({ length: count }, (_unused, index) => ({
      ...block,
      start: (first + index) * pagesPerSection,
      end: (first + index + 1) * pagesPerSection,
      label: String(first + index),
      link: linkTo('section', first + index),
    }));
  });
}

export interface Absent {
  readonly x: number;
  readonly width: number;
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

/**
 * Sections that are not there, inside pieces with content and the small holes between them: a
 * dashed outline with their numbers. Folded gaps have their own mark.
 */
export function absentSections(
  view: View,
  present: readonly { start: number; end: number }[],
  pagesPerSection: number,
): Absent[] {
  const at = toPixels(view);
  const found: Absent[] = [];
  const outside = (start: number, end: number): { start: number; end: number }[] => {
    let at = start;
    const holes: { start: number; end: number }[] = [];
    for (let index = firstEndingAfter(present, start); index < present.length; index += 1) {
      const run = present[index];
      if (!run) break;
      if (run.start >= end) break;
      if (run.end <= at) continue;
      if (run.start > at) holes.push({ start: at, end: run.start });
      at = Math.max(at, run.end);
    }
    if (at < end) holes.push({ start: at, end });
    return holes;
  };
  for (const { start, end, content } of view.scale.stretches) {
    if (!content || end <= view.from || start >= view.to) continue;
    for (const hole of outside(Math.max(start, view.from), Math.min(end, view.to))) {
      const x = Math.max(0, at(hole.start));
      const width = Math.min(view.width, at(hole.end)) - x;
      if (width < 2) continue;
      const first = Math.floor(hole.start / pagesPerSection);
      const last = Math.ceil(hole.end / pagesPerSection) - 1;
      const before = found.at(-1);
      if (before && before.x + before.width >= x - 0.5) {
        found[found.length - 1] = {
          ...before,
          width: x + width - before.x,
          end: hole.end,
          label: rangeLabel(Math.floor(before.start / pagesPerSection), last),
        };
      } else found.push({ x, width, ...hole, label: rangeLabel(first, last) });
    }
  }
  return found;
}

function firstEndingAfter(runs: readonly { end: number }[], pfn: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.end ?? 0) <= pfn) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rangeLabel(first: number, last: number): string {
  return first === last ? `${first} absent` : `${first}\u2013${last} absent`;
}

/** The colours of a section that lies in several zones: where in it each fill ends, 0 to 1. */
export function zoneShares(
  section: { start: number; end: number; fill: string },
  zones: readonly { start: number; end: number; fill: string }[],
): { fill: string; upTo: number }[] {
  if (!section.fill.startsWith('zone-')) return [{ fill: section.fill, upTo: 1 }];
  const inside = zones
    .filter(({ start, end }) => start < section.end && end > section.start)
    .toSorted((a, b) => a.start - b.start);
  const apart = inside.every((zone, index) => zone.start >= (inside[index - 1]?.end ?? 0));
  if (inside.length < 2 || !apart) return [{ fill: section.fill, upTo: 1 }];
  return inside.map(({ fill }, index) => {
    const until = inside[index + 1]?.start ?? section.end;
    return { fill, upTo: (until - section.start) / (section.end - section.start) };
  });
}
