import { physmemEnd } from '../resource/physmem-end.ts';
import { vaBits } from '../../core/arch/arm64.ts';
import { virtToPhys } from '../../core/direct-map.ts';
import type { Kernel } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';

/** Bytes, both ends inclusive. */
interface ByteRange {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * arch_get_mappable_range(): what a linear mapping can reach. arm64's is half of the kernel's
 * addresses, from the start of RAM up (arch/arm64/mm/mmu.c); x86, powerpc and s390 map whatever has
 * a struct page.
 */
function arch_get_mappable_range(k: Kernel): ByteRange {
  const { arch, config, machine } = k.facts;
  if (arch.name !== 'arm64') return { start: 0n, end: physmemEnd(k) };
  const bits = vaBits(config);
  // A kernel for 52-bit addresses on a CPU that has 48 uses the upper part of its linear map.
  const actual = bits === 52 && machine.cpu.phys_bits < 52 ? 48 : bits;
  const pageEnd = (1n << 64n) - (1n << BigInt(Math.min(bits, 48) - 1));
  return {
    start: virtToPhys(k, (1n << 64n) - (1n << BigInt(actual))),
    end: virtToPhys(k, pageEnd - 1n),
  };
}

/** mhp_get_pluggable_range(): the architecture's range, cut at what has a struct page. */
function mhp_get_pluggable_range(k: Kernel, need_mapping: boolean): ByteRange {
  const last = physmemEnd(k);
  if (!need_mapping) return { start: 0n, end: last };
  const { start, end } = arch_get_mappable_range(k);
  return start > last ? { start: 0n, end: 0n } : { start, end: end < last ? end : last };
}

export interface MhpRangeParams {
  readonly start: bigint;
  /** Bytes. */
  readonly size: bigint;
  /** Asks for the linear mapping's window too. */
  readonly need_mapping: boolean;
}

/** mhp_range_allowed(): can the architecture take memory there? */
export const mhp_range_allowed = leaf<MhpRangeParams, boolean>(
  'mhp_range_allowed',
  'mm/memory_hotplug.c:mhp_range_allowed',
  (k, { start, size, need_mapping }) => {
    const end = BigInt.asUintN(64, start + size);
    const range = mhp_get_pluggable_range(k, need_mapping);
    if (start < end && start >= range.start && end - 1n <= range.end) return true;
    const hex = (value: bigint): string => `0x${value.toString(16)}`;
    k.printk(
      'warn',
      `Hotplug memory [${hex(start)}-${hex(end)}] exceeds maximum addressable range ` +
        `[${hex(range.start)}-${hex(range.end)}]`,
    );
    return false;
  },
);
