import { leaf } from '../../core/world/operation.ts';
import { childrenOf, descendantsOf, hasFlag, IOMEM_RESOURCE } from './tree.ts';

/** A resource found; bytes, `end` inclusive. */
export interface FoundRange {
  readonly id: number;
  readonly start: bigint;
  readonly end: bigint;
}

export interface WalkParams {
  /** IORES_DESC_ name without the prefix; NONE: whatever it is. */
  readonly desc: string;
  /** IORESOURCE_ names a resource must have, without the prefix, beside MEM. */
  readonly flags: readonly string[];
  /** Only what reaches into these bytes, `end` inclusive. */
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * walk_iomem_res_desc(): the ranges it would call back for, by address, cut to the bytes asked for.
 * The walk goes on behind each resource it finds, so nothing inside one is found again.
 */
export const walk_iomem_res_desc = leaf<WalkParams, readonly FoundRange[]>(
  'walk_iomem_res_desc',
  'kernel/resource.c:walk_iomem_res_desc',
  (k, { desc, flags, start, end }) => {
    const found: FoundRange[] = [];
    const wanted = ['MEM', ...flags];
    for (const top of childrenOf(k, IOMEM_RESOURCE)) {
      for (const row of [top, ...descendantsOf(k, top.id)]) {
        const last = found.at(-1);
        if (desc !== 'NONE' && row.desc !== desc) continue;
        if (!wanted.every((flag) => hasFlag(row.flags, flag))) continue;
        if (row.end < start || row.start > end) continue;
        if (last !== undefined && row.start <= last.end) continue;
        found.push({
          id: row.id,
          start: row.start > start ? row.start : start,
          end: row.end < end ? row.end : end,
        });
      }
    }
    return found;
  },
  { show: ({ desc, flags }) => ({ desc, flags: flags.join('|') }) },
);
