import { leaf } from '../../core/world/operation.ts';

/** memblock_set_node(): memory from `start` to `end` (bytes, exclusive) is on the node. */
export const memblock_set_node = leaf<{ start: bigint; end: bigint; nid: number }, void>(
  'memblock_set_node',
  'mm/memblock.c:memblock_set_node',
  (k, { start, end, nid }) => {
    k.world.update('memblock_memory', start, end, { nid });
  },
);
