import type { Kernel } from '../../core/facts.ts';
import { sectionsFromRam } from '../buddy/memmap-pages.ts';
import { altmapBlocksLeft, altmapOf, setAltmap } from '../pgmap/altmap.ts';
import { memmapPagesPerSection, section, sparse_add_section } from '../memmodel/sparse-hotplug.ts';
import { vmemmap_can_optimize } from '../memmodel/vmemmap-populate.ts';
import { call, fail, failed, operation, type Outcome } from '../../core/world/operation.ts';
import { check_pfn_span, warnMisaligned } from './check-pfn-span.ts';
import { warnOnce } from '../../core/world/variables.ts';
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
export const __add_pages = operation<AddParams, Outcome<void>>(
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
