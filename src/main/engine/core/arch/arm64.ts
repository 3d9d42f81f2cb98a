import { since, type KernelVersion } from '../era/version.ts';
import type { Arch } from './arch.ts';
import { completeArch } from './complete.ts';
import { configNumber, enabled, type KernelConfig } from './config.ts';

const SIZEOF_PAGE = 64n;
const TWO64 = 1n << 64n;

/** PAGE_SHIFT of CONFIG_ARM64_{4K,16K,64K}_PAGES. */
function pageShift(config: KernelConfig): 12 | 14 | 16 {
  if (enabled(config, 'ARM64_64K_PAGES')) return 16;
  return enabled(config, 'ARM64_16K_PAGES') ? 14 : 12;
}

/** SECTION_SIZE_BITS: 30 until f0b13ee23241 "arm64/sparsemem: reduce SECTION_SIZE_BITS" (5.12). */
function sectionSizeBits(version: KernelVersion, shift: number): number {
  if (!since(version, '5.12')) return 30;
  return shift === 16 ? 29 : 27;
}

/** CONFIG_ARM64_VA_BITS; with 52 of them a CPU without the feature runs with 48. */
export function vaBits(config: KernelConfig): number {
  return configNumber(config, 'ARM64_VA_BITS', 48);
}

/** PAGE_OFFSET: the upper half of the kernel's addresses, the lower half since 5.4. */
function pageOffset(version: KernelVersion, bits: number): bigint {
  return TWO64 - (1n << BigInt(since(version, '5.4') ? bits : bits - 1));
}

/**
 * VMEMMAP_START (asm/memory.h, asm/pgtable.h). Before 4.7 below the direct map and for all physical
 * addresses; then half as long. 5.4 turned the address space over; 5.11 and 6.9 moved the end.
 */
export function vmemmapStart(version: KernelVersion, config: KernelConfig): bigint {
  const bits = vaBits(config);
  const shift = BigInt(pageShift(config));
  const offset = pageOffset(version, bits);
  if (!since(version, '4.7')) {
    const pud = 1n << 30n;
    return offset - pud - (((1n << (BigInt(bits) - shift)) * SIZEOF_PAGE + pud - 1n) / pud) * pud;
  }
  if (!since(version, '5.4')) return offset - (1n << (BigInt(bits) - 1n - shift)) * SIZEOF_PAGE;
  if (since(version, '5.11') && !since(version, '6.9')) {
    return TWO64 - (1n << (BigInt(bits) - shift)) * SIZEOF_PAGE;
  }
  const pageEnd = TWO64 - (1n << BigInt(Math.min(bits, 48) - 1));
  const size = ((pageEnd - offset) >> shift) * SIZEOF_PAGE;
  return TWO64 - (since(version, '6.9') ? 1n << 30n : 1n << 21n) - size;
}

/**
 * arm64 with 4, 16 or 64 KiB pages. `vmemmap` is biased by the start of DRAM: the boot sets it.
 *
 * @param physBits physical address bits of the CPU: 52 means LPA2 (or LPA with 64 KiB pages)
 */
export function arm64(version: KernelVersion, config: KernelConfig, physBits: number): Arch {
  const shift = pageShift(config);
  const paBits = configNumber(config, 'ARM64_PA_BITS', 48);
  // Since 6.9 the limit is that of the CPU the kernel finds itself on (PHYS_MASK_SHIFT).
  const running = since(version, '6.9') && physBits < 52 ? Math.min(paBits, 48) : paBits;
  const huge = shift === 12 ? 21 : shift === 14 ? 25 : 29;
  return completeArch(
    {
      name: 'arm64',
      bits_per_long: 64,
      page_shift: shift,
      section_size_bits: sectionSizeBits(version, shift),
      max_physmem_bits: since(version, '4.16') ? running : 48,
      sizeof_page: 64,
      pmd_shift: huge,
      pageblock_order: huge - shift,
      max_page_order: shift === 12 ? 10 : huge - shift,
      vmemmap_base: 0n,
      page_offset_base: pageOffset(version, vaBits(config)),
      // vmemmap_populate() uses base pages unless pages are 4 KiB (arch/arm64/mm/mmu.c).
      vmemmap_mapping: shift === 12 ? 'pmd' : 'pte',
    },
    config,
  );
}
