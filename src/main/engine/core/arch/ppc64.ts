import { since, type KernelVersion } from '../era/version.ts';
import type { Arch } from './arch.ts';
import { completeArch } from './complete.ts';
import { enabled, type KernelConfig } from './config.ts';

/**
 * 64-bit book3s powerpc with 64 KiB pages (arch/powerpc/include/asm/sparsemem.h, book3s/64/). 51
 * physical bits need VMEMMAP and EXTREME (present in 4.14). The radix MMU's address space since 5.2;
 * hash before: the vmemmap had region 0xf.
 */
export function ppc64(version: KernelVersion, config: KernelConfig): Arch {
  const wide =
    since(version, '4.14') &&
    enabled(config, 'SPARSEMEM_VMEMMAP') &&
    enabled(config, 'SPARSEMEM_EXTREME');
  return completeArch(
    {
      name: 'ppc64',
      bits_per_long: 64,
      page_shift: 16,
      section_size_bits: 24,
      max_physmem_bits: wide ? 51 : 46,
      sizeof_page: 64,
      pmd_shift: 21,
      pageblock_order: 5,
      max_page_order: 8,
      vmemmap_base: since(version, '5.2') ? 0xc00c000000000000n : 0xf000000000000000n,
      page_offset_base: 0xc000000000000000n,
      vmemmap_mapping: 'pte',
    },
    config,
  );
}
