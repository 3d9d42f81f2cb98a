import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { SECTION_IS_EARLY } from '../../core/section-flags.ts';
import { coversSections, sectionsOf, showChunk } from './section-run.ts';
import { subsectionMask } from './subsections.ts';
import { sparse_index_init } from './sparse-index.ts';
import { sparse_init_one_section } from './sparse-init-one-section.ts';
import { section_deactivate } from './sparse-hotplug-remove.ts';
import { hasSubsectionMap } from './section.ts';
import { populate_section_memmap } from './section-memmap.ts';
import { memmapPages } from './vmemmap-backing.ts';
import type { MemmapChunk } from './vmemmap-populate.ts';

export function section(k: Kernel, nr: number): RowOf<'sections'> | undefined {
  return k.world.at('sections', nr);
}

function isEarly(row: RowOf<'sections'> | undefined): boolean {
  return row !== undefined && (row.flags & SECTION_IS_EARLY) !== 0;
}

/** fill_subsection_map(): claims the chunk's sub-sections. */
const fill_subsection_map = leaf<MemmapChunk, Outcome<void>>(
  'fill_subsection_map',
  'mm/sparse.c:fill_subsection_map',
  (k, chunk) => {
    const { pfn, nr_pages, nid } = chunk;
    const { arch } = k.facts;
    const { from, to } = sectionsOf(k, chunk);
    if (nr_pages === 0) return fail('EINVAL', 'bitmap_empty(map)');
    const mask = subsectionMask(arch, pfn, Math.min(nr_pages, arch.pages_per_section));
    const row = section(k, from);
    if (row && !k.facts.era.get('subsection_hotplug')) {
      return fail('EEXIST', 'ms->section_mem_map & SECTION_MARKED_PRESENT');
    }
    if (row && hasSubsectionMap(k) && (row.subsection_map & mask) !== 0n) {
      return fail('EEXIST', 'bitmap_intersects(map, subsection_map)');
    }
    const map = (row?.subsection_map ?? 0n) | mask;
    const old = row ?? { nid, flags: 0, memmap: '' };
    const { flags, memmap } = old;
    k.world.set('sections', from, to, { nid: old.nid, flags, subsection_map: map, memmap });
    return undefined;
  },
  { show: showChunk, covers: coversSections },
);

/**
 * section_activate(): sub-section bits, then a memmap. A part of an early section keeps the boot
 * memmap: nothing is allocated there, and an altmap stays unused.
 */
const section_activate = operation<MemmapChunk, Outcome<void>>(
  'section_activate',
  'mm/sparse.c:section_activate',
  function* (k, chunk) {
    const { nr_pages } = chunk;
    const early = isEarly(section(k, sectionsOf(k, chunk).from));
    const claimed = yield* call(fill_subsection_map, chunk);
    if (failed(claimed)) return claimed;
    if (nr_pages < k.facts.arch.pages_per_section && early) return undefined;
    const populated = yield* call(populate_section_memmap, chunk);
    if (failed(populated)) {
      yield* call(section_deactivate, chunk);
      return fail('ENOMEM', populated.check);
    }
    return undefined;
  },
  { show: showChunk, covers: coversSections },
);

/** CONFIG_DEBUG_VM fills struct pages that nobody has initialised; other kernels leave them. */
const page_init_poison = leaf<MemmapChunk, void>(
  'page_init_poison',
  'mm/debug.c:page_init_poison',
  (k, { pfn, nr_pages }) => {
    k.world.update('pages', pfn, pfn + nr_pages, { state: 'poison' });
  },
  { show: showChunk },
);

/** What holds the new struct pages. */
function memmapSource(k: Kernel, { pfn }: MemmapChunk): string | undefined {
  return k.facts.arch.memory_model === 'sparsemem' ? 'ram' : k.world.at('vmemmap', pfn)?.source;
}

/**
 * sparse_add_section() for a part of one section, or for a run of whole sections that are alike.
 * Its errors: -EEXIST where a sub-section is in use, -ENOMEM, -EINVAL for an empty chunk.
 */
export const sparse_add_section = operation<MemmapChunk, Outcome<void>>(
  (k) => (k.facts.era.get('subsection_hotplug') ? 'sparse_add_section' : 'sparse_add_one_section'),
  'mm/sparse.c:sparse_add_section',
  function* (k, chunk) {
    const { from, to } = sectionsOf(k, chunk);
    yield* call(sparse_index_init, { from, to, nid: chunk.nid, early: false });
    const error = yield* call(section_activate, chunk);
    if (failed(error)) return error;
    if (k.facts.config['DEBUG_VM'] === 'y') yield* call(page_init_poison, chunk);
    yield* call(sparse_init_one_section, { from, to, memmap: memmapSource(k, chunk) });
    return undefined;
  },
  { show: showChunk, covers: coversSections },
);

/** Memory pages the memmap of one whole section takes: 512 on x86_64. */
export function memmapPagesPerSection(k: Kernel): number {
  return memmapPages(k, k.facts.arch.pages_per_section);
}
