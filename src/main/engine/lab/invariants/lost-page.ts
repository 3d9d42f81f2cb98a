import type { RowOf } from '../../../../shared/world/tables.ts';
import { blockBytes } from '../inspect/memory-blocks.ts';
import { pfnText, type Finding, type Looked } from './invariant.ts';

/**
 * A page nobody has: not free, no references, no mappings, no pagemap, not reserved, online. While
 * a function runs a page may pass from hand to hand; once nothing runs, somebody must have it.
 */
export function lostPage(
  looked: Looked,
  { start, end }: { readonly start: number; readonly end: number },
): Finding | undefined {
  for (const row of looked.world.overlapping('pages', start, end)) {
    if (!nobodys(row) || !online(looked, row.start)) continue;
    return {
      sentence: `${pfnText(row.start, row.end)} are neither free nor held by anybody`,
      records: [{ table: 'pages', key: row.start }],
    };
  }
  return undefined;
}

function nobodys(row: RowOf<'pages'>): boolean {
  const { state, buddy, refcount, mapcount, pgmap, flags } = row;
  if (state !== 'init' || buddy || refcount !== 0 || mapcount >= 0 || pgmap !== null) return false;
  return !/\b(reserved|offline|hwpoison)\b/.test(flags);
}

function online({ world, facts }: Looked, pfn: number): boolean {
  const pages = Number(blockBytes(world) >> BigInt(facts.arch.page_shift));
  if (pages === 0) return true;
  const block = world.at('memory_blocks', Math.floor(pfn / pages));
  return block?.state === 'online';
}
