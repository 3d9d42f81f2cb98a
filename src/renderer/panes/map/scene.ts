import { linkTo } from '../../../shared/bench/links.ts';
import type { MapBlock } from '../../../shared/bench/views.ts';
import { axisLabels, type AxisLabel } from './axis.ts';
import { absentSections, placeBlocks, splitSections, zoneShares, type Placed } from './blocks.ts';
import { CELL_MINIMUM, LETTER_MINIMUM, pageCells, stateLetter } from './cells.ts';
import { toPixels, type View } from './scale.ts';
import type { Bands, Tier } from './tiers.ts';

/** A shape of the map: what it looks like, what a click on it selects, what it says. */
export interface Shape {
  readonly tier: Tier;
  readonly kind: 'block' | 'absent' | 'page';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly start: number;
  readonly end: number;
  /** Fills from left to right with their ends, 0 to 1; one entry for most shapes. */
  readonly fills: readonly { fill: string; upTo: number }[];
  readonly label: string;
  readonly note: string;
  readonly detail: string;
  readonly changed: boolean;
  readonly selected: boolean;
  readonly link: string;
  readonly by: number;
}

export interface Scene {
  readonly shapes: readonly Shape[];
  readonly axis: readonly AxisLabel[];
  /** Folded gaps: middle of the mark in pixels, and whether a zone spans it. */
  readonly breaks: readonly { x: number; spanned: boolean }[];
  readonly wedge: { from: number; to: number; bottomFrom: number; bottomTo: number } | null;
  /** Which part of the sub-sections the extents below show, where it is not all of them. */
  readonly window: { x: number; width: number } | null;
}

/** What the pane shows: the three views with the blocks of the bench inside them. */
export interface MapContent {
  readonly bands: Bands;
  readonly pageSize: number;
  readonly pagesPerSection: number;
  /** Name of a memory model without sections; undefined where there are sections. */
  readonly sectionless?: string | undefined;
  readonly coarse: View;
  readonly coarseBlocks: readonly MapBlock[];
  readonly middle: View | null;
  readonly middleBlocks: readonly MapBlock[];
  readonly fine: View | null;
  readonly fineBlocks: readonly MapBlock[];
  /** PFNs that are selected, end exclusive, and by what kind of link. */
  readonly selected: { start: number; end: number; kind: string } | null;
  /** What to print after a block's name, "496 MiB". */
  note(block: { tier: Tier; start: number; end: number }): string;
  measure(text: string): number;
}

interface Tiers {
  readonly iomem: readonly MapBlock[];
  readonly zones: readonly MapBlock[];
  readonly sections: readonly MapBlock[];
}

/** An answer of the bench is laid out many times (while zooming), but sorted once. */
const sorted = new WeakMap<readonly MapBlock[], Tiers>();

function byTier(blocks: readonly MapBlock[]): Tiers {
  const known = sorted.get(blocks);
  if (known) return known;
  const of = (tier: Tier): MapBlock[] =>
    blocks
      .filter((block) => block.tier === tier)
      .toSorted((a, b) => a.start - b.start || b.end - a.end);
  const tiers = { iomem: of('iomem'), zones: of('zone'), sections: of('section') };
  sorted.set(blocks, tiers);
  return tiers;
}

/** Narrower sections show one zone only. */
const SHARES_MINIMUM = 4;
/** More labels than this never fit beside each other. */
const MOST_BOUNDARIES = 24;

/** First PFNs of blocks in view, for an axis that has no piece boundary to print. */
function boundariesOf(view: View, tiers: readonly (readonly MapBlock[])[]): number[] {
  const found: number[] = [];
  for (const blocks of tiers) {
    for (const { start } of blocks) {
      if (start >= view.to || found.length >= MOST_BOUNDARIES) break;
      if (start > view.from) found.push(start);
    }
  }
  return found;
}

