import type { Kernel } from '../facts.ts';
import { sectionsFromRam } from '../buddy/memmap-pages.ts';
import { altmapBlocksLeft, altmapOf, setAltmap } from '../pgmap/altmap.ts';
import { memmapPagesPerSection, section, sparse_add_section } from '../memmodel/sparse-hotplug.ts';
import { vmemmap_can_optimize } from '../memmodel/sparse-hotplug-vmemmap.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../world/operation.ts';
import { check_pfn_span, warnMisaligned } from './check-pfn-span.ts';
import { init_memory_mapping } from './init-memory-mapping.ts';
import { physmemEnd } from './mhp-range.ts';
import { numberVar, setVar } from '../boot/vars.ts';
import { raiseVariable, warnOnce } from './variables.ts';
import { __add_zone } from './zone-at-add.ts';

/** struct mhp_params and the range it is for. `altmap`, `pgmap`: a pagemap's id, or null. */
export interface AddParams {
  readonly nid: number;
  readonly pfn: number;
  readonly nr_pages: number;
  readonly altmap: string | null;
  readonly pgmap: string | null;
  /** Before 4.13: the zone of added RAM, an index in enum zone_type. */
  readonly zone?: number;
}

/** Do the altmap's pages lie in front of the range's data, as memremap_pages needs them? */
function altmapFits(k: Kernel, params: AddParams): boolean {
  const altmap = altmapOf(k, params.altmap);
  if (!altmap || params.altmap === null) return true;
  const offset = altmap.reserve + altmap.free;
  if (altmap.base_pfn !== params.pfn || offset > params.nr_pages) return false;
  setAltmap(k, params.altmap, { ...altmap, alloc: 0 });
  return true;
}

/**
 * The next chunk of __add_pages: up to the section's end, or as many whole sections as are alike:
 * all absent, their memmap from the same source, the altmap good for each.
 */
function nextChunk(k: Kernel, params: AddParams, pfn: number): number {
  const per = k.facts.arch.pages_per_section;
  const end = params.pfn + params.nr_pages;
  const toBoundary = Math.min(end, (Math.floor(pfn / per) + 1) * per) - pfn;
  if (toBoundary < per) return toBoundary;
  const nr = pfn / per;
  if (section(k, nr)) return per;
  const next = k.world.overlapping('sections', nr, Math.floor(end / per))[0];
  let count = (next ? next.start : Math.floor(end / per)) - nr;
  const altmap = altmapOf(k, params.altmap);
  if (altmap && !vmemmap_can_optimize(k, params.altmap, params.pgmap)) {
    count = Math.min(count, Math.max(1, altmapBlocksLeft(altmap, memmapPagesPerSection(k))));
  } else if (!altmap && !vmemmap_can_optimize(k, null, params.pgmap)) {
    count = Math.max(1, sectionsFromRam(k, params.nid, memmapPagesPerSection(k), count));
  }
  return count * per;
}

/** __add_pages(): stops at the first error and leaves the sections before it in place. */
const __add_pages = operation<AddParams, Outcome<void>>(
  '__add_pages',
  'mm/memory_hotplug.c:__add_pages',
  function* (k, params) {
    const { pfn, nr_pages, nid, altmap, pgmap } = params;
    if (!altmapFits(k, params)) {
      warnOnce(k, 'mm/memory_hotplug.c:altmap', 'memory add fail, invalid altmap');
      return fail('EINVAL', 'altmap->base_pfn != pfn || vmem_altmap_offset(altmap) > nr_pages');
    }
    const misaligned = yield* call(check_pfn_span, { pfn, nr_pages });
    if (failed(misaligned)) {
      warnMisaligned(k, 'add', pfn, nr_pages);
      return misaligned;
    }
    for (let at = pfn; at < pfn + nr_pages;) {
      const chunk = nextChunk(k, params, at);
      const error = yield* call(sparse_add_section, {
        pfn: at,
        nr_pages: chunk,
        nid,
        altmap,
        pgmap,
      });
      const swallowed =
        failed(error) && error.errno === 'EEXIST' && !k.facts.era.get('subsection_hotplug');
      if (failed(error) && !swallowed) return error;
      if (!failed(error) && params.zone !== undefined) {
        const { zone } = params;
        yield* call(__add_zone, { nid, zone, start_pfn: at, nr_pages: chunk, altmap: null });
      }
      at += chunk;
    }
    return undefined;
  },
);

/** update_end_of_memory_vars(): max_pfn, max_low_pfn and high_memory only grow. */
const update_end_of_memory_vars = leaf<{ end_pfn: number }, void>(
  'update_end_of_memory_vars',
  'arch/x86/mm/init_64.c:update_end_of_memory_vars',
  (k, { end_pfn }) => {
    if (end_pfn <= numberVar(k, 'max_pfn')) return;
    raiseVariable(k, 'max_pfn', end_pfn);
    raiseVariable(k, 'max_low_pfn', end_pfn);
    const { page_shift, page_offset_base } = k.facts.arch;
    setVar(k, 'high_memory', page_offset_base + (BigInt(end_pfn) << BigInt(page_shift)));
  },
);

/** x86 add_pages(): the memmap, without a direct mapping. */
export const add_pages = operation<AddParams, Outcome<void>>(
  'add_pages',
  'arch/x86/mm/init_64.c:add_pages',
  function* (k, params) {
    const end = params.pfn + params.nr_pages;
    if ((BigInt(end) << BigInt(k.facts.arch.page_shift)) - 1n > physmemEnd(k)) {
      return k.facts.era.get('mhp_range_checked')
        ? fail('ERANGE', 'end > DIRECT_MAP_PHYSMEM_END')
        : fail('E2BIG', 'check_hotplug_memory_addressable: max_addr >> MAX_PHYSMEM_BITS');
    }
    const error = yield* call(__add_pages, params);
    if (failed(error)) return error;
    if (params.pgmap === null || k.facts.era.get('device_memory_moves_max_pfn')) {
      yield* call(update_end_of_memory_vars, { end_pfn: end });
    }
    return undefined;
  },
);

/** x86 arch_add_memory(): direct mapping, then memmap. A failure takes neither back. */
export const arch_add_memory = operation<AddParams, Outcome<void>>(
  'arch_add_memory',
  'arch/x86/mm/init_64.c:arch_add_memory',
  function* (_k, params) {
    const { pfn, nr_pages } = params;
    yield* call(init_memory_mapping, { start_pfn: pfn, end_pfn: pfn + nr_pages });
    return yield* call(add_pages, params);
  },
);
