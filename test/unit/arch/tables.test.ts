import { describe, expect, it } from 'vitest';
import { architecture, startingConfig } from '../../../src/main/engine/core/arch/architectures.ts';
import type { Arch } from '../../../src/main/engine/core/arch/arch.ts';
import { vmemmapStart } from '../../../src/main/engine/core/arch/arm64.ts';
import { resolveVersion } from '../../../src/main/engine/core/era/version.ts';
import type { ModelName } from '../../../src/main/engine/core/arch/model-config.ts';

interface Wanted {
  arch: string;
  version: string;
  config?: Record<string, string | number>;
  model?: ModelName;
  la57?: boolean;
  physBits?: number;
}

function versionOf(text: string) {
  const resolved = resolveVersion(text);
  if ('problem' in resolved) throw new Error(resolved.problem);
  return resolved.version;
}

/** mem_sections of 16 bytes, as the hand-made tables assume. */
function archOf({ arch, version, config = {}, model, la57 = false, physBits = 48 }: Wanted): Arch {
  const v = versionOf(version);
  const own = { PAGE_EXTENSION: 'n', ...config };
  const all = startingConfig(arch, v, model ?? 'sparsemem-vmemmap', own);
  return architecture(arch, v, all, { la57, phys_bits: physBits });
}

const PA52 = { ARM64_PA_BITS: 52, ARM64_VA_BITS: 52 };
const PA48 = { ARM64_PA_BITS: 48, ARM64_VA_BITS: 48 };

describe('arch: figures that follow from section size and physical bits', () => {
  // NR_MEM_SECTIONS, PAGES_PER_SECTION, SECTIONS_PER_ROOT, NR_SECTION_ROOTS, sub-sections of a
  // section, KiB of memmap of a section.
  it.each<[string, Wanted, number[]]>([
    [
      'x86_64, 4 levels',
      { arch: 'x86_64', version: '6.12' },
      [2 ** 19, 32768, 256, 2048, 64, 2048],
    ],
    [
      'x86_64, 5 levels',
      { arch: 'x86_64', version: '6.12', la57: true },
      [2 ** 25, 32768, 256, 131072, 64, 2048],
    ],
    [
      'x86_32 PAE, STATIC',
      { arch: 'x86_32', version: '4.3', model: 'sparsemem' },
      [128, 131072, 1, 128, 256, 4096],
    ],
    [
      'x86_32 without PAE',
      { arch: 'x86_32', version: '4.3', model: 'sparsemem', config: { X86_PAE: 'n' } },
      [64, 16384, 1, 64, 32, 512],
    ],
    [
      'arm64 4K, sections of 1 GiB, 48 bits',
      { arch: 'arm64', version: '5.3', config: PA48 },
      [2 ** 18, 262144, 256, 1024, 512, 16384],
    ],
    [
      'arm64 4K, 48 bits',
      { arch: 'arm64', version: '6.12', config: PA48 },
      [2 ** 21, 32768, 256, 8192, 64, 2048],
    ],
    [
      'arm64 4K, 52 bits',
      { arch: 'arm64', version: '6.12', config: PA52, physBits: 52 },
      [2 ** 25, 32768, 256, 131072, 64, 2048],
    ],
    [
      'arm64 16K, 48 bits',
      { arch: 'arm64', version: '6.12', config: { ...PA48, ARM64_16K_PAGES: 'y' } },
      [2 ** 21, 8192, 1024, 2048, 64, 512],
    ],
    [
      'arm64 64K, 48 bits',
      { arch: 'arm64', version: '6.12', config: { ...PA48, ARM64_64K_PAGES: 'y' } },
      [2 ** 19, 8192, 4096, 128, 256, 512],
    ],
    [
      'arm64 64K, 52 bits',
      { arch: 'arm64', version: '6.12', config: { ...PA52, ARM64_64K_PAGES: 'y' }, physBits: 52 },
      [2 ** 23, 8192, 4096, 2048, 256, 512],
    ],
    ['ppc64 64K', { arch: 'ppc64', version: '6.12' }, [2 ** 27, 256, 4096, 32768, 8, 16]],
    ['riscv64', { arch: 'riscv64', version: '6.12' }, [2 ** 29, 32768, 256, 2097152, 64, 2048]],
    ['s390x, 256 MiB', { arch: 's390x', version: '6.12' }, [2 ** 18, 65536, 256, 1024, 128, 4096]],
    ['s390x, 128 MiB', { arch: 's390x', version: '6.14' }, [2 ** 19, 32768, 256, 2048, 64, 2048]],
  ])('%s', (_name, wanted, figures) => {
    const arch = archOf(wanted);
    expect([
      arch.nr_mem_sections,
      arch.pages_per_section,
      arch.sections_per_root,
      arch.nr_section_roots,
      arch.subsections_per_section,
      (arch.pages_per_section * arch.sizeof_page) / 1024,
    ]).toEqual(figures);
  });

  it('keeps addresses exact up to 2^56', () => {
    const arch = archOf({ arch: 'riscv64', version: '6.12' });
    const last = arch.nr_mem_sections * arch.pages_per_section - 1;
    expect((BigInt(last) + 1n) << BigInt(arch.page_shift)).toBe(1n << 56n);
  });
});

describe('arch: largest blocks of the buddy allocator and of pageblocks', () => {
  it.each<[string, Wanted, number[]]>([
    ['x86_64', { arch: 'x86_64', version: '6.12' }, [21, 10, 9]],
    ['x86_32 PAE', { arch: 'x86_32', version: '4.3', model: 'flatmem' }, [21, 10, 9]],
    ['arm64 4K', { arch: 'arm64', version: '6.12' }, [21, 10, 9]],
    [
      'arm64 16K',
      { arch: 'arm64', version: '6.12', config: { ARM64_16K_PAGES: 'y' } },
      [25, 11, 11],
    ],
    [
      'arm64 64K',
      { arch: 'arm64', version: '6.12', config: { ARM64_64K_PAGES: 'y' } },
      [29, 13, 13],
    ],
    ['riscv64', { arch: 'riscv64', version: '6.12' }, [21, 10, 9]],
    ['s390x', { arch: 's390x', version: '6.12' }, [20, 10, 8]],
    ['s390x, 4.3', { arch: 's390x', version: '4.3' }, [20, 8, 8]],
  ])('%s: PMD shift, largest order, pageblock order', (_name, wanted, figures) => {
    const arch = archOf(wanted);
    expect([arch.pmd_shift, arch.max_page_order, arch.pageblock_order]).toEqual(figures);
  });
});

describe('arch/arm64: where the vmemmap begins', () => {
  const start = (version: string, va: number) =>
    vmemmapStart(versionOf(version), { ARM64_4K_PAGES: 'y', ARM64_VA_BITS: va });

  it('4.3: 4 TiB, a PUD below the direct map at 0xffff800000000000', () => {
    expect(start('4.3', 48)).toBe(0xffff800000000000n - (1n << 30n) - (4n << 40n));
  });

  it('4.14: 2 TiB, right below the direct map', () => {
    expect(start('4.14', 48)).toBe(0xffff7e0000000000n);
  });

  it('5.14: the last 1/64 of the kernel\u2019s addresses', () => {
    expect(start('5.14', 48)).toBe(0xfffffc0000000000n);
  });

  it('6.12: 2 TiB that end 1 GiB below the top', () => {
    expect(start('6.12', 48)).toBe(0xfffffdffc0000000n);
  });
});
