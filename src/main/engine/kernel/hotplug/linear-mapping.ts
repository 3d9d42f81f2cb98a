import type { Kernel } from '../../core/facts.ts';
import { leaf, type KernelFunction } from '../../core/world/operation.ts';
import { raiseVariable } from '../../core/world/variables.ts';

/** PFNs, end exclusive. */
export interface PfnRange {
  readonly start_pfn: number;
  readonly end_pfn: number;
}

/** First PFN above 4 GiB. */
function pfn4GiB(k: Kernel): number {
  return 2 ** (32 - k.facts.arch.page_shift);
}

/** The range joins the direct map; what is mapped already stays as it is. */
function map(k: Kernel, { start_pfn, end_pfn }: PfnRange): void {
  let pfn = start_pfn;
  for (const row of k.world.overlapping('direct_map', start_pfn, end_pfn)) {
    k.world.set('direct_map', pfn, row.start, { by: 'hotplug' });
    pfn = Math.max(pfn, row.end);
  }
  k.world.set('direct_map', pfn, end_pfn, { by: 'hotplug' });
}

/**
 * x86 init_memory_mapping() of hotplug. Raises max_pfn_mapped (add_pfn_range_mapped), and nothing
 * lowers it again.
 */
const init_memory_mapping = leaf<PfnRange, void>(
  'init_memory_mapping',
  'arch/x86/mm/init.c:init_memory_mapping',
  (k, range) => {
    const { start_pfn, end_pfn } = range;
    map(k, range);
    raiseVariable(k, 'max_pfn_mapped', end_pfn);
    if (start_pfn < pfn4GiB(k)) {
      raiseVariable(k, 'max_low_pfn_mapped', Math.min(end_pfn, pfn4GiB(k)));
    }
  },
);

function mapping(name: string, file: string): KernelFunction<PfnRange, void> {
  return leaf<PfnRange, void>(name, `${file}:${name}`, map);
}

function unmapping(name: string, file: string): KernelFunction<PfnRange, void> {
  return leaf<PfnRange, void>(name, `${file}:${name}`, (k, { start_pfn, end_pfn }) =>
    k.world.clear('direct_map', start_pfn, end_pfn),
  );
}

/** What an architecture calls to map added memory, and to take the mapping away. */
export interface LinearMapping {
  readonly create: KernelFunction<PfnRange, void>;
  readonly remove: KernelFunction<PfnRange, void>;
}

const X86: LinearMapping = {
  create: init_memory_mapping,
  remove: unmapping('kernel_physical_mapping_remove', 'arch/x86/mm/init_64.c'),
};

const MAPPINGS: Readonly<Record<string, LinearMapping>> = {
  arm64: {
    create: mapping('__create_pgd_mapping', 'arch/arm64/mm/mmu.c'),
    remove: unmapping('__remove_pgd_mapping', 'arch/arm64/mm/mmu.c'),
  },
  riscv64: {
    create: mapping('create_linear_mapping_range', 'arch/riscv/mm/init.c'),
    remove: unmapping('remove_linear_mapping', 'arch/riscv/mm/init.c'),
  },
  ppc64: {
    create: mapping('arch_create_linear_mapping', 'arch/powerpc/mm/mem.c'),
    remove: unmapping('arch_remove_linear_mapping', 'arch/powerpc/mm/mem.c'),
  },
  s390x: {
    create: mapping('vmem_add_mapping', 'arch/s390/mm/vmem.c'),
    remove: unmapping('vmem_remove_mapping', 'arch/s390/mm/vmem.c'),
  },
};

/** The functions of this kernel's architecture. */
export function linearMapping({ facts }: Pick<Kernel, 'facts'>): LinearMapping {
  return MAPPINGS[facts.arch.name] ?? X86;
}
