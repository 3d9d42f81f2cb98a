import type { Kernel } from '../../core/facts.ts';
import { fail, leaf, type Outcome } from '../../core/world/operation.ts';
import { isHmmPagemap } from './pagemap.ts';
import { addReferences, dropReferences } from './pgmap-ref.ts';

/** A range of a pagemap, in bytes, end inclusive. */
export interface ByteRange {
  readonly start: bigint;
  readonly end: bigint;
}

function pfnOf(k: Kernel, address: bigint): number {
  return Number(address >> BigInt(k.facts.arch.page_shift));
}

/** The pagemap whose entry in `pgmap_array` covers the PFN, dead or alive. */
export function lookup(k: Kernel, pfn: number): string | null {
  return k.world.at('pgmap_array', pfn)?.pgmap ?? null;
}

/** Would get_dev_pagemap() give the pagemap of the PFN: not of one that is dead, or HMM's own. */
export function hasDevPagemap(k: Kernel, pfn: number): boolean {
  const id = lookup(k, pfn);
  const pgmap = id === null ? undefined : k.world.get('pgmaps', id);
  return pgmap !== undefined && !pgmap.ref_dead && !isHmmPagemap(k, pgmap.type);
}

/** A PFN; `cached`: a pagemap the caller holds a reference on, in kernels that take one. */
export interface PagemapOfPfn {
  readonly pfn: number;
  readonly cached?: string | null;
}

/** Does the first range of the pagemap hold the PFN? Later ranges are not looked at. */
function cacheHit(k: Kernel, cached: string, pfn: number): boolean {
  const range = k.world.get('pgmaps', cached)?.ranges[0];
  return range !== undefined && pfn >= pfnOf(k, range.start) && pfn <= pfnOf(k, range.end);
}

/**
 * get_dev_pagemap(): takes a reference; null for a PFN of no pagemap or of a killed one. Before
 * 6.18 a `cached` pagemap that covers the PFN is given back as it is, another one is put first.
 * Private and public memory of HMM is not found: its radix is another. Absent before 4.5.
 */
export const get_dev_pagemap = leaf<PagemapOfPfn, string | null>(
  'get_dev_pagemap',
  'mm/memremap.c:get_dev_pagemap',
  (k, { pfn, cached = null }) => {
    if (cached !== null && k.facts.era.get('get_dev_pagemap_cached')) {
      if (cacheHit(k, cached, pfn)) return cached;
      dropReferences(k, cached, 1);
    }
    const id = lookup(k, pfn);
    if (id === null || !hasDevPagemap(k, pfn)) return null;
    addReferences(k, id, 1);
    return id;
  },
);

/** put_dev_pagemap(), `nr` times: once for each page of a run. */
export const put_dev_pagemap = leaf<{ pgmap: string; nr?: number }, Outcome<void>>(
  'put_dev_pagemap',
  'include/linux/memremap.h:put_dev_pagemap',
  (k, { pgmap, nr = 1 }) => {
    if ((k.world.get('pgmaps', pgmap)?.ref ?? 0) < nr) return fail('EINVAL', `no pagemap ${pgmap}`);
    dropReferences(k, pgmap, nr);
    return undefined;
  },
);

const radix = (k: Kernel): boolean => k.facts.era.get('pgmap_array') === 'radix';

/** xa_store_range() (a radix tree before 4.20): overwrites whatever entries were there. */
export const xa_store_range = leaf<ByteRange & { pgmap: string }, Outcome<void>>(
  (k) => (radix(k) ? '__radix_tree_insert' : 'xa_store_range'),
  'lib/xarray.c:xa_store_range',
  (k, { start, end, pgmap }) => {
    const first = pfnOf(k, start);
    const last = pfnOf(k, end);
    if (last < first) return fail('EINVAL', 'last < first');
    k.world.set('pgmap_array', first, last + 1, { pgmap });
    return undefined;
  },
);

/** pgmap_array_delete(): stores NULL over the range, whoever owns the entries. */
export const pgmap_array_delete = leaf<ByteRange, void>(
  (k) => (radix(k) ? 'pgmap_radix_release' : 'pgmap_array_delete'),
  'mm/memremap.c:pgmap_array_delete',
  (k, { start, end }) => {
    k.world.clear('pgmap_array', pfnOf(k, start), pfnOf(k, end) + 1);
  },
);
