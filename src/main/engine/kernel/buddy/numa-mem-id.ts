import { leaf } from '../../core/world/operation.ts';

/** numa_mem_id(): the node of the CPU that runs; pfnlab's tasks run on the first node. */
export const numa_mem_id = leaf<Record<string, never>, number>(
  'numa_mem_id',
  'include/linux/topology.h:numa_mem_id',
  (k) => {
    for (const node of k.world.rows('nodes')) if (node.online) return node.nid;
    return 0;
  },
  { basis: 'model' },
);
