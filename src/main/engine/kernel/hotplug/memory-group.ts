import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel, View } from '../../core/facts.ts';
import { call, fail, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { pagesPerBlock } from './mhp-params.ts';
import { node_possible } from './try-online-node.ts';

/** struct memory_group: hot-added memory that belongs together, as one module or one device. */
export type MemoryGroup = RowOf<'memory_groups'>;

/** A group as a driver asks for it; `pages`: at most, or in each unit that comes and goes. */
interface GroupParams {
  readonly nid: number;
  readonly is_dynamic: boolean;
  readonly pages: number;
}

/** The group of a memory block (mem->group), by its number; null without one. */
export function groupOfBlock({ world }: View, block: number): number | null {
  return world.at('memory_block_groups', block)?.mgid ?? null;
}

/** memory_group_find_by_id(). */
export function memory_group_find_by_id({ world }: View, mgid: number): MemoryGroup | undefined {
  return world.get('memory_groups', mgid);
}

/** memory_group_register(): -EINVAL for a node that can have no memory. */
const memory_group_register = leaf<GroupParams, Outcome<number>>(
  'memory_group_register',
  'drivers/base/memory.c:memory_group_register',
  (k, { nid, is_dynamic, pages }) => {
    if (!node_possible(k, nid)) return fail('EINVAL', `!node_possible(${nid})`);
    let mgid = 0;
    while (k.world.get('memory_groups', mgid)) mgid += 1;
    const empty = { present_kernel_pages: 0, present_movable_pages: 0 };
    k.world.put('memory_groups', { mgid, nid, is_dynamic, pages, ...empty });
    return mgid;
  },
);

/** memory_group_register_static(): memory that comes and goes as a whole. Returns the group's id. */
export const memory_group_register_static = operation<
  { nid: number; max_pages: number },
  Outcome<number>
>(
  'memory_group_register_static',
  'drivers/base/memory.c:memory_group_register_static',
  function* (_k, { nid, max_pages }) {
    if (max_pages === 0) return fail('EINVAL', '!max_pages');
    return yield* call(memory_group_register, { nid, is_dynamic: false, pages: max_pages });
  },
);

/** memory_group_register_dynamic(): memory of a device that comes and goes in units (virtio-mem). */
export const memory_group_register_dynamic = operation<
  { nid: number; unit_pages: number },
  Outcome<number>
>(
  'memory_group_register_dynamic',
  'drivers/base/memory.c:memory_group_register_dynamic',
  function* (k, { nid, unit_pages }) {
    const power = unit_pages > 0 && Number.isInteger(Math.log2(unit_pages));
    if (!power || unit_pages < pagesPerBlock(k)) {
      return fail(
        'EINVAL',
        '!unit_pages || !is_power_of_2(unit_pages) || unit_pages < PHYS_PFN(memory_block_size_bytes())',
      );
    }
    return yield* call(memory_group_register, { nid, is_dynamic: true, pages: unit_pages });
  },
);

/** memory_group_unregister(): -EBUSY while it has memory blocks, -EINVAL without such a group. */
export const memory_group_unregister = leaf<{ mgid: number }, Outcome<void>>(
  'memory_group_unregister',
  'drivers/base/memory.c:memory_group_unregister',
  (k, { mgid }) => {
    if (!k.world.get('memory_groups', mgid)) return fail('EINVAL', `no memory group ${mgid}`);
    for (const row of k.world.rows('memory_block_groups')) {
      if (row.mgid === mgid) return fail('EBUSY', '!list_empty(&group->memory_blocks)');
    }
    k.world.remove('memory_groups', mgid);
    return undefined;
  },
);

/** Counts pages that went online (or, negative, offline) in a group's memory. */
export function accountGroup(
  k: Kernel,
  mgid: number | null,
  movable: boolean,
  nr_pages: number,
): void {
  const group = mgid === null ? undefined : k.world.get('memory_groups', mgid);
  if (!group) return;
  const field = movable ? 'present_movable_pages' : 'present_kernel_pages';
  k.world.patch('memory_groups', group.mgid, { [field]: group[field] + nr_pages });
}
