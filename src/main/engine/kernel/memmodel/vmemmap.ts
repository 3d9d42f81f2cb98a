import { vmemmapBase, type Look } from '../../core/direct-map.ts';
import { hex, pageSize, sectionSteps, type MemoryModel } from './model.ts';
import { sectionOverhead } from './overhead.ts';
import { sectionValidity } from './section-valid.ts';

/**
 * SPARSEMEM_VMEMMAP: one virtual array over all physical memory, with a memmap behind it where a
 * section has one (include/asm-generic/memory_model.h).
 */
export const vmemmap: MemoryModel = {
  name: 'sparsemem-vmemmap',
  symbol: 'SPARSEMEM_VMEMMAP',
  pfnValid: sectionValidity,

  pfnToPage(look, pfn) {
    const base = vmemmapBase(look);
    const page = BigInt.asUintN(64, base + BigInt(pfn) * pageSize(look));
    return {
      steps: [
        ...sectionSteps(look, pfn),
        {
          what: 'pfn_to_page',
          text: `vmemmap ${hex(base)} + ${hex(pfn)} \u00d7 ${pageSize(look)} = ${hex(page)}`,
        },
      ],
      page,
    };
  },

  pageToPfn(look, page) {
    const base = vmemmapBase(look);
    const pfn = Number(BigInt.asUintN(64, page - base) / pageSize(look));
    return {
      steps: [
        {
          what: 'page_to_pfn',
          text: `(${hex(page)} \u2212 ${hex(base)}) / ${pageSize(look)} = ${hex(pfn)}`,
        },
      ],
      pfn,
    };
  },

  stored(look: Look, pfn: number) {
    const map = look.world.at('vmemmap', pfn);
    if (map?.phys === undefined || map.phys === null) return undefined;
    return map.phys + BigInt(pfn - map.start) * pageSize(look);
  },

  overhead: (look) => sectionOverhead(look),
};
