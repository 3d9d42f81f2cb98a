import { linkTo } from '../../../shared/bench/links.ts';
import type { MapBlock, MapView } from '../../../shared/bench/views.ts';
import { sectionFlagNames } from '../../engine/core/section-flags.ts';
import type { Diff } from '../../../shared/world/step.ts';
import { changedRanges } from './authors.ts';
import type { Inspection } from './context.ts';
import { bytesText, decimal, hex } from './format.ts';
import { iomemPieces } from './iomem.ts';
import { extentLabel, pageStateOf } from './page-state.ts';

export type Tier = MapBlock['tier'];

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * The physical map between two PFNs (end exclusive), tier by tier. A tier with more than `limit`
 * blocks comes with neighbours merged and is named in `coarse`.
 */
export function mapView(
  inspection: Inspection,
  range: Range,
  tiers: readonly Tier[],
  limit: number,
): MapView {
  const blocks: MapBlock[] = [];
  const coarse: string[] = [];
  for (const tier of tiers) {
    const found = TIERS[tier](inspection, range);
    if (found.length > limit) coarse.push(tier);
    blocks.push(...merged(found, range, limit));
  }
  return { start: range.start, end: range.end, blocks, coarse };
}

const TIERS: Readonly<Record<Tier, (inspection: Inspection, range: Range) => MapBlock[]>> = {
  iomem: iomemBlocks,
  zone: zoneBlocks,
  section: sectionBlocks,
  subsection: subsectionBlocks,
  extent: extentBlocks,
};

/** Token of a zone's fill. */
function zoneFill(name: string | undefined): string {
  return name === undefined || name === '' ? 'page-uninit' : `zone-${name.toLowerCase()}`;
}

function iomemBlocks(inspection: Inspection, range: Range): MapBlock[] {
  return iomemPieces(inspection)
    .filter(({ start, end }) => start < range.end && end > range.start)
    .map((piece) => ({ tier: 'iomem' as const, ...piece }));
}

function zoneBlocks({ world, authors, at }: Inspection, range: Range): MapBlock[] {
  const blocks: MapBlock[] = [];
  for (const zone of world.rows('zones')) {
    const start = zone.zone_start_pfn;
    const end = start + zone.spanned_pages;
    if (zone.spanned_pages === 0 || start >= range.end || end <= range.start) continue;
    const span = authors.ofField('zones', zone.key, 'spanned_pages', at);
    const begin = authors.ofField('zones', zone.key, 'zone_start_pfn', at);
    blocks.push({
      tier: 'zone',
      start,
      end,
      label: zone.name,
      fill: zoneFill(zone.name),
      detail: `node ${zone.nid}, spanned ${decimal(zone.spanned_pages)}, present ${decimal(zone.present_pages)} pages`,
      link: linkTo('zone', zone),
      by: Math.max(span.by, begin.by),
      changed: span.changed || begin.changed,
    });
  }
  return blocks;
}

function sectionBlocks(inspection: Inspection, range: Range): MapBlock[] {
  const { world, facts, authors, at } = inspection;
  const pps = facts.arch.pages_per_section;
  const first = Math.floor(range.start / pps);
  const last = Math.ceil(range.end / pps);
  const blocks: MapBlock[] = [];
  const rows = world.overlapping('sections', first, last);
  const present = rows.reduce(
    (sum, row) => sum + Math.min(row.end, last) - Math.max(row.start, first),
    0,
  );
  for (const row of rows) {
    const parts = present > SINGLE_BLOCKS ? [row] : singleSections(row, first, last);
    for (const part of parts) {
      const firstPage = world.at('pages', part.start * pps);
      const middle = world.at('pages', part.end * pps - 1);
      const extent = middle?.state === 'init' ? middle : firstPage;
      const zone = extent?.state === 'init' ? facts.arch.zones[extent.zone] : undefined;
      const latest = [...authors.writesAt('sections', part.start, at)][0];
      blocks.push({
        tier: 'section',
        start: part.start * pps,
        end: part.end * pps,
        label: part.end - part.start === 1 ? `${part.start}` : `${part.start}\u2013${part.end - 1}`,
        fill: zoneFill(zone),
        detail: `${hex(row.flags)} ${sectionFlagNames(row.flags)}, memmap ${row.memmap}`,
        link: linkTo('section', part.start),
        by: latest?.seq ?? 0,
        changed: authors.changedWithin('sections', part.start, part.end, at),
      });
    }
  }
  return blocks;
}

/** Up to this many present sections in view each is a block of its own; else a run is one. */
const SINGLE_BLOCKS = 256;

