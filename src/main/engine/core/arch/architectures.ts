import type { ModelName } from './model-config.ts';
import { modelConfig } from './model-config.ts';
import { since, type KernelVersion } from '../era/version.ts';
import type { Arch } from './arch.ts';
import { arm64 } from './arm64.ts';
import { debianAmd64Config, enabled, type KernelConfig } from './config.ts';
import { ppc64 } from './ppc64.ts';
import { riscv64 } from './riscv64.ts';
import { s390x } from './s390x.ts';
import { x86_32 } from './x86_32.ts';
import { x86_64 } from './x86_64.ts';

/** The part of the machine that constants depend on. */
export interface ArchCpu {
  readonly la57: boolean;
  readonly phys_bits: number;
}

/** The constants of an architecture; `name` is one a lab may give. */
export function architecture(
  name: string,
  version: KernelVersion,
  config: KernelConfig,
  cpu: ArchCpu,
): Arch {
  switch (name) {
    case 'x86_32':
      return x86_32(config);
    case 'arm64':
      return arm64(version, config, cpu.phys_bits);
    case 'riscv64':
      return riscv64(config);
    case 'ppc64':
      return ppc64(version, config);
    case 's390x':
      return s390x(version, config);
    default:
      return x86_64(version, config, cpu.la57);
  }
}

/** What an architecture's own Kconfig makes of the generic choices. */
function archConfig(name: string, version: KernelVersion): KernelConfig {
  const on = (value: boolean): string => (value ? 'y' : 'n');
  const other = {
    ...{ X86_5LEVEL: 'n', X86_PMEM_LEGACY: 'n', MAXSMP: 'n' },
    ...{ CXL_ACPI: 'n', CXL_REGION: 'n' },
  };
  switch (name) {
    case 'x86_32':
      return {
        ...other,
        SPARSEMEM_STATIC: 'y',
        SPARSEMEM_EXTREME: 'n',
        HIGHMEM: 'y',
        X86_PAE: 'y',
        ZONE_DMA: 'y',
        ZONE_DMA32: 'n',
        DEFERRED_STRUCT_PAGE_INIT: 'n', // depends on 64BIT
        MEMORY_FAILURE: 'n', // depends on 64BIT || !SPARSEMEM
        PAGE_IDLE_FLAG: 'n',
        PAGE_EXTENSION: 'n',
        NUMA_BALANCING: 'n',
        NUMA: 'n',
        NODES_SHIFT: 3,
        NR_CPUS: 8,
        TRANSPARENT_HUGEPAGE: 'n',
      };
    case 'arm64': {
      const wide = since(version, '6.9');
      return {
        ...other,
        ARM64_4K_PAGES: 'y',
        ARM64_PA_BITS: wide ? 52 : 48,
        ARM64_VA_BITS: wide ? 52 : 48,
        ARM64_MTE: on(since(version, '5.10')),
        NODES_SHIFT: since(version, '5.8') ? 4 : 2,
        NR_CPUS: 512,
        // ad67f5a6545f "arm64: replace ZONE_DMA with ZONE_DMA32" (4.16), 1a8e1cef7603 "arm64: use
        // both ZONE_DMA and ZONE_DMA32" (5.5).
        ZONE_DMA: on(!since(version, '4.16') || since(version, '5.5')),
        ZONE_DMA32: on(since(version, '4.16')),
        ZONE_DEVICE: on(since(version, '5.7')),
      };
    }
    case 'riscv64':
      return {
        ...other,
        ZONE_DMA: 'n',
        NODES_SHIFT: 2,
        NR_CPUS: 64,
        ZONE_DEVICE: on(since(version, '6.18')),
      };
    case 'ppc64':
      return { ...other, ZONE_DMA32: 'n', NODES_SHIFT: 8, NR_CPUS: 2048 };
    case 's390x':
      return {
        ...other,
        ZONE_DMA32: 'n',
        NODES_SHIFT: since(version, '4.20') ? 1 : 4,
        NR_CPUS: 512,
        ZONE_DEVICE: 'n',
        DEFERRED_STRUCT_PAGE_INIT: on(since(version, '4.20')),
      };
    default:
      return {};
  }
}

/** The configuration a lab starts from; its own `config` goes on top. */
export function startingConfig(
  name: string,
  version: KernelVersion,
  model: ModelName,
  own: KernelConfig,
): KernelConfig {
  const config: KernelConfig = {
    ...debianAmd64Config(version),
    ...archConfig(name, version),
    ...(model === 'sparsemem-vmemmap' ? {} : modelConfig(model)),
    // 32-bit NUMA machines had DISCONTIGMEM; without NUMA there is one node and no need for it.
    ...(name === 'x86_32' && model === 'discontigmem' ? { NUMA: 'y' } : {}),
    ...own,
  };
  const sparse = model === 'sparsemem' || model === 'sparsemem-vmemmap';
  const arm =
    name === 'arm64' &&
    (['ARM64_16K_PAGES', 'ARM64_64K_PAGES'] as const).some((s) => enabled(own, s));
  return {
    ...config,
    ...(arm ? { ARM64_4K_PAGES: 'n' } : {}),
    ...(name === 'x86_32' && !sparse ? { SPARSEMEM_STATIC: 'n' } : {}),
  };
}
