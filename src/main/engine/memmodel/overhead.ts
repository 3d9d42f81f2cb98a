import type { Look } from '../arch/direct-map.ts';
import { pageSize, type OverheadLine } from './model.ts';
import { SECTION_HAS_MEM_MAP } from './section-flags.ts';
import { sectionUsageBytes } from './section-usage.ts';

/** Bytes of mem_section records: the whole array with STATIC, a page a root with EXTREME. */
function sectionArray({ facts, world }: Look): OverheadLine[] {
  const { arch, era } = facts;
  if (arch.section_array === 'static') {
    const bytes = BigInt(arch.nr_mem_sections * arch.sizeof_mem_section);
    return [{ what: `mem_section[${arch.nr_mem_sections}]`, bytes, charged: 'kernel image' }];
  }
  const pointers = BigInt((arch.nr_section_roots * arch.bits_per_long) / 8);
  const lines: OverheadLine[] = [
    {
      what: `mem_section: ${arch.nr_section_roots} root pointers`,
      bytes: pointers,
      charged: era.get('memblocks_present') ? 'RAM' : 'kernel image',
    },
  ];
  for (const { start, end, nid } of world.rows('section_roots')) {
    lines.push({
      what: `${end - start} roots of ${arch.sections_per_root} sections`,
      bytes: BigInt(end - start) << BigInt(arch.page_shift),
      charged: `node ${nid}, RAM`,
    });
  }
  return lines;
}

/** What the sections, their usage maps and their memmaps cost, by who pays. */
export function sectionOverhead(look: Look): OverheadLine[] {
  const { facts, world } = look;
  const per = BigInt(facts.arch.pages_per_section);
  const lines = new Map<string, { sections: number; source: string; nid: number }>();
  for (const row of world.rows('sections')) {
    if ((row.flags & SECTION_HAS_MEM_MAP) === 0) continue;
    const source = row.memmap === 'altmap' ? 'device' : 'RAM';
    const key = `${row.nid} ${source}`;
    const line = lines.get(key) ?? { sections: 0, source, nid: row.nid };
    line.sections += row.end - row.start;
    lines.set(key, line);
  }
  const found = sectionArray(look);
  for (const { sections, source, nid } of lines.values()) {
    const charged = source === 'device' ? `device memory of node ${nid}` : `node ${nid}, RAM`;
    found.push(
      {
        what: `memmap of ${sections} sections`,
        bytes: BigInt(sections) * per * pageSize(look),
        charged,
      },
      {
        what: `mem_section_usage of ${sections} sections`,
        bytes: BigInt(sections * sectionUsageBytes(look)),
        charged: `node ${nid}, RAM`,
      },
    );
  }
  return found;
}
