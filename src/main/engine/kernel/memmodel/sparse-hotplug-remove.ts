import type { RowOf } from '../../../../shared/world/tables.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';
import { SECTION_HAS_MEM_MAP, SECTION_IS_EARLY } from '../../core/section-flags.ts';
import { coversSections, sectionsOf, showChunk, type SectionChunk } from './section-run.ts';
import { subsectionMask } from './subsections.ts';
import { hasSubsectionMap } from './section.ts';
import { depopulate_section_memmap } from './section-memmap.ts';

/** What goes: a part of one section, or a run of whole sections that are alike. */
export interface RemovedChunk extends SectionChunk {
  /** Id of the pagemap whose altmap the memmap came from. */
  readonly altmap: string | null;
}

/** clear_subsection_map(): false (with a warning) where a bit was not set. */
const clear_subsection_map = leaf<RemovedChunk, boolean>(
  'clear_subsection_map',
  'mm/sparse.c:clear_subsection_map',
  (k, chunk) => {
    const { arch } = k.facts;
    const { from, to } = sectionsOf(k, chunk);
    const nr = Math.min(chunk.nr_pages, arch.pages_per_section);
    const mask = subsectionMask(arch, chunk.pfn, nr);
    const row = k.world.at('sections', from);
    if (row && !hasSubsectionMap(k)) {
      k.world.update('sections', from, to, { subsection_map: 0n });
      return true;
    }
    if (!row || (row.subsection_map & mask) !== mask) {
      k.printk('warn', `section already deactivated (${hex(chunk.pfn)} + ${chunk.nr_pages})`);
      return false;
    }
    k.world.update('sections', from, to, { subsection_map: row.subsection_map ^ mask });
    return true;
  },
  { show: showChunk, covers: coversSections },
);

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** free_map_bootmem(): the boot memmap of a section that has no sub-section left. */
const free_map_bootmem = leaf<{ pfn: number; nr_pages: number }, void>(
  'free_map_bootmem',
  'mm/sparse.c:free_map_bootmem',
  (k, { pfn, nr_pages }) => {
    const per = k.facts.arch.pages_per_section;
    k.world.clear('section_mem_maps', pfn / per, (pfn + nr_pages) / per);
    k.world.clear('vmemmap', pfn, pfn + nr_pages);
    k.world.clear('pages', pfn, pfn + nr_pages);
    k.world.clear('page_mappings', pfn, pfn + nr_pages);
  },
);

/**
 * section_deactivate(): the chunk's memmap goes unless it is the boot memmap of an early section,
 * which stays until the whole section is empty: its struct pages keep what they said.
 */
export const section_deactivate = operation<RemovedChunk, void>(
  'section_deactivate',
  'mm/sparse.c:section_deactivate',
  function* (k, chunk) {
    const { from, to } = sectionsOf(k, chunk);
    const before = k.world.at('sections', from) as RowOf<'sections'>;
    const early = (before.flags & SECTION_IS_EARLY) !== 0;
    if (!(yield* call(clear_subsection_map, chunk))) return;
    const empty = k.world.at('sections', from)?.subsection_map === 0n;
    if (empty && (before.flags & SECTION_HAS_MEM_MAP) !== 0) {
      k.world.update('sections', from, to, ({ flags }) => ({
        flags: flags & ~SECTION_HAS_MEM_MAP,
      }));
    }
    const { pfn, nr_pages, altmap } = chunk;
    if (!early) yield* call(depopulate_section_memmap, { pfn, nr_pages, altmap });
    else if (empty) {
      const per = k.facts.arch.pages_per_section;
      yield* call(free_map_bootmem, { pfn: from * per, nr_pages: (to - from) * per });
    }
    if (empty) k.world.clear('sections', from, to);
  },
  { show: showChunk, covers: coversSections },
);

/** sparse_remove_section(): a section that was never added is left alone, with a warning. */
export const sparse_remove_section = operation<RemovedChunk, void>(
  (k) =>
    k.facts.era.get('subsection_hotplug') ? 'sparse_remove_section' : 'sparse_remove_one_section',
  'mm/sparse.c:sparse_remove_section',
  function* (k, chunk) {
    if (!k.world.at('sections', sectionsOf(k, chunk).from)) {
      k.printk('warn', `sparse_remove_section: no section at ${hex(chunk.pfn)}`);
      return;
    }
    yield* call(section_deactivate, chunk);
  },
  { show: showChunk, covers: coversSections },
);
