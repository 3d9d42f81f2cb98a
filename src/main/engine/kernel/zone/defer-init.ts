import { enabled } from '../../core/arch/config.ts';
import type { Kernel } from '../../core/facts.ts';
import { pageShift, pfnPhys, roundUp } from '../memblock/pages.ts';

/** The static variables of defer_init(): which zone is counted, and how far. */
export interface DeferState {
  zoneEnd: number;
  initialised: number;
}

export function newDeferState(): DeferState {
  return { zoneEnd: 0, initialised: 0 };
}

/** 2 GiB in pages of this kernel. */
function twoGib(k: Kernel): number {
  return 2 ** (31 - k.facts.arch.page_shift);
}

/** Pages of a node initialised before the rest is deferred. */
function earlyPages(k: Kernel, nid: number): number {
  const rule = k.facts.era.get('deferred_init');
  if (rule === 'section') return k.facts.arch.pages_per_section;
  let pages = twoGib(k);
  const shift = pageShift(k);
  if (rule === '2GiB+reserved') {
    const node = k.world.need('nodes', nid);
    const start = pfnPhys(node.node_start_pfn, shift);
    const end = start + pfnPhys(twoGib(k), shift);
    for (const row of k.world.overlapping('memblock_reserved', start, end)) {
      const first = row.start > start ? row.start : start;
      const last = row.end < end ? row.end : end;
      pages += Number((last - first) >> shift);
    }
    pages = Math.min(pages, node.node_spanned_pages);
  }
  return pages;
}

/**
 * defer_init() over a run of pages: the PFN initialisation stops at, `end` when it goes on. Only
 * the highest zone of a node is deferred, from the first section boundary after enough pages; that
 * PFN is then the node's first_deferred_pfn.
 */
export function deferFrom(
  k: Kernel,
  state: DeferState,
  nid: number,
  start: number,
  end: number,
  zoneEnd: number,
): number {
  if (!enabled(k.facts.config, 'DEFERRED_STRUCT_PAGE_INIT')) return end;
  const node = k.world.need('nodes', nid);
  if (zoneEnd < node.node_start_pfn + node.node_spanned_pages) return end;
  if (node.first_deferred_pfn !== null) return start;
  if (state.zoneEnd !== zoneEnd) {
    state.zoneEnd = zoneEnd;
    state.initialised = 0;
  }
  // The page at PFN p is number initialised + (p - start) + 1; it must be past the early ones.
  const past = start + Math.max(earlyPages(k, nid) - state.initialised, 0);
  const first = roundUp(past, k.facts.arch.pages_per_section);
  if (first >= end) {
    state.initialised += end - start;
    return end;
  }
  k.world.patch('nodes', nid, { first_deferred_pfn: first });
  k.note(`struct pages from PFN ${first} on are initialised later`);
  return first;
}
