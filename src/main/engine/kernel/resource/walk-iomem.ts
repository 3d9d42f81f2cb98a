import { leaf } from '../../core/world/operation.ts';
import { childrenOf, descendantsOf, hasFlag, IOMEM_RESOURCE } from './tree.ts';

/** A resource found; bytes, `end` inclusive. */
export interface FoundRange {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * walk_iomem_res_desc() over all addresses, with IORESOURCE_MEM: the ranges it would call back
 * for, by address. `desc` is an IORES_DESC_ name without the prefix. The walk goes on behind each
 * resource it finds, so nothing inside one is found again.
 */
export const walk_iomem_res_desc = leaf<{ readonly desc: string }, readonly FoundRange[]>(
  'walk_iomem_res_desc',
  'kernel/resource.c:walk_iomem_res_desc',
  (k, { desc }) => {
    const found: FoundRange[] = [];
    for (const top of childrenOf(k, IOMEM_RESOURCE)) {
      for (const row of [top, ...descendantsOf(k, top.id)]) {
        const last = found.at(-1);
        if (row.desc !== desc || !hasFlag(row.flags, 'MEM')) continue;
        if (last === undefined || row.start > last.end) {
          found.push({ start: row.start, end: row.end });
        }
      }
    }
    return found;
  },
);
