import type { Kernel } from '../../core/facts.ts';
import { numberVar, setVar } from '../../core/world/variables.ts';
import { leaf } from '../../core/world/operation.ts';

/** Adds pages to a zone's managed_pages and to totalram_pages. */
export function addManaged(k: Kernel, nid: number, zone: number, pages: number): void {
  if (pages === 0) return;
  const key = nid * 8 + zone;
  const row = k.world.get('zones', key);
  if (row) k.world.patch('zones', key, { managed_pages: row.managed_pages + pages });
  setVar(k, 'totalram_pages', numberVar(k, 'totalram_pages') + pages);
}

/** Pages [pfn, end) go to the buddy allocator: not reserved, refcount 0, counted as managed. */
export function freePages(k: Kernel, pfn: number, end: number): void {
  for (const row of k.world.overlapping('pages', pfn, end)) {
    const pages = Math.min(row.end, end) - Math.max(row.start, pfn);
    addManaged(k, row.nid, row.zone, pages);
  }
  k.world.update('pages', pfn, end, { flags: '', refcount: 0, buddy: true });
}

/**
 * Hands initialised pages [pfn, end) to the buddy allocator in the largest aligned blocks: no
 * longer reserved, refcount 0, counted as managed.
 */
export const __free_pages_core = leaf<{ pfn: number; end: number }, void>(
  (k) => (k.facts.era.get('free_pages_core') ? '__free_pages_core' : '__free_pages_boot_core'),
  'mm/page_alloc.c:__free_pages_core',
  (k, { pfn, end }) => freePages(k, pfn, end),
  { covers: ({ pfn, end }) => ({ count: end - pfn, range: { start: pfn, end, unit: 'pfn' } }) },
);
