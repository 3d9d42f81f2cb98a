import { since, type KernelVersion } from '../era/version.ts';
import type { Arch } from './arch.ts';
import { completeArch } from './complete.ts';
import type { KernelConfig } from './config.ts';

/**
 * Start of the direct map. Moved by d52888aa2753 "x86/mm: Move LDT remap out of KASLR region on
 * 5-level paging" (4.20); the bases are those without KASLR (pgtable_64_types.h).
 */
function pageOffset(version: KernelVersion, la57: boolean): bigint {
  const moved = since(version, '4.20');
  if (la57) return moved ? 0xff11000000000000n : 0xff10000000000000n;
  return moved ? 0xffff888000000000n : 0xffff880000000000n;
}

/**
 * x86_64 (arch/x86/include/asm/sparsemem.h, pgtable_64_types.h). With 5-level paging
 * MAX_PHYSMEM_BITS is 52, else 46.
 *
 * @param la57 5-level paging in use: `pgtable_l5_enabled()`
 */
export function x86_64(version: KernelVersion, config: KernelConfig, la57: boolean): Arch {
  return completeArch(
    {
      name: 'x86_64',
      bits_per_long: 64,
      page_shift: 12,
      section_size_bits: 27,
      max_physmem_bits: la57 ? 52 : 46,
      sizeof_page: 64,
      pmd_shift: 21,
      pageblock_order: 9,
      max_page_order: 10,
      vmemmap_base: la57 ? 0xffd4000000000000n : 0xffffea0000000000n,
      page_offset_base: pageOffset(version, la57),
      vmemmap_mapping: 'pmd',
    },
    config,
  );
}