/** Lays out everything the map draws. Pure: the same content gives the same scene. */
export function buildScene(content: MapContent): Scene {
  const { coarse, middle, fine, bands, pagesPerSection } = content;
  const { iomem, zones, sections } = byTier(content.coarseBlocks);
  const shapes: Shape[] = [];
  for (const placed of placeBlocks(coarse, iomem)) {
    shapes.push(shape(content, 'iomem', placed));
  }
  for (const placed of placeBlocks(coarse, zones)) shapes.push(shape(content, 'zone', placed));
  const gaps = content.sectionless ? [] : absentSections(coarse, sections, pagesPerSection);
  if (content.sectionless) {
    shapes.push({
      ...absent(bands, 'section', coarse, `${content.sectionless} has no sections`),
      detail: 'the mem_map is one array, or one for each node',
    });
  }
  for (const gap of gaps) {
    shapes.push({
      ...absent(bands, 'section', coarse, gap.label),
      ...place(bands, 'section', gap),
      start: gap.start,
      end: gap.end,
    });
  }
  for (const placed of placeBlocks(coarse, splitSections(coarse, sections, pagesPerSection))) {
    const tooNarrow = placed.merged > 1 || placed.width < SHARES_MINIMUM;
    const fills = tooNarrow ? undefined : zoneShares(placed, zones);
    shapes.push(shape(content, 'section', placed, fills));
  }
  if (middle) {
    for (const placed of placeBlocks(middle, content.middleBlocks)) {
      shapes.push(shape(content, 'subsection', placed));
    }
  }
  if (fine) shapes.push(...fineShapes(content, fine));
  if (middle && content.middleBlocks.length === 0) {
    const nr = Math.floor(middle.from / pagesPerSection);
    const label = content.sectionless
      ? 'no sub-sections'
      : `section ${nr} has no active sub-section`;
    shapes.push(absent(bands, 'subsection', middle, label));
  }
  if (fine && content.fineBlocks.length === 0) {
    shapes.push(absent(bands, 'extent', fine, 'no struct pages'));
  }
  return {
    shapes,
    axis: axisLabels(
      coarse,
      boundariesOf(coarse, [sections, zones, iomem]),
      content.pageSize,
      content.measure,
    ),
    breaks: breaks(coarse, zones),
    wedge: middle ? wedgeOf(coarse, middle) : null,
    window: middle && fine ? windowOf(middle, fine) : null,
  };
}

function place(
  bands: Bands,
  tier: Tier,
  { x, width }: { x: number; width: number },
): Pick<Shape, 'tier' | 'x' | 'y' | 'width' | 'height'> {
  const { y, height } = bands.rows[tier];
  return { tier, x, y, width, height };
}

/** A dashed row: there is nothing of this tier. */
function absent(bands: Bands, tier: Tier, view: View, label: string): Shape {
  return {
    ...place(bands, tier, { x: 0, width: view.width }),
    kind: 'absent',
    start: Math.floor(view.from),
    end: Math.ceil(view.to),
    fills: [],
    label,
    note: '',
    detail: 'no section is present here: pfn_valid() says no',
    changed: false,
    selected: false,
    link: '',
    by: 0,
  };
}

function shape(
  content: MapContent,
  tier: Tier,
  placed: Placed,
  fills: Shape['fills'] = [{ fill: placed.fill, upTo: 1 }],
): Shape {
  const { start, end, label, detail, changed, link, by, merged } = placed;
  return {
    ...place(content.bands, tier, placed),
    kind: 'block',
    start,
    end,
    fills,
    label: tier === 'subsection' ? '' : label,
    note: merged > 1 ? '' : content.note({ tier, start, end }),
    detail: merged > 1 ? `${merged} blocks` : detail,
    changed,
    selected: isSelected(content, tier, placed),
    link,
    by,
  };
}

/**
 * A selected page outlines the section, sub-section and extent around it; a selected section or
 * zone outlines its own block.
 */
