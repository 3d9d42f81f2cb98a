import { since, type KernelVersion } from '../../core/era/version.ts';
import type { Arch } from '../../core/arch/arch.ts';
import { enabled, type KernelConfig } from '../../core/arch/config.ts';

/**
 * `enum pageflags` (include/linux/page-flags.h), names without PG_, by bit. Without
 * PAGEFLAGS_EXTENDED, on 32-bit classic SPARSEMEM, head and tail were the one flag compound.
 * The order changed between 4.18 and 4.20 (PG_workingset came, PG_error moved up) and between 6.1
 * and 6.12 (writeback and head moved into the low byte; error, slab, uncached, mappedtodisk went);
 * PG_dropbehind came with 6.14.
 */
export function pageFlagNames(
  version: KernelVersion,
  config: KernelConfig,
  arch: Pick<Arch, 'bits_per_long' | 'memory_model'>,
): readonly string[] {
  const extended = arch.bits_per_long === 64 || arch.memory_model !== 'sparsemem';
  const head = extended ? 'head tail' : 'compound';
  const mte = enabled(config, 'ARM64_MTE');
  const arch2 = mte && since(version, '5.10') ? ['arch_2'] : [];
  const arch3 = mte && since(version, '6.1') ? ['arch_3'] : [];
  const hwpoison = enabled(config, 'MEMORY_FAILURE') ? ['hwpoison'] : [];
  const idle = enabled(config, 'PAGE_IDLE_FLAG') ? ['young', 'idle'] : [];
  if (since(version, '6.12')) {
    const dropbehind = since(version, '6.14') ? ['dropbehind'] : [];
    return words(
      'locked writeback referenced uptodate dirty lru head waiters active workingset owner_priv_1 owner_2 arch_1 reserved private private_2 reclaim swapbacked unevictable',
      [...dropbehind, 'mlocked', ...hwpoison, ...idle, ...arch2, ...arch3],
    );
  }
  if (since(version, '4.20')) {
    return words(
      'locked referenced uptodate dirty lru active workingset waiters error slab owner_priv_1 arch_1 reserved private private_2 writeback head mappedtodisk reclaim swapbacked unevictable mlocked uncached',
      [...hwpoison, ...idle, ...arch2, ...arch3],
    );
  }
  if (since(version, '4.14')) {
    return words(
      'locked error referenced uptodate dirty lru active waiters slab owner_priv_1 arch_1 reserved private private_2 writeback head mappedtodisk reclaim swapbacked unevictable mlocked uncached',
      [...hwpoison, ...idle],
    );
  }
  return words(
    `locked error referenced uptodate dirty lru active slab owner_priv_1 arch_1 reserved private private_2 writeback ${head} swapcache mappedtodisk reclaim swapbacked unevictable mlocked uncached`,
    [...hwpoison, ...(enabled(config, 'TRANSPARENT_HUGEPAGE') ? ['compound_lock'] : []), ...idle],
  );
}

function words(text: string, more: readonly string[]): string[] {
  return [...text.split(' '), ...more];
}
