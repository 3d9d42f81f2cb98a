import { since, type KernelVersion } from '../era/version.ts';
import type { Arch } from './arch.ts';
import { completeArch } from './complete.ts';
import { configNumber, type KernelConfig } from './config.ts';

/**
 * s390x (arch/s390/include/asm/sparsemem.h). Sections are 256 MiB until 6.12 and 128 MiB in 6.14;
 * CONFIG_MAX_PHYSMEM_BITS (42 to 53) is 46 unless set. Physical memory is mapped one to one, and
 * the boot computes `vmemmap`.
 */
export function s390x(version: KernelVersion, config: KernelConfig): Arch {
  return completeArch(
    {
      name: 's390x',
      bits_per_long: 64,
      page_shift: 12,
      section_size_bits: since(version, '6.14') ? 27 : 28,
      max_physmem_bits: configNumber(config, 'MAX_PHYSMEM_BITS', 46),
      sizeof_page: 64,
      pmd_shift: 20,
      pageblock_order: 8,
      max_page_order: since(version, '4.15') ? 10 : 8,
      vmemmap_base: 0n,
      page_offset_base: 0n,
      vmemmap_mapping: 'pmd',
    },
    config,
  );
}
