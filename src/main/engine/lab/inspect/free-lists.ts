import { FreeLists } from '../../kernel/buddy/free-lists.ts';
import { PCPTYPES } from '../../kernel/buddy/rmqueue.ts';
import type { Facts } from '../../core/facts.ts';
import type { World } from '../../core/world/world.ts';

/** The free lists of one zone as the model has them: blocks by order, for each migratetype. */
export interface ZoneFreeLists {
  readonly node: number;
  readonly zone: string;
  readonly free_pages: number;
  readonly lists: Readonly<Record<string, readonly number[]>>;
}

/**
 * The model's free lists. They are not what /proc/buddyinfo of that machine would say: the running
 * kernel's own memory is not in them, and which block of an order is taken first is our choice.
 * Types without a free block are left out, and zones without managed pages.
 */
export function modelFreeLists(world: World, facts: Facts): readonly ZoneFreeLists[] {
  const lists = new FreeLists(world, facts.arch.max_page_order);
  const found: ZoneFreeLists[] = [];
  for (const { key, nid, name, managed_pages } of world.rows('zones')) {
    if (managed_pages === 0) continue;
    const types: Record<string, number[]> = {};
    for (const type of [...PCPTYPES, 'ISOLATE']) {
      const blocks = Array.from({ length: lists.maxOrder + 1 }, (_, order) =>
        lists.count(key, order, type),
      );
      if (blocks.some((count) => count > 0)) types[type] = blocks;
    }
    found.push({ node: nid, zone: name, free_pages: lists.nrFreePages(key), lists: types });
  }
  return found;
}
