import type { World } from '../../../src/main/engine/core/world/world.ts';
import { MM_SPAN } from '../../../src/main/engine/kernel/mm/position.ts';

/** Position of an address in the nth address space. */
export const at = (nr: number, address: number) => nr * MM_SPAN + address / 4096;

/** Kind and bits of the entry at a position; 'none' where there is none. */
export const entry = (position: number) => (world: World) => {
  const row = world.at('ptes', position);
  return row ? `${row.kind} ${row.flags}` : 'none';
};

/** PFN that the entry at a position maps. */
export const pfnOf = (world: World, position: number) => {
  const row = world.at('ptes', position);
  return row ? row.pfn + position - row.start : -1;
};

/** Counts of the page that a position maps. */
export const page = (position: number) => (world: World) => {
  const found = world.at('pages', pfnOf(world, position));
  return found && { refcount: found.refcount, mapcount: found.mapcount };
};

/** Anonymous pages that an address space counts. */
export const rss = (mm: string) => (world: World) => world.get('mms', mm)?.anonpages;

/** Pages of the VMA at a position. */
export const vma = (position: number) => (world: World) => {
  const row = world.at('vmas', position);
  return row && row.end - row.start;
};

/** Which of the positions have an entry. */
export const mapped = (...positions: number[]) => {
  return (world: World) => positions.map((one) => world.at('ptes', one) !== undefined);
};

/** Entry of new anonymous memory (mm/memory.c:do_anonymous_page, pte_mkdirty(pte_mkwrite())). */
export const OWN = 'present write|young|dirty|anon_exclusive';
