import type { Kernel } from '../../core/facts.ts';
import { mhp_range_allowed } from './mhp-range.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { __request_region, busyRegionOf } from '../resource/request.ts';
import { childrenOf, link, type Resource } from '../resource/tree.ts';

/** A memory range in bytes. */
export interface MemoryRange {
  readonly start: bigint;
  readonly size: bigint;
}

const SYSTEM_RAM = 'System RAM';

/** Is a name one that add_memory_driver_managed() takes: "System RAM (...)"? */
export function driverManagedName(name: string): boolean {
  return name.startsWith(`${SYSTEM_RAM} (`) && name.endsWith(')');
}

/**
 * register_memory_resource(): a busy "System RAM" region for what is to be added.
 * -E2BIG out of the architecture's range, -EEXIST where something is there already.
 * @returns the resource's id
 */
export const register_memory_resource = operation<
  MemoryRange & { resource_name: string },
  Outcome<number>
>(
  'register_memory_resource',
  'mm/memory_hotplug.c:register_memory_resource',
  function* (k, { start, size, resource_name }) {
    if (k.facts.era.get('mhp_range_checked')) {
      if (!(yield* call(mhp_range_allowed, { start, size, need_mapping: true }))) {
        return fail('E2BIG', '!mhp_range_allowed(start, size, true)');
      }
    }
    const managed = resource_name === SYSTEM_RAM ? '' : '|SYSRAM_DRIVER_MANAGED';
    const id = __request_region(k, {
      start,
      end: start + size - 1n,
      name: resource_name,
      flags: `MEM|SYSTEM_RAM|BUSY${managed}`,
      desc: 'NONE',
    });
    if (!failed(id)) return id;
    k.printk('debug', `Unable to reserve ${resource_name} region: ${id.check}`);
    return fail('EEXIST', id.check);
  },
);

/** release_memory_resource(): what a failed add takes back. */
export const release_memory_resource = leaf<{ id: number }, void>(
  'release_memory_resource',
  'mm/memory_hotplug.c:release_memory_resource',
  (k, { id }) => k.world.remove('resources', id),
);

function mergeable(a: Resource, b: Resource, k: Kernel): boolean {
  const alike = a.flags === b.flags && a.name === b.name && a.desc === b.desc;
  const bare = childrenOf(k, a.id).length === 0 && childrenOf(k, b.id).length === 0;
  return alike && bare && a.end + 1n === b.start;
}

/** merge_system_ram_resource(): equal resources right behind and before become one (5.10). */
export const merge_system_ram_resource = leaf<{ id: number }, void>(
  'merge_system_ram_resource',
  'kernel/resource.c:merge_system_ram_resource',
  (k, { id }) => {
    const res = k.world.need('resources', id);
    const beside = childrenOf(k, res.parent);
    const next = beside.find((one) => mergeable(res, one, k));
    if (next) {
      k.world.remove('resources', next.id);
      k.world.patch('resources', id, { end: next.end });
    }
    const before = beside.find((one) => mergeable(one, res, k));
    if (!before) return;
    k.world.remove('resources', id);
    k.world.patch('resources', before.id, { end: next?.end ?? res.end });
  },
);

/** Children of a resource that is cut stay with the piece that holds them. */
function adopt(k: Kernel, children: readonly Resource[], parent: number, piece: MemoryRange): void {
  for (const child of children) {
    const inside = child.start >= piece.start && child.end < piece.start + piece.size;
    if (inside) k.world.patch('resources', child.id, { parent });
  }
}

/**
 * release_mem_region_adjustable(): a range out of a busy region, which goes, gets shorter at one
 * end, or is split in two.
 */
export const release_mem_region_adjustable = leaf<MemoryRange, void>(
  'release_mem_region_adjustable',
  'kernel/resource.c:release_mem_region_adjustable',
  (k, { start, size }) => {
    const end = start + size - 1n;
    const found = busyRegionOf(k, start, end);
    if (!found) return;
    if (found.start === start && found.end === end) k.world.remove('resources', found.id);
    else if (found.start === start) k.world.patch('resources', found.id, { start: end + 1n });
    else if (found.end === end) k.world.patch('resources', found.id, { end: start - 1n });
    else {
      const { name, flags, desc } = found;
      const upper = { start: end + 1n, end: found.end, name, flags, desc };
      const children = childrenOf(k, found.id);
      k.world.patch('resources', found.id, { end: start - 1n });
      const id = link(k, found.parent, upper);
      adopt(k, children, id, { start: upper.start, size: upper.end - upper.start + 1n });
    }
  },
);
