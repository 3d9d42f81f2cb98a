import type { Kernel } from '../../core/facts.ts';
import { childrenOf, IOMEM_RESOURCE, link, type NewResource, type Resource } from './tree.ts';

function holds(
  outer: { start: bigint; end: bigint },
  inner: { start: bigint; end: bigint },
): boolean {
  return outer.start <= inner.start && outer.end >= inner.end;
}

/**
 * Enters a resource where its range puts it: below the innermost one that holds it (an equal one
 * is the parent), above those it holds. False where it would cut another (insert_resource: EBUSY).
 */
export function insertByContainment(k: Kernel, wanted: NewResource): boolean {
  let parent = IOMEM_RESOURCE;
  for (;;) {
    const inside = childrenOf(k, parent).find((child) => holds(child, wanted));
    if (!inside) break;
    parent = inside.id;
  }
  const touched = meeting(k, parent, wanted);
  if (touched.some((child) => !holds(wanted, child))) return false;
  const id = link(k, parent, wanted);
  for (const child of touched) k.world.patch('resources', child.id, { parent: id });
  return true;
}

/** insert_resource(): above the resource with the same range, which becomes its child. */
export function insertAbove(k: Kernel, wanted: NewResource): void {
  for (const row of k.world.rows('resources')) {
    if (row.start !== wanted.start || row.end !== wanted.end) continue;
    const { id, parent } = row;
    const above = link(k, parent, wanted);
    k.world.patch('resources', id, { parent: above });
    return;
  }
  insertByContainment(k, wanted);
}

function meeting(k: Kernel, parent: number, range: { start: bigint; end: bigint }): Resource[] {
  return childrenOf(k, parent).filter(
    (child) => child.end >= range.start && child.start <= range.end,
  );
}

/** insert_resource_expand_to_fit(): grows over what it would cut. */
export function insertExpanded(k: Kernel, wanted: NewResource): void {
  let resource = wanted;
  while (!insertByContainment(k, resource)) {
    let { start, end } = resource;
    for (const child of meeting(k, IOMEM_RESOURCE, resource)) {
      if (child.start < start) start = child.start;
      if (child.end > end) end = child.end;
    }
    if (start === resource.start && end === resource.end) return;
    resource = { ...resource, start, end };
  }
}

/** reserve_region_with_split(): a busy region in whatever is free of [start, end], end inclusive. */
export function reserveWithSplit(k: Kernel, start: bigint, end: bigint, name: string): void {
  let at = start;
  const add = (to: bigint): void => {
    if (at <= to)
      link(k, IOMEM_RESOURCE, { start: at, end: to, name, flags: 'MEM|BUSY', desc: 'NONE' });
  };
  for (const child of meeting(k, IOMEM_RESOURCE, { start, end })) {
    add(child.start - 1n);
    if (child.end + 1n > at) at = child.end + 1n;
  }
  add(end);
}
