import type { Arch } from './arch.ts';
import { completeArch } from './complete.ts';
import { configNumber, type KernelConfig } from './config.ts';

/** Sv39, Sv48, Sv57: PAGE_OFFSET and VMEMMAP_START (Documentation/arch/riscv/vm-layout.rst). */
const LAYOUTS: Readonly<Record<number, { pageOffset: bigint; vmemmap: bigint }>> = {
  39: { pageOffset: 0xffffffd600000000n, vmemmap: 0xffffffc500000000n },
  48: { pageOffset: 0xffffaf8000000000n, vmemmap: 0xffff8d8000000000n },
  57: { pageOffset: 0xff60000000000000n, vmemmap: 0xff1c000000000000n },
};

function layout(config: KernelConfig): { pageOffset: bigint; vmemmap: bigint } {
  return LAYOUTS[configNumber(config, 'VA_BITS', 48)] ?? (LAYOUTS[48] as never);
}

export function riscvVmemmapStart(config: KernelConfig): bigint {
  return layout(config).vmemmap;
}

/**
 * riscv64 with 56 physical address bits (arch/riscv/include/asm/sparsemem.h). `VA_BITS` in the
 * configuration chooses among 39, 48 and 57 what satp allows on the machine.
 */
export function riscv64(config: KernelConfig): Arch {
  return completeArch(
    {
      name: 'riscv64',
      bits_per_long: 64,
      page_shift: 12,
      section_size_bits: 27,
      max_physmem_bits: 56,
      sizeof_page: 64,
      pmd_shift: 21,
      pageblock_order: 9,
      max_page_order: 10,
      vmemmap_base: 0n,
      page_offset_base: layout(config).pageOffset,
      vmemmap_mapping: 'pmd',
    },
    config,
  );
}
