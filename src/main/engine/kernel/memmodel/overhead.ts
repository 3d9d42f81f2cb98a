import { virtToPhys, type Look } from '../../core/direct-map.ts';
import { pageSize, type OverheadLine } from './model.ts';
import { SECTION_HAS_MEM_MAP } from '../../core/section-flags.ts';
import { sectionUsageBytes } from './section-usage.ts';

/** The node of a physical address, by memblock; undefined where there is no memory. */
export function nodeOfPhys({ world }: Look, phys: bigint): number | undefined {
  return world.at('memblock_memory', phys)?.nid;
}

/** Node whose memory holds a section's memmap: not always the section's own. */
function memmapNode(look: Look, nr: number): number | undefined {
  const { world, facts } = look;
  const pfn = nr * facts.arch.pages_per_section;
  const row = world.at('vmemmap', pfn);
  const coded = world.at('section_mem_maps', nr)?.coded;
  if (!row && coded !== undefined) {
    return nodeOfPhys(look, virtToPhys(look, coded + BigInt(pfn) * pageSize(look)));
  }
  if (row?.phys === undefined || row.phys === null) return undefined;
  return nodeOfPhys(look, row.phys + BigInt(pfn - row.start) * pageSize(look));
}

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
      what: `roots ${start} to ${end - 1}, of ${arch.sections_per_root} sections each`,
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
  const lines = new Map<string, { sections: number; source: string; nid: number; on: number }>();
  for (const row of world.rows('sections')) {
    if ((row.flags & SECTION_HAS_MEM_MAP) === 0) continue;
    const source = row.memmap === 'altmap' ? 'device' : 'RAM';
    const on = source === 'RAM' ? (memmapNode(look, row.start) ?? row.nid) : row.nid;
    const key = `${row.nid} ${source} ${on}`;
    const line = lines.get(key) ?? { sections: 0, source, nid: row.nid, on };
    line.sections += row.end - row.start;
    lines.set(key, line);
  }
  const found = sectionArray(look);
  for (const { sections, source, nid, on } of lines.values()) {
    const charged = source === 'device' ? `device memory of node ${nid}` : `node ${on}, RAM`;
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
