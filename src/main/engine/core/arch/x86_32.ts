import type { Arch } from './arch.ts';
import { completeArch } from './complete.ts';
import { enabled, type KernelConfig } from './config.ts';

/**
 * 32-bit x86, with PAE (HIGHMEM64G) or without (arch/x86/include/asm/sparsemem.h: SECTION_SIZE_BITS
 * 29 and 36 physical bits, or 26 and 32). struct page has eight words, and a ninth and padding to
 * a multiple of 8 with CONFIG_MEMCG (mm_types.h with HAVE_ALIGNED_STRUCT_PAGE).
 */
export function x86_32(config: KernelConfig): Arch {
  const pae = enabled(config, 'X86_PAE');
  return completeArch(
    {
      name: 'x86_32',
      bits_per_long: 32,
      page_shift: 12,
      section_size_bits: pae ? 29 : 26,
      max_physmem_bits: pae ? 36 : 32,
      sizeof_page: enabled(config, 'MEMCG') ? 40 : 32,
      pmd_shift: pae ? 21 : 22,
      pageblock_order: pae ? 9 : 10,
      max_page_order: 10,
      vmemmap_base: 0n,
      page_offset_base: 0xc0000000n,
      vmemmap_mapping: 'pte',
    },
    config,
  );
}

/**
 * MAXMEM_PFN: the last low PFN plus one. VMALLOC_END less 128 MiB of vmalloc space, where pkmap
 * begins at 0xffc00000 with PAE and at 0xff800000 without (pgtable_32_types.h, few CPUs): 891 and
 * 887 MiB of low memory.
 */
export function maxLowPfn(config: KernelConfig): number {
  return enabled(config, 'X86_PAE') ? 0x37bfe : 0x377fe;
}
