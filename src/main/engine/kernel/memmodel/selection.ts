import type { Arch } from '../../core/arch/arch.ts';
import { enabled, type KernelConfig } from '../../core/arch/config.ts';
import { since, type KernelVersion } from '../../core/era/version.ts';
import type { ModelName } from '../../core/arch/model-config.ts';

/** What decides whether a kernel could have a memory model. */
export interface Choice {
  readonly arch: string;
  readonly version: KernelVersion;
  readonly config: KernelConfig;
  /** 5-level paging in use. */
  readonly la57: boolean;
}

/** arm64 has one model since 782276b4d0ad (5.13). */
const ARM64_ONE_MODEL =
  'arm64 has only sparsemem-vmemmap since 5.13 ("arm64: Force SPARSEMEM_VMEMMAP as the only memory management model")';

function flatmem({ arch, version, config }: Choice): string | undefined {
  if (arch === 'x86_64') {
    return 'x86_64 has no FLATMEM (arch/x86/Kconfig:ARCH_FLATMEM_ENABLE depends on X86_32 && !NUMA); it went in 2.6.25 with "x86: 64-bit, make sparsemem vmemmap the only memory model"';
  }
  if (arch === 's390x') return 's390x has only the sparse models (arch/s390/Kconfig)';
  if (arch === 'arm64' && since(version, '5.13')) return ARM64_ONE_MODEL;
  if (enabled(config, 'NUMA')) {
    return 'FLATMEM has one mem_map and cannot be had with NUMA (ARCH_FLATMEM_ENABLE depends on !NUMA)';
  }
  return undefined;
}

function discontigmem({ arch, version, config }: Choice): string | undefined {
  if (since(version, '5.14')) return 'DISCONTIGMEM is gone since 5.14, on every architecture';
  if (arch !== 'x86_32') {
    return `${arch} has no DISCONTIGMEM in the kernels modelled; x86_32 with NUMA had it`;
  }
  if (since(version, '5.2')) {
    return 'DISCONTIGMEM on x86_32 depends on BROKEN since 5.2, and is gone since 5.14';
  }
  if (!enabled(config, 'NUMA')) {
    return 'DISCONTIGMEM on x86_32 depends on NUMA (arch/x86/Kconfig:ARCH_DISCONTIGMEM_ENABLE)';
  }
  return undefined;
}

/** riscv got sparse memory in 5.4 ("RISC-V: Implement sparsemem"). */
function noSparsemem({ arch, version }: Choice): string | undefined {
  return arch === 'riscv64' && !since(version, '5.4')
    ? 'riscv64 had only flatmem before 5.4'
    : undefined;
}

function sparsemem(choice: Choice): string | undefined {
  const { arch, version, la57 } = choice;
  if (arch === 'x86_32') return undefined;
  if (arch === 'arm64' && since(version, '5.13')) return ARM64_ONE_MODEL;
  if (la57) return '5-level paging needs sparsemem-vmemmap (X86_5LEVEL selects SPARSEMEM_VMEMMAP)';
  if (since(version, '6.18')) {
    return 'classic SPARSEMEM cannot be chosen where the architecture has VMEMMAP: SPARSEMEM_VMEMMAP is no question any more in 6.18';
  }
  return noSparsemem(choice);
}

function vmemmap(choice: Choice): string | undefined {
  if (choice.arch === 'x86_32') {
    return 'x86_32 has no SPARSEMEM_VMEMMAP: 32-bit addresses have no room for the array (ARCH_SPARSEMEM_VMEMMAP is 64-bit)';
  }
  return noSparsemem(choice);
}

/** Why no kernel of that version and architecture had the model; undefined where one could. */
export function modelRefusal(model: ModelName, choice: Choice): string | undefined {
  switch (model) {
    case 'flatmem':
      return flatmem(choice);
    case 'discontigmem':
      return discontigmem(choice);
    case 'sparsemem':
      return sparsemem(choice);
    default:
      return vmemmap(choice);
  }
}

/** What mm/Kconfig would not let a configuration have; a sentence. */
export function configRefusal(
  { arch, version, config }: Choice,
  { memory_model }: Pick<Arch, 'memory_model'>,
): string | undefined {
  if (!enabled(config, 'ZONE_DEVICE')) return undefined;
  if (!since(version, '4.5')) {
    if (arch !== 'x86_64') return 'ZONE_DEVICE depends on X86_64 in this kernel';
    return enabled(config, 'ZONE_DMA')
      ? 'ZONE_DEVICE depends on !ZONE_DMA until 4.5: 5 zones do not fit the 2-bit zone field that DMA, DMA32, Normal and Movable fill; set ZONE_DMA: n to have it ("mm: exclude ZONE_DEVICE from GFP_ZONE_TABLE" ended that)'
      : undefined;
  }
  return memory_model === 'sparsemem-vmemmap'
    ? undefined
    : 'ZONE_DEVICE depends on SPARSEMEM_VMEMMAP';
}
