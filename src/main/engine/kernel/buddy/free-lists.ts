import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Facts } from '../../core/facts.ts';
import type { World } from '../../core/world/world.ts';
import { SortedTree } from '../../core/world/sorted-tree.ts';

type Page = RowOf<'pages'>;

/** The lists of a zone as what a step reads and writes. */
const LISTS = 'free_lists';

/** `count` free blocks of 2^order pages, one after the other, from `pfn` on. */
export interface FreeRun {
  readonly pfn: number;
  readonly order: number;
  readonly count: number;
}

/**
 * The blocks a run of free pages is made of. __free_one_page() never leaves two free buddies side
 * by side below the highest order, so that the pages that are free decide the blocks: the largest
 * aligned ones.
 *
 * @param start first PFN; `end` is exclusive
 */
export function freeBlocks(start: number, end: number, maxOrder: number): FreeRun[] {
  const runs: FreeRun[] = [];
  let pfn = start;
  while (pfn < end) {
    let order = 0;
    while (order < maxOrder && pfn % 2 ** (order + 1) === 0 && pfn + 2 ** (order + 1) <= end) {
      order += 1;
    }
    const count = order === maxOrder ? Math.floor((end - pfn) / 2 ** order) : 1;
    runs.push({ pfn, order, count });
    pfn += count * 2 ** order;
  }
  return runs;
}

/** Key of the zone a page is in. */
function zoneOf(row: Page): number {
  return row.nid * 8 + row.zone;
}

/** struct free_area of one zone: an ordered list for each migratetype and order. */
interface ZoneLists {
  nrFree: number;
  /** By migratetype, then by order: runs of blocks by their first PFN. */
  readonly types: Map<string, SortedTree<number, number>[]>;
}

/**
 * The free lists of every zone, computed from the free extents of `pages` and kept up with every
 * write to them: there is no second state that could disagree. Looking up and changing a block
 * costs the logarithm of the number of free runs.
 */
export class FreeLists {
  readonly maxOrder: number;
  private readonly world: World;
  private readonly zones = new Map<number, ZoneLists>();

  constructor(world: World, maxOrder: number) {
    this.maxOrder = maxOrder;
    this.world = world;
    for (const row of world.store.rows('pages')) this.account(row, true);
  }

  /** A record of `pages` was written. */
  written(from: Page | undefined, to: Page | undefined): void {
    const { access } = this.world;
    if (access) for (const row of [from, to]) if (row?.buddy) access.key(LISTS, zoneOf(row), true);
    if (from) this.account(from, false);
    if (to) this.account(to, true);
  }

  private account(row: Page, added: boolean): void {
    if (!row.buddy) return;
    const key = zoneOf(row);
    let zone = this.zones.get(key);
    if (!zone) this.zones.set(key, (zone = { nrFree: 0, types: new Map() }));
    let lists = zone.types.get(row.migratetype);
    if (!lists) {
      lists = Array.from(
        { length: this.maxOrder + 1 },
        () => new SortedTree<number, number>([], (a, b) => a - b),
      );
      zone.types.set(row.migratetype, lists);
    }
    zone.nrFree += added ? row.end - row.start : row.start - row.end;
    for (const { pfn, order, count } of freeBlocks(row.start, row.end, this.maxOrder)) {
      const list = lists[order] as SortedTree<number, number>;
      // Counted, not set: while an extent is being split, the old and the new one overlap.
      const blocks = (list.get(pfn) ?? 0) + (added ? count : -count);
      if (blocks === 0) list.delete(pfn);
      else list.set(pfn, blocks);
    }
  }

  /** NR_FREE_PAGES of a zone, in pages. */
  nrFreePages(zone: number): number {
    this.world.access?.key(LISTS, zone, false);
    return this.zones.get(zone)?.nrFree ?? 0;
  }

  /** The first run of free blocks on a list, by PFN; undefined where the list is empty. */
  first(zone: number, migratetype: string, order: number): FreeRun | undefined {
    this.world.access?.key(LISTS, zone, false);
    const list = this.zones.get(zone)?.types.get(migratetype)?.[order];
    const pfn = list?.minKey();
    return pfn === undefined ? undefined : { pfn, order, count: list?.get(pfn) ?? 0 };
  }

  /** Free blocks on a list; of all migratetypes where none is named. */
  count(zone: number, order: number, migratetype?: string): number {
    this.world.access?.key(LISTS, zone, false);
    let blocks = 0;
    for (const [type, lists] of this.zones.get(zone)?.types ?? []) {
      if (migratetype !== undefined && migratetype !== type) continue;
      for (const count of lists[order]?.values() ?? []) blocks += count;
    }
    return blocks;
  }

  /** Has the zone a free block of at least this order, of a type that may be allocated from? */
  hasBlock(zone: number, order: number, migratetypes: readonly string[]): boolean {
    this.world.access?.key(LISTS, zone, false);
    return migratetypes.some((type) => {
      const lists = this.zones.get(zone)?.types.get(type) ?? [];
      return lists.some((list, at) => at >= order && list.size > 0);
    });
  }
}

const indexes = new WeakMap<World, FreeLists>();

/** The free lists of a world that is being run: made at the first call, kept up from then on. */
export function freeLists(world: World, facts: Facts): FreeLists {
  let lists = indexes.get(world);
  if (!lists) {
    const made = new FreeLists(world, facts.arch.max_page_order);
    world.watch('pages', (from, to) => made.written(from, to));
    indexes.set(world, (lists = made));
  }
  return lists;
}

/**
 * The order of the free block a page is in and the block's first PFN (page_private and PageBuddy
 * of that page); undefined for a page that is not free.
 */
export function freeBlockOf(world: World, facts: Facts, pfn: number): FreeRun | undefined {
  const row = world.at('pages', pfn);
  if (!row?.buddy) return undefined;
  const run = freeBlocks(row.start, row.end, facts.arch.max_page_order).find(
    (block) => pfn < block.pfn + block.count * 2 ** block.order,
  );
  if (!run) return undefined;
  return { pfn: pfn - ((pfn - run.pfn) % 2 ** run.order), order: run.order, count: 1 };
}
