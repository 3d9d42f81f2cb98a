import type { Kernel } from '../../core/facts.ts';

/**
 * DIRECT_MAP_PHYSMEM_END: highest address that can have a struct page. KASLR can lower it;
 * pfnlab boots without.
 */
export function physmemEnd(k: Kernel): bigint {
  return (1n << BigInt(k.facts.arch.max_physmem_bits)) - 1n;
}
