import type { Kernel } from '../../core/facts.ts';
import { sparse_remove_section } from '../memmodel/sparse-hotplug-remove.ts';
import { call, failed, operation, type KernelFunction } from '../../core/world/operation.ts';
import { check_pfn_span, warnMisaligned } from './check-pfn-span.ts';
import { linearMapping } from './linear-mapping.ts';

export interface RemoveParams {
  readonly pfn: number;
  readonly nr_pages: number;
  /** Id of the pagemap whose altmap holds the memmap, or null. */
  readonly altmap: string | null;
}

/** Up to the section's end, or as many whole sections as are equal. */
function nextChunk(k: Kernel, pfn: number, end: number): number {
  const per = k.facts.arch.pages_per_section;
  const toBoundary = Math.min(end, (Math.floor(pfn / per) + 1) * per) - pfn;
  if (toBoundary < per) return toBoundary;
  const row = k.world.at('sections', pfn / per);
  if (!row) return per;
  return (Math.min(row.end, Math.floor(end / per)) - pfn / per) * per;
}

/** __remove_pages(): section by section; a misaligned range is left alone with a warning. */
export const __remove_pages = operation<RemoveParams, void>(
  '__remove_pages',
  'mm/memory_hotplug.c:__remove_pages',
  function* (k, { pfn, nr_pages, altmap }) {
    if (failed(yield* call(check_pfn_span, { pfn, nr_pages }))) {
      warnMisaligned(k, 'remove', pfn, nr_pages);
      return;
    }
    const end = pfn + nr_pages;
    for (let at = pfn; at < end;) {
      const chunk = nextChunk(k, at, end);
      yield* call(sparse_remove_section, { pfn: at, nr_pages: chunk, altmap });
      at += chunk;
    }
  },
);

/** Memmap, then direct mapping; x86_32 has none for added memory. */
function archRemoveMemory(file: string): KernelFunction<RemoveParams, void> {
  return operation<RemoveParams, void>(
    'arch_remove_memory',
    `${file}:arch_remove_memory`,
    function* (k, params) {
      yield* call(__remove_pages, params);
      if (k.facts.arch.name === 'x86_32') return;
      const { pfn, nr_pages } = params;
      yield* call(linearMapping(k).remove, { start_pfn: pfn, end_pfn: pfn + nr_pages });
    },
  );
}

const arch_remove_memory_x86 = archRemoveMemory('arch/x86/mm/init_64.c');

const ARCH_REMOVE_MEMORY: Readonly<Record<string, KernelFunction<RemoveParams, void>>> = {
  x86_32: archRemoveMemory('arch/x86/mm/init_32.c'),
  arm64: archRemoveMemory('arch/arm64/mm/mmu.c'),
  riscv64: archRemoveMemory('arch/riscv/mm/init.c'),
  ppc64: archRemoveMemory('arch/powerpc/mm/mem.c'),
  s390x: archRemoveMemory('arch/s390/mm/init.c'),
};

/** arch_remove_memory() of this kernel's architecture. */
export function arch_remove_memory({ facts }: Pick<Kernel, 'facts'>) {
  return ARCH_REMOVE_MEMORY[facts.arch.name] ?? arch_remove_memory_x86;
}
