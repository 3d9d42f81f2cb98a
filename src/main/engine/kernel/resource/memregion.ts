import { leaf } from '../../core/world/operation.ts';

/** memregion_alloc(): the lowest number no region has. */
export const memregion_alloc = leaf<{ device: string }, number>(
  'memregion_alloc',
  'lib/memregion.c:memregion_alloc',
  (k, { device }) => {
    let id = 0;
    while (k.world.get('memregions', id)) id += 1;
    k.world.put('memregions', { id, device });
    return id;
  },
);

/** memregion_free(). */
export const memregion_free = leaf<{ id: number }, void>(
  'memregion_free',
  'lib/memregion.c:memregion_free',
  (k, { id }) => {
    if (k.world.get('memregions', id)) k.world.remove('memregions', id);
  },
);
