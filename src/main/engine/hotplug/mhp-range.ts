import type { Kernel } from '../facts.ts';
import { leaf } from '../world/operation.ts';

/**
 * DIRECT_MAP_PHYSMEM_END: highest address that can have a struct page. KASLR can lower it;
 * pfnlab boots without.
 */
export function physmemEnd(k: Kernel): bigint {
  return (1n << BigInt(k.facts.arch.max_physmem_bits)) - 1n;
}

export interface MhpRangeParams {
  readonly start: bigint;
  /** Bytes. */
  readonly size: bigint;
  /** Asks for the linear mapping's window too; x86 has no narrower one. */
  readonly need_mapping: boolean;
}

/** mhp_range_allowed(): can the architecture take memory there? */
export const mhp_range_allowed = leaf<MhpRangeParams, boolean>(
  'mhp_range_allowed',
  'mm/memory_hotplug.c:mhp_range_allowed',
  (k, { start, size }) => {
    const end = BigInt.asUintN(64, start + size);
    const last = physmemEnd(k);
    if (start < end && end - 1n <= last) return true;
    const hex = (value: bigint): string => `0x${value.toString(16)}`;
    k.printk(
      'warn',
      `Hotplug memory [${hex(start)}-${hex(end)}] exceeds maximum addressable range ` +
        `[0x0-${hex(last)}]`,
    );
    return false;
  },
);
