import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { hasSections, hasSubsectionMap, validPfnRanges } from '../memmodel/section.ts';
import { SECTION_IS_ONLINE } from '../../core/section-flags.ts';
import { fullSubsectionMap } from '../memmodel/subsections.ts';
import { leaf } from '../../core/world/operation.ts';

/**
 * Is every pageblock of the zone's span online, and its first and last page in the zone
 * (page_alloc.c:__pageblock_pfn_to_page)? Sections without all their sub-sections are not.
 */
function contiguous(k: Kernel, zone: RowOf<'zones'>): boolean {
  const { arch } = k.facts;
  const start = zone.zone_start_pfn;
  const end = start + zone.spanned_pages;
  if (hasSections(k) ? !sectionsOnline(k, start, end) : !allValid(k, start, end)) return false;
  const block = 1 << arch.pageblock_order;
  const foreign = k.world
    .overlapping('pages', start, end)
    .filter((row) => row.zone !== zone.index || row.nid !== zone.nid);
  return !foreign.some((row) => {
    const from = Math.max(row.start, start);
    const to = Math.min(row.end, end);
    return hasBlockEdge(from, to, block, start, end);
  });
}

/** Without sections every page that pfn_valid() accepts is online. */
function allValid(k: Kernel, start: number, end: number): boolean {
  const [only] = validPfnRanges(k, start, end);
  return only?.start === start && only.end === end;
}

/** Are the sections of [start, end) online, and their sub-sections there? */
function sectionsOnline(k: Kernel, start: number, end: number): boolean {
  const { arch, era } = k.facts;
  const per = arch.pages_per_section;
  const full = fullSubsectionMap(arch);
  let next = Math.floor(start / per);
  const last = Math.floor((end - 1) / per) + 1;
  for (const row of k.world.overlapping('sections', next, last)) {
    const online = era.get('section_flags') < 3 || (row.flags & SECTION_IS_ONLINE) !== 0;
    const first = Math.max(row.start, next);
    if (first > next || !online) return false;
    if (hasSubsectionMap(k) && row.subsection_map !== full) {
      if (!coversSpan(k, row, start, end)) return false;
    }
    next = row.end;
  }
  return next >= last;
}

/** Are all sub-sections of these sections that the span touches set? */
function coversSpan(k: Kernel, row: RowOf<'sections'>, start: number, end: number): boolean {
  const { pages_per_section: per, pages_per_subsection: unit } = k.facts.arch;
  const first = Math.max(row.start * per, start);
  const last = Math.min(row.end * per, end);
  for (let pfn = first - (first % unit); pfn < last; pfn += unit) {
    const bit = BigInt((pfn % per) / unit);
    if (((row.subsection_map >> bit) & 1n) === 0n) return false;
  }
  return true;
}

/** Does [from, to) hold the first or last page of a block, or of the span's own ends? */
function hasBlockEdge(
  from: number,
  to: number,
  block: number,
  start: number,
  end: number,
): boolean {
  if (from === start || to === end) return true;
  const firstHead = Math.ceil(from / block) * block;
  const firstTail = Math.ceil((from + 1) / block) * block - 1;
  return firstHead < to || firstTail < to;
}

export const set_zone_contiguous = leaf<{ key: number }, void>(
  'set_zone_contiguous',
  'mm/page_alloc.c:set_zone_contiguous',
  (k, { key }) => {
    const zone = k.world.need('zones', key);
    if (contiguous(k, zone)) k.world.patch('zones', key, { contiguous: true });
  },
  { show: ({ key }, k) => ({ nid: key >> 3, zone: k.facts.arch.zones[key & 7] ?? '' }) },
);
