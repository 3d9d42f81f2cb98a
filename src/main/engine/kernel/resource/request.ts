import type { Kernel } from '../../core/facts.ts';
import { fail, leaf, type Outcome } from '../../core/world/operation.ts';
import {
  childrenOf,
  hasFlag,
  IOMEM_RESOURCE,
  iomemEnd,
  link,
  type NewResource,
  type Resource,
} from './tree.ts';

interface Parent {
  readonly id: number;
  readonly start: bigint;
  readonly end: bigint;
}

function iomem(k: Kernel): Parent {
  return { id: IOMEM_RESOURCE, start: 0n, end: iomemEnd(k) };
}

/** A resource by its id, or iomem_resource itself; undefined: there is none. */
export function resourceOf(k: Kernel, id: number): Parent | undefined {
  return id === IOMEM_RESOURCE ? iomem(k) : k.world.get('resources', id);
}

/** `__request_resource`: what is in the way; the parent itself where the range does not fit it. */
function conflictUnder(k: Kernel, parent: Parent, wanted: NewResource): Parent | undefined {
  const { start, end } = wanted;
  if (end < start || start < parent.start || end > parent.end) return parent;
  return childrenOf(k, parent.id).find((child) => child.end >= start && child.start <= end);
}

/**
 * `__request_region`: a busy region, below the innermost resource that is not busy and holds it.
 * Returns the new resource's id.
 */
export function __request_region(k: Kernel, wanted: NewResource): Outcome<number> {
  let parent = iomem(k);
  for (;;) {
    const conflict = conflictUnder(k, parent, wanted);
    if (!conflict) return link(k, parent.id, wanted);
    const row = k.world.get('resources', conflict.id);
    if (conflict.id !== parent.id && row && !hasFlag(row.flags, 'BUSY')) {
      parent = conflict;
      continue;
    }
    return fail('EBUSY', `__request_region: conflict with ${row?.name ?? 'iomem_resource'}`);
  }
}

/** The outermost busy resource that holds the range, both ends included. */
export function busyRegionOf(k: Kernel, start: bigint, end: bigint): Resource | undefined {
  let parent = IOMEM_RESOURCE;
  for (;;) {
    const found: Resource | undefined = childrenOf(k, parent).find(
      (child) => child.start <= start && child.end >= end,
    );
    if (!found || hasFlag(found.flags, 'BUSY')) return found;
    parent = found.id;
  }
}

export interface RegionParams {
  readonly start: bigint;
  /** Bytes. */
  readonly size: bigint;
  readonly name: string;
}

/** request_mem_region(): NULL in the kernel is -EBUSY here, as every driver answers it. */
export const request_mem_region = leaf<RegionParams, Outcome<number>>(
  'request_mem_region',
  'kernel/resource.c:__request_region',
  (k, { start, size, name }) =>
    __request_region(k, { start, end: start + size - 1n, name, flags: 'MEM|BUSY', desc: 'NONE' }),
);

/** release_mem_region(): the range must be one busy region's own. */
export const release_mem_region = leaf<{ start: bigint; size: bigint }, void>(
  'release_mem_region',
  'kernel/resource.c:__release_region',
  (k, { start, size }) => {
    const end = start + size - 1n;
    const found = busyRegionOf(k, start, end);
    if (found && found.start === start && found.end === end) {
      k.world.remove('resources', found.id);
      return;
    }
    const text = (value: bigint): string => value.toString(16).padStart(16, '0');
    k.printk('warn', `Trying to free nonexistent resource <${text(start)}-${text(end)}>`);
  },
);

/** What is asked of a resource below another. */
export interface ChildResource extends NewResource {
  /** Id of the resource above; iomem_resource where it is left out. */
  readonly parent?: number | undefined;
}

/**
 * request_resource(): a child of `parent` itself, never of one of its children.
 * @returns the new id, or -EBUSY where something is there or the parent does not hold it
 */
export const request_resource = leaf<ChildResource, Outcome<number>>(
  'request_resource',
  'kernel/resource.c:request_resource',
  (k, { parent = IOMEM_RESOURCE, ...wanted }) => {
    const root = resourceOf(k, parent);
    if (!root) return fail('EINVAL', `request_resource: no resource ${parent}`);
    const conflict = conflictUnder(k, root, wanted);
    if (!conflict) return link(k, root.id, wanted);
    const name = k.world.get('resources', conflict.id)?.name ?? 'iomem_resource';
    return fail('EBUSY', `request_resource: conflict with ${name}`);
  },
);

/**
 * insert_resource(): goes above whatever it covers whole (the other way round from a request).
 * @returns the new id, or -EBUSY where it would cut another resource
 */
export const insert_resource = leaf<ChildResource, Outcome<number>>(
  'insert_resource',
  'kernel/resource.c:insert_resource',
  (k, { parent = IOMEM_RESOURCE, ...wanted }) => {
    const root = resourceOf(k, parent);
    if (!root) return fail('EINVAL', `insert_resource: no resource ${parent}`);
    return __insert_resource(k, root, wanted);
  },
);

/** `__insert_resource`: the id of what was inserted below `root`, or -EBUSY. */
export function __insert_resource(k: Kernel, root: Parent, wanted: NewResource): Outcome<number> {
  let parent = root;
  for (;;) {
    const first = conflictUnder(k, parent, wanted);
    if (!first) return link(k, parent.id, wanted);
    if (first.id === parent.id) return fail('EBUSY', 'insert_resource: does not fit the parent');
    const holds = first.start <= wanted.start && first.end >= wanted.end;
    if (!holds || (first.start === wanted.start && first.end === wanted.end)) break;
    parent = first;
  }
  const covered = childrenOf(k, parent.id).filter(
    (child) => child.end >= wanted.start && child.start <= wanted.end,
  );
  const cut = covered.find((child) => child.start < wanted.start || child.end > wanted.end);
  if (cut) return fail('EBUSY', `insert_resource: conflict with ${cut.name}`);
  const id = link(k, parent.id, wanted);
  for (const child of covered) k.world.patch('resources', child.id, { parent: id });
  return id;
}

/** remove_resource(): takes it out of the tree; its children move up to its parent. */
export const remove_resource = leaf<{ id: number }, Outcome<void>>(
  'remove_resource',
  'kernel/resource.c:remove_resource',
  (k, { id }) => {
    const row = k.world.get('resources', id);
    if (!row) return fail('EINVAL', `remove_resource: no resource ${id}`);
    const { parent } = row;
    for (const child of childrenOf(k, id)) k.world.patch('resources', child.id, { parent });
    k.world.remove('resources', id);
    return undefined;
  },
);
