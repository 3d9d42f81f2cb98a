import { fail, leaf, type Outcome } from '../../core/world/operation.ts';

/** Blocks [start, end) that come out the same. */
interface NewBlocks {
  readonly start: number;
  readonly end: number;
  readonly nid: number;
  /** Boot memory is online from the start, hotplugged memory offline. */
  readonly state: 'online' | 'offline';
  /** The zone all of a block is in, where it is online and there is one. */
  readonly zone?: string | null;
  /** Of which memory group. */
  readonly group?: number | null;
}

/** add_memory_block(): memoryN for each block. -EEXIST where there is one. */
export const add_memory_block = leaf<NewBlocks, Outcome<void>>(
  'add_memory_block',
  'drivers/base/memory.c:add_memory_block',
  (k, { start, end, nid, state, zone = null, group = null }) => {
    const [there] = k.world.overlapping('memory_blocks', start, end);
    if (there) return fail('EEXIST', `find_memory_block_by_id(${Math.max(there.start, start)})`);
    k.world.set('memory_blocks', start, end, { state, nid, zone });
    if (group !== null) k.world.set('memory_block_groups', start, end, { mgid: group });
    return undefined;
  },
  {
    show: ({ start, end, nid, state, group = null }) => ({
      start,
      end,
      nid,
      state,
      ...(group === null ? {} : { group }),
    }),
    covers: ({ start, end }) => ({ count: end - start, range: { start, end, unit: 'block' } }),
  },
);
