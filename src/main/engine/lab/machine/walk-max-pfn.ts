import type { Kernel } from '../../core/facts.ts';
import { numberVar } from '../../core/world/variables.ts';
import { SECTION_HAS_MEM_MAP, SECTION_IS_ONLINE } from '../../core/section-flags.ts';
import { validPfnRanges } from '../../kernel/memmodel/section.ts';
import { leaf } from '../../core/world/operation.ts';

/** What code that trusts max_pfn believes; counts are pages. */
export interface MaxPfnView {
  readonly max_pfn: number;
  /** Pages below max_pfn for which pfn_valid() is true: what such a walk visits. */
  readonly valid: number;
  /** Of these, pages pfn_to_online_page() finds. */
  readonly online: number;
  /** Of these, struct pages of ZONE_DEVICE. */
  readonly device: number;
  /** Struct pages of ZONE_DEVICE at or above max_pfn: the walk never sees them. */
  readonly device_hidden: number;
  /** Bits of the mask dma_direct_get_required_mask() derives from max_pfn. */
  readonly required_dma_bits: number;
}

function pagesIn(k: Kernel, start: number, end: number, online: boolean): number {
  let pages = 0;
  const per = k.facts.arch.pages_per_section;
  for (const row of k.world.overlapping(
    'sections',
    Math.floor(start / per),
    Math.ceil(end / per),
  )) {
    const wanted = SECTION_HAS_MEM_MAP | (online ? SECTION_IS_ONLINE : 0);
    if ((row.flags & wanted) !== wanted) continue;
    const from = Math.max(row.start * per, start);
    const to = Math.min(row.end * per, end);
    for (const range of validPfnRanges(k, from, to)) pages += range.end - range.start;
  }
  return pages;
}

function devicePages(k: Kernel, start: number, end: number): number {
  const zone = k.facts.arch.zones.indexOf('Device');
  let pages = 0;
  for (const row of k.world.overlapping('pages', start, end)) {
    if (row.state !== 'init' || row.zone !== zone) continue;
    pages += Math.min(row.end, end) - Math.max(row.start, start);
  }
  return pages;
}

/** fls64(max_pfn - 1 in bytes): kernel/dma/direct.c:dma_direct_get_required_mask */
function requiredBits(k: Kernel, maxPfn: number): number {
  const last = BigInt(maxPfn - 1) << BigInt(k.facts.arch.page_shift);
  return last.toString(2).length;
}

/**
 * A walker of the kind `for (pfn = 0; pfn < max_pfn; pfn++) if (pfn_valid(pfn))`, as /proc/kpage*,
 * page_idle or page_owner have been: what it would see at this point. Changes nothing.
 */
export const walk_max_pfn = leaf<object, MaxPfnView>(
  'walk_max_pfn',
  'fs/proc/page.c:kpageflags_read',
  (k) => {
    const max_pfn = numberVar(k, 'max_pfn');
    const highest = 2 ** (k.facts.arch.max_physmem_bits - k.facts.arch.page_shift);
    const view: MaxPfnView = {
      max_pfn,
      valid: pagesIn(k, 0, max_pfn, false),
      online: pagesIn(k, 0, max_pfn, true),
      device: devicePages(k, 0, max_pfn),
      device_hidden: devicePages(k, max_pfn, highest),
      required_dma_bits: requiredBits(k, max_pfn),
    };
    k.note(
      `below max_pfn ${view.max_pfn}: ${view.valid} valid pages, ${view.online} online, ` +
        `${view.device} of devices; ${view.device_hidden} device pages above are not seen; ` +
        `DMA seems to need ${view.required_dma_bits} address bits`,
    );
    return view;
  },
  { basis: 'model', kind: 'user' },
);
