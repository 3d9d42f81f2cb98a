// Persistent memory behind the caches of the CPUs. What a store leaves in them is lost with the power, unless
// the platform saves the caches too; what reached the memory controller is safe (ADR). So what the media
// hold is kept beside the contents of pages wherever it is older.
import type { Kernel } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';

/** Keeps what the media hold of [from, to), where nothing is kept yet. */
function keep(k: Kernel, from: number, to: number): void {
  if (from >= to) return;
  const rows = k.world.overlapping('page_contents', from, to);
  k.world.set('media_contents', from, to, { word: 0, nth: null });
  for (const { start, end, word, nth } of rows) {
    const at = Math.max(start, from);
    const first = nth === null ? null : nth + (at - start);
    k.world.set('media_contents', at, Math.min(end, to), { word, nth: first });
  }
}

/** A store is about to change pages [pfn, end): in the caches, as far as they are persistent memory. */
export function cacheStore(k: Kernel, pfn: number, end: number): void {
  if (k.world.count('persistence_domains') === 0) return;
  for (const { start, end: last, domain } of k.world.overlapping('persistence_domains', pfn, end)) {
    if (domain !== 'memory_controller') continue;
    const to = Math.min(last, end);
    let at = Math.max(start, pfn);
    for (const row of k.world.overlapping('media_contents', at, to)) {
      keep(k, at, Math.min(row.start, to));
      at = Math.max(at, row.end);
    }
    keep(k, at, to);
  }
}

/** Caches of pages [pfn, end) are written back, or were gone around. @returns pages that were newer in them */
export function flushCaches(k: Kernel, pfn: number, end: number): number {
  const newer = k.world
    .overlapping('media_contents', pfn, end)
    .reduce((sum, row) => sum + Math.min(row.end, end) - Math.max(row.start, pfn), 0);
  if (newer > 0) k.world.clear('media_contents', pfn, end);
  return newer;
}

/**
 * The power fails: of persistent memory stays what the media hold. The lab goes on with the same kernel
 * in place of the next boot. Nothing is told of RAM, which would be empty.
 * @returns pages whose newest contents are lost
 */
export const power_failure = leaf<Record<string, never>, number>(
  'power_failure',
  'model:power_failure',
  (k) => {
    let lost = 0;
    for (const { start, end, word, nth } of [...k.world.rows('media_contents')]) {
      lost += end - start;
      if (word === 0 && nth === null) k.world.clear('page_contents', start, end);
      else k.world.set('page_contents', start, end, { word, nth });
      k.world.clear('media_contents', start, end);
    }
    return lost;
  },
  { basis: 'model' },
);
