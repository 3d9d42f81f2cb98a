import type { Kernel } from '../../core/facts.ts';
import type { World } from '../../core/world/world.ts';
import type { Pte } from './pte.ts';
import { vmaAt } from './vma.ts';
import { isZeroPage } from './zero-page.ts';
import { SortedTree } from '../../core/world/sorted-tree.ts';

/** A piece of a page table that refers to pages of a run of PFNs. */
export interface Mapping {
  /** Positions. */
  readonly start: number;
  readonly end: number;
  /** PFN of `start`; grows with the position. */
  readonly pfn: number;
  readonly entry: Pte;
}

/** The index as what a step reads and writes, by PFN. */
const RMAP = 'rmap';

/** Entries by where their PFNs lie: bucketed, since entries of different sizes overlap. */
const BUCKET = 2 ** 15;

/**
 * Which entries refer to a PFN, computed from `ptes` and kept up with every write to them: what
 * the kernel finds through page->mapping, anon_vma and i_mmap (mm/rmap.c). Entries of every kind
 * are in it, migration and device entries too.
 */
class RmapIndex {
  /** Short entries by their first PFN, then by position. */
  private readonly short = new SortedTree<number, Map<number, Pte>>([], (a, b) => a - b);
  /** Entries longer than a bucket: few. */
  private readonly long = new Map<number, Pte>();
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
    for (const row of world.store.rows('ptes')) this.account(row, true);
  }

  written(from: Pte | undefined, to: Pte | undefined): void {
    if (from) this.account(from, false);
    if (to) this.account(to, true);
  }

  private account(entry: Pte, added: boolean): void {
    if (isZeroPage(entry)) return;
    // Who looked at a PFN's mappings depends on who changes them.
    this.world.access?.span(RMAP, entry.pfn, entry.pfn + entry.end - entry.start, true);
    if (entry.end - entry.start > BUCKET) {
      if (added) this.long.set(entry.start, entry);
      else if (this.long.get(entry.start) === entry) this.long.delete(entry.start);
      return;
    }
    const there = this.short.get(entry.pfn);
    if (added) {
      if (there) there.set(entry.start, entry);
      else this.short.set(entry.pfn, new Map([[entry.start, entry]]));
    } else if (there?.get(entry.start) === entry) {
      there.delete(entry.start);
      if (there.size === 0) this.short.delete(entry.pfn);
    }
  }

  /** Entries that refer to a PFN of [pfn, end), clipped, in order of their positions. */
  mappingsOf(pfn: number, end: number): Mapping[] {
    this.world.access?.span(RMAP, pfn, end, false);
    const found: Mapping[] = [];
    const add = (entry: Pte) => {
      const from = Math.max(pfn, entry.pfn);
      const to = Math.min(end, entry.pfn + entry.end - entry.start);
      if (from >= to) return;
      const start = entry.start + from - entry.pfn;
      found.push({ start, end: start + to - from, pfn: from, entry });
    };
    this.short.forRange(pfn - BUCKET, end, false, (_pfn, entries) => {
      for (const entry of entries.values()) add(entry);
    });
    for (const entry of this.long.values()) add(entry);
    return found.sort((a, b) => a.start - b.start);
  }
}

const indexes = new WeakMap<World, RmapIndex>();

/** The index of a world: made at the first call, kept up from then on. */
function rmapIndex(world: World): RmapIndex {
  let index = indexes.get(world);
  if (!index) {
    const made = new RmapIndex(world);
    world.watch('ptes', (from, to) => {
      made.written(from, to);
    });
    indexes.set(world, (index = made));
  }
  return index;
}

/**
 * rmap_walk(): who maps pages of [pfn, end), present or by a swap entry; of every address space,
 * those of devices that mirror one included (`entry.mm`).
 */
export function mappingsOf(k: Pick<Kernel, 'world'>, pfn: number, end = pfn + 1): Mapping[] {
  return rmapIndex(k.world).mappingsOf(pfn, end);
}

/** Mappings by processes: page tables of devices, which have no VMAs, are their drivers'. */
export function processMappings(k: Kernel, { pfn, end }: { pfn: number; end: number }): Mapping[] {
  return mappingsOf(k, pfn, end).filter(({ start }) => vmaAt(k, start) !== undefined);
}
