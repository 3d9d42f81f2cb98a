import type { Kernel } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';
import {
  childrenOf,
  descendantsOf,
  hasFlag,
  IOMEM_RESOURCE,
  overlaps,
  type Resource,
} from './tree.ts';

export type Intersection = 'REGION_DISJOINT' | 'REGION_INTERSECTS' | 'REGION_MIXED';

/** What counts as a match; `any` is the kernel's flags 0 with IORES_DESC_NONE. */
export type Wanted = 'SYSTEM_RAM' | 'any';

function matches(row: Resource, wanted: Wanted): boolean {
  if (wanted === 'any') return true;
  return hasFlag(row.flags, 'SYSTEM_RAM') || hasFlag(row.flags, 'SYSRAM');
}

/**
 * `__region_intersects`: how `[start, start + size)` meets the wanted kind of resource below `parent`.
 * Matching and other children of it are counted; newer kernels look below the others, so
 * that RAM under a window counts as if the window had a hole there.
 */
export function __region_intersects(
  k: Kernel,
  start: bigint,
  size: bigint,
  wanted: Wanted,
  parent = IOMEM_RESOURCE,
): Intersection {
  const range = { start, end: BigInt.asUintN(64, start + size - 1n) };
  const descend = k.facts.era.get('region_intersects_descends');
  let type = 0;
  let other = 0;
  for (const row of childrenOf(k, parent)) {
    if (!overlaps(row, range)) continue;
    if (matches(row, wanted)) {
      type += 1;
      continue;
    }
    const below = descend ? coveredBelow(k, row, range, wanted) : { type: 0, covered: false };
    type += below.type;
    if (!below.covered) other += 1;
  }
  if (type === 0) return 'REGION_DISJOINT';
  return other === 0 ? 'REGION_INTERSECTS' : 'REGION_MIXED';
}

/** Do matching descendants cover all of what the range shares with this resource? */
function coveredBelow(
  k: Kernel,
  row: Resource,
  range: { start: bigint; end: bigint },
  wanted: Wanted,
): { type: number; covered: boolean } {
  let from = range.start > row.start ? range.start : row.start;
  const to = range.end < row.end ? range.end : row.end;
  let type = 0;
  for (const below of descendantsOf(k, row.id)) {
    if (!overlaps(below, range) || !matches(below, wanted)) continue;
    type += 1;
    if (below.start > from) break;
    if (below.end >= to) return { type, covered: true };
    if (below.end + 1n > from) from = below.end + 1n;
  }
  return { type, covered: false };
}

/** region_intersects(IORESOURCE_SYSTEM_RAM): `size` in bytes. */
export const region_intersects = leaf<{ start: bigint; size: bigint }, Intersection>(
  'region_intersects',
  'kernel/resource.c:region_intersects',
  (k, { start, size }) => __region_intersects(k, start, size, 'SYSTEM_RAM'),
);