/** The sections of a run between two section numbers, one by one. */
function singleSections(row: Range, first: number, last: number): Range[] {
  const start = Math.max(row.start, first);
  const end = Math.min(row.end, last);
  return Array.from({ length: end - start }, (_unused, index) => ({
    start: start + index,
    end: start + index + 1,
  }));
}

function subsectionBlocks(inspection: Inspection, range: Range): MapBlock[] {
  const { world, facts, authors, at } = inspection;
  const { pages_per_section: pps, pages_per_subsection: ppss, zones } = facts.arch;
  const blocks: MapBlock[] = [];
  if ((range.end - range.start) / ppss > SINGLE_BLOCKS * 4) return blocks;
  const before = subsectionsChanged(inspection, range);
  for (let start = Math.floor(range.start / ppss) * ppss; start < range.end; start += ppss) {
    const section = world.at('sections', Math.floor(start / pps));
    const index = (start % pps) / ppss;
    if (!section || (section.subsection_map & (1n << BigInt(index))) === 0n) continue;
    const last = world.at('pages', start + ppss - 1);
    const zone = last?.state === 'init' ? zones[last.zone] : undefined;
    const pages = changedRanges(at > 0 ? inspection.source.step(at).diff : [], 'pages');
    blocks.push({
      tier: 'subsection',
      start,
      end: start + ppss,
      label: `${index}`,
      fill: last && pageStateOf(last, facts) === 'memmap' ? 'page-memmap' : zoneFill(zone),
      detail: `section ${section.start}, sub-section ${index}`,
      link: linkTo('pfn', start),
      by: authors.ofPosition('sections', Math.floor(start / pps), 'subsection_map', at).by,
      changed: before.has(start) || pages.some((r) => r.start < start + ppss && r.end > start),
    });
  }
  return blocks;
}

/** First PFNs of the sub-sections whose bit the current step changed. */
function subsectionsChanged({ source, at, facts }: Inspection, range: Range): Set<number> {
  const found = new Set<number>();
  if (at === 0) return found;
  const {
    pages_per_section: pps,
    pages_per_subsection: ppss,
    subsections_per_section,
  } = facts.arch;
  const { diff } = source.step(at);
  for (const { start, end } of changedRanges(diff, 'sections')) {
    const first = Math.max(Number(start), Math.floor(range.start / pps));
    const last = Math.min(Number(end), Math.ceil(range.end / pps));
    for (let nr = first; nr < last; nr += 1) {
      const was = mapOf(diff, nr, 'from');
      const now = mapOf(diff, nr, 'to');
      for (let index = 0; index < subsections_per_section; index += 1) {
        if (((was ^ now) >> BigInt(index)) & 1n) found.add(nr * pps + index * ppss);
      }
    }
  }
  return found;
}

function mapOf(diff: Diff, nr: number, side: 'from' | 'to'): bigint {
  for (const change of diff) {
    if (change.table !== 'sections') continue;
    const row = change[side];
    if (row && Number(row['start']) <= nr && nr < Number(row['end']))
      return row['subsection_map'] as bigint;
  }
  return 0n;
}

function extentBlocks(inspection: Inspection, range: Range): MapBlock[] {
  const { world, facts, authors, at } = inspection;
  return world.overlapping('pages', range.start, range.end).map((row) => {
    const state = pageStateOf(row, facts);
    const latest = [...authors.writesAt('pages', Math.max(row.start, range.start), at)][0];
    return {
      tier: 'extent' as const,
      start: row.start,
      end: row.end,
      label: extentLabel(row, facts),
      fill: `page-${state}`,
      detail: `${bytesText(BigInt(row.end - row.start) << BigInt(facts.arch.page_shift))}, ${facts.arch.zones[row.zone] ?? 'no zone'}, _refcount ${row.refcount}`,
      link: linkTo('pfn', Math.max(row.start, range.start)),
      by: latest?.seq ?? 0,
      changed: authors.changedWithin('pages', row.start, row.end, at),
    };
  });
}

/** Joins neighbours that are narrower than the range over `limit`, keeping what stands out. */
function merged(blocks: readonly MapBlock[], range: Range, limit: number): MapBlock[] {
  if (blocks.length <= limit) return [...blocks];
  const least = (range.end - range.start) / limit;
  const result: MapBlock[] = [];
  for (const block of blocks) {
    const last = result[result.length - 1];
    if (last && block.end - last.start <= least) {
      const wider = block.end - block.start > last.end - last.start ? block : last;
      result[result.length - 1] = {
        ...wider,
        start: last.start,
        end: block.end,
        changed: last.changed || block.changed,
        label: '',
      };
    } else result.push(block);
  }
  return result;
}
