import { since, type KernelVersion } from '../era/version.ts';
import { enabled, type KernelConfig } from '../arch/config.ts';

/**
 * `enum pageflags` (include/linux/page-flags.h) of 64-bit kernels, names without PG_, by bit.
 * The order changed between 4.18 and 4.20 (PG_workingset came, PG_error moved up) and between 6.1
 * and 6.12 (writeback and head moved into the low byte; error, slab, uncached, mappedtodisk went);
 * PG_dropbehind came with 6.14.
 */
export function pageFlagNames(version: KernelVersion, config: KernelConfig): readonly string[] {
  const hwpoison = enabled(config, 'MEMORY_FAILURE') ? ['hwpoison'] : [];
  const idle = enabled(config, 'PAGE_IDLE_FLAG') ? ['young', 'idle'] : [];
  if (since(version, '6.12')) {
    const dropbehind = since(version, '6.14') ? ['dropbehind'] : [];
    return words(
      'locked writeback referenced uptodate dirty lru head waiters active workingset owner_priv_1 owner_2 arch_1 reserved private private_2 reclaim swapbacked unevictable',
      [...dropbehind, 'mlocked', ...hwpoison, ...idle],
    );
  }
  if (since(version, '4.20')) {
    return words(
      'locked referenced uptodate dirty lru active workingset waiters error slab owner_priv_1 arch_1 reserved private private_2 writeback head mappedtodisk reclaim swapbacked unevictable mlocked uncached',
      [...hwpoison, ...idle],
    );
  }
  if (since(version, '4.14')) {
    return words(
      'locked error referenced uptodate dirty lru active waiters slab owner_priv_1 arch_1 reserved private private_2 writeback head mappedtodisk reclaim swapbacked unevictable mlocked uncached',
      [...hwpoison, ...idle],
    );
  }
  return words(
    'locked error referenced uptodate dirty lru active slab owner_priv_1 arch_1 reserved private private_2 writeback head tail swapcache mappedtodisk reclaim swapbacked unevictable mlocked uncached',
    [...hwpoison, ...(enabled(config, 'TRANSPARENT_HUGEPAGE') ? ['compound_lock'] : []), ...idle],
  );
}

function words(text: string, more: readonly string[]): string[] {
  return [...text.split(' '), ...more];
}