function isSelected({ selected }: MapContent, tier: Tier, block: Placed): boolean {
  if (!selected) return false;
  const holds = block.start <= selected.start && selected.start < block.end;
  if (selected.kind === 'zone') return tier === 'zone' && holds && block.end <= selected.end;
  if (selected.kind === 'section') return tier === 'section' && holds;
  if (selected.kind === 'part') return tier === 'iomem' && block.start === selected.start;
  return holds && (tier === 'section' || tier === 'subsection' || tier === 'extent');
}

/** Extents as blocks; as single pages once every extent in view has room for its pages. */
function fineShapes(content: MapContent, fine: View): Shape[] {
  const placed = placeBlocks(fine, content.fineBlocks);
  const at = toPixels(fine);
  const single = placed.every(
    ({ start, merged }) => merged === 1 && at(start + 1) - at(start) >= CELL_MINIMUM,
  );
  if (!single) return placed.map((block) => shape(content, 'extent', block));
  const { selected } = content;
  return placed.flatMap((block) => {
    const whole = shape(content, 'extent', block);
    return pageCells(block, at, fine).map((cell): Shape => ({
      ...whole,
      ...place(content.bands, 'extent', cell),
      kind: 'page',
      start: cell.pfn,
      end: cell.pfn + 1,
      label: cell.width >= LETTER_MINIMUM ? stateLetter(block.fill) : '',
      selected: selected?.kind === 'pfn' && selected.start === cell.pfn,
      link: linkTo('pfn', cell.pfn),
    }));
  });
}

/** Middles of the folded gaps in view. */
function breaks(view: View, zones: readonly MapBlock[]): { x: number; spanned: boolean }[] {
  const at = toPixels(view);
  return view.scale.stretches
    .filter(({ content, start, end }) => !content && end > view.from && start < view.to)
    .map(({ start, end }) => ({
      x: (Math.max(0, at(start)) + Math.min(view.width, at(end))) / 2,
      spanned: zones.some((zone) => zone.start < end && zone.end > start),
    }));
}

/** The part of the coarse tiers that the sub-sections below show. */
function wedgeOf(coarse: View, middle: View): Scene['wedge'] {
  const at = toPixels(coarse);
  const from = Math.min(coarse.width, Math.max(0, at(middle.from)));
  const to = Math.min(coarse.width, Math.max(0, at(middle.to)));
  if (middle.to <= coarse.from || middle.from >= coarse.to) return null;
  return { from, to: Math.max(to, from + 1), bottomFrom: 0, bottomTo: middle.width };
}

function windowOf(middle: View, fine: View): Scene['window'] {
  if (fine.from <= middle.from && fine.to >= middle.to) return null;
  const at = toPixels(middle);
  const x = Math.max(0, at(fine.from));
  return { x, width: Math.max(2, Math.min(middle.width, at(fine.to)) - x) };
}

/** The topmost shape under a point; a little slack makes thin ones easier to hit. */
export function shapeAt(scene: Scene, tier: Tier, x: number, slack = 2): Shape | undefined {
  let near: Shape | undefined;
  let distance = slack;
  for (const candidate of scene.shapes) {
    if (candidate.tier !== tier) continue;
    if (x >= candidate.x && x < candidate.x + candidate.width) near = candidate;
    else if (!near) {
      const off = x < candidate.x ? candidate.x - x : x - candidate.x - candidate.width;
      if (off <= distance) {
        near = candidate;
        distance = off;
      }
    }
  }
  return near;
}

/** The next shape of a tier to the left or right of a PFN; of all where it is null. */
export function neighbour(
  scene: Scene,
  tier: Tier,
  pfn: number | null,
  direction: 1 | -1,
): Shape | undefined {
  const row = scene.shapes
    .filter((candidate) => candidate.tier === tier && candidate.link !== '')
    .toSorted((a, b) => a.start - b.start);
  if (pfn === null) return direction === 1 ? row[0] : row.at(-1);
  const index = row.findIndex(({ start, end }) => start <= pfn && pfn < end);
  if (index >= 0) return row[index + direction];
  return direction === 1
    ? row.find(({ start }) => start > pfn)
    : row.findLast(({ end }) => end <= pfn);
}
