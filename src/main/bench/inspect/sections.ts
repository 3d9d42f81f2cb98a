import type { FieldView, SectionRun, SectionView } from '../../../shared/bench/views.ts';
import { tableSchema, type RowOf } from '../../../shared/world/tables.ts';
import type { Row, Value } from '../../../shared/world/value.ts';
import { vmemmapBase } from '../../engine/core/direct-map.ts';
import { SECTION_FLAGS, sectionFlagNames } from '../../engine/core/section-flags.ts';
import { codedMap } from '../../engine/kernel/memmodel/sparsemem.ts';
import type { Inspection } from './context.ts';
import { declared, field } from './fields.ts';
import { hex } from './format.ts';

/** Runs of equal sections in order. */
export function sectionRuns(
  inspection: Inspection,
  offset: number,
  count: number,
): { runs: SectionRun[]; total: number } {
  const all = [...inspection.world.rows('sections')];
  return {
    runs: all.slice(offset, offset + count).map((row) => sectionRun(inspection, row)),
    total: all.length,
  };
}

function sectionRun(inspection: Inspection, row: RowOf<'sections'>): SectionRun {
  const { authors, at } = inspection;
  const latest = [...authors.writesAt('sections', row.start, at)][0];
  return {
    ...row,
    subsection_map: hex(row.subsection_map),
    flag_names: sectionFlagNames(row.flags),
    zone: zoneOfSection(inspection, row.start),
    by: latest?.seq ?? 0,
    changed: authors.changedWithin('sections', row.start, row.end, at),
  };
}

/** The zone most of the section's struct pages are in, by name; "" where none is initialised. */
function zoneOfSection({ facts, world }: Inspection, nr: number): string {
  const pps = facts.arch.pages_per_section;
  const pages = new Map<string, number>();
  for (const extent of world.overlapping('pages', nr * pps, (nr + 1) * pps)) {
    if (extent.state !== 'init') continue;
    const name = facts.arch.zones[extent.zone];
    if (name === undefined) continue;
    const inside = Math.min(extent.end, (nr + 1) * pps) - Math.max(extent.start, nr * pps);
    pages.set(name, (pages.get(name) ?? 0) + inside);
  }
  let best = '';
  for (const [name, count] of pages) if (count > (pages.get(best) ?? 0)) best = name;
  return best;
}

/** struct mem_section number `nr`, field by field. */
export function sectionView(inspection: Inspection, nr: number): SectionView {
  const { facts, world, authors, at } = inspection;
  const { arch } = facts;
  const row = world.at('sections', nr);
  const start_pfn = nr * arch.pages_per_section;
  const schema = tableSchema('sections');
  const plain: Row | undefined = row;
  const fields: FieldView[] = [];
  if (row) {
    const flags = authors.ofPosition('sections', nr, 'flags', at);
    const word = (value: Value | undefined): string =>
      hex(sectionWord(inspection, nr, Number(value)));
    fields.push(
      field('section_mem_map', row.flags, flags, {
        offset: 0,
        text: word,
        hint: 'address of the memmap minus the section\u2019s first struct page, with the flags in the low bits',
      }),
      ...schema.plain.map((name) =>
        field(name, plain?.[name], authors.ofPosition('sections', nr, name, at), {
          ...declared(schema, name, plain?.[name]),
          ...(name === 'flags' ? { text: flagsText } : {}),
        }),
      ),
    );
  }
  const map = row?.subsection_map ?? 0n;
  const before = at > 0 ? authors.ofPosition('sections', nr, 'subsection_map', at) : undefined;
  const was = before?.changed ? ((before.was as bigint | undefined) ?? 0n) : map;
  return {
    nr,
    present: row !== undefined,
    start_pfn,
    end_pfn: start_pfn + arch.pages_per_section,
    fields,
    flag_bits: flagBits(inspection, row, nr),
    subsections: Array.from({ length: arch.subsections_per_section }, (_unused, index) => {
      const bit = 1n << BigInt(index);
      return { set: (map & bit) !== 0n, changed: ((map ^ was) & bit) !== 0n };
    }),
  };
}

function flagsText(value: Value | undefined): string {
  return `${hex(Number(value))} ${sectionFlagNames(Number(value))}`;
}

/** The bits of section_mem_map this kernel has, lowest first, with what the current step changed. */
function flagBits(
  { authors, at, facts }: Inspection,
  row: RowOf<'sections'> | undefined,
  nr: number,
): SectionView['flag_bits'] {
  const flags = row?.flags ?? 0;
  const author = authors.ofPosition('sections', nr, 'flags', at);
  const was = author.changed ? Number(author.was ?? 0) : flags;
  const known = SECTION_FLAGS.slice(0, facts.era.get('section_flags'));
  return known.map(([mask, name], bit) => ({
    bit,
    name,
    set: (flags & mask) !== 0,
    changed: ((flags ^ was) & mask) !== 0,
  }));
}

/** The word as `sparse_init_one_section` encodes it; before it has a memmap it holds the node. */
function sectionWord({ facts, world }: Inspection, nr: number, flags: number): bigint {
  if ((flags & 2) === 0) return BigInt(flags) | (BigInt(world.at('sections', nr)?.nid ?? 0) << 6n);
  const coded = codedMap({ facts, world }, nr) ?? vmemmapBase({ facts, world });
  return coded | BigInt(flags);
}
