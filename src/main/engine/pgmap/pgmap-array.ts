import type { Kernel } from '../facts.ts';
import { fail, leaf, type Outcome } from '../world/operation.ts';
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

/** get_dev_pagemap(): takes a reference; null for a PFN of no pagemap or of a killed one. */
export const get_dev_pagemap = leaf<{ pfn: number }, string | null>(
  'get_dev_pagemap',
  'mm/memremap.c:get_dev_pagemap',
  (k, { pfn }) => {
    const id = lookup(k, pfn);
    const pgmap = id === null ? undefined : k.world.get('pgmaps', id);
    if (id === null || !pgmap || pgmap.ref_dead) return null;
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

/** xa_store_range(): overwrites whatever entries were there. */
export const xa_store_range = leaf<ByteRange & { pgmap: string }, Outcome<void>>(
  'xa_store_range',
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
  'pgmap_array_delete',
  'mm/memremap.c:pgmap_array_delete',
  (k, { start, end }) => {
    k.world.clear('pgmap_array', pfnOf(k, start), pfnOf(k, end) + 1);
  },
);
