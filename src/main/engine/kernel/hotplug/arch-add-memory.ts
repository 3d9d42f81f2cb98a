import { numberVar, setVar } from '../../core/world/variables.ts';
import { physToVirt } from '../../core/direct-map.ts';
import type { Kernel } from '../../core/facts.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type Failure,
  type KernelFunction,
  type Outcome,
} from '../../core/world/operation.ts';
import { __add_pages, type AddParams } from './add-pages.ts';
import { linearMapping } from './linear-mapping.ts';
import { physmemEnd } from '../resource/physmem-end.ts';

type AddFunction = KernelFunction<AddParams, Outcome<void>>;

function rangeOf({ pfn, nr_pages }: AddParams): { start_pfn: number; end_pfn: number } {
  return { start_pfn: pfn, end_pfn: pfn + nr_pages };
}

/** Is the last byte above what a struct page can stand for? Before mhp_range_allowed(): -E2BIG. */
function beyond(k: Kernel, { pfn, nr_pages }: AddParams): Failure | undefined {
  const { arch, era } = k.facts;
  const last = (BigInt(pfn + nr_pages) << BigInt(arch.page_shift)) - 1n;
  if (last <= physmemEnd(k)) return undefined;
  if (!era.get('mhp_range_checked')) {
    return fail('E2BIG', 'check_hotplug_memory_addressable: max_addr >> MAX_PHYSMEM_BITS');
  }
  return arch.name === 'x86_64' ? fail('ERANGE', 'end > DIRECT_MAP_PHYSMEM_END') : undefined;
}

/** Does this addition count in max_pfn? */
function movesMaxPfn(k: Kernel, { pgmap }: AddParams): boolean {
  const { era } = k.facts;
  if (era.get('hotplug_moves_max_pfn') === 'no') return false;
  return pgmap === null || era.get('device_memory_moves_max_pfn');
}

/** max_pfn, max_low_pfn and high_memory say that memory ends at `end_pfn`. */
function setEnd(k: Kernel, end_pfn: number): void {
  setVar(k, 'max_pfn', end_pfn);
  setVar(k, 'max_low_pfn', end_pfn);
  setVar(k, 'high_memory', physToVirt(k, BigInt(end_pfn) << BigInt(k.facts.arch.page_shift)));
}

/** update_end_of_memory_vars(): max_pfn, max_low_pfn and high_memory only grow. */
function updateEndOfMemoryVars(file: string): KernelFunction<{ end_pfn: number }, void> {
  return leaf<{ end_pfn: number }, void>(
    'update_end_of_memory_vars',
    `${file}:update_end_of_memory_vars`,
    (k, { end_pfn }) => {
      if (end_pfn > numberVar(k, 'max_pfn')) setEnd(k, end_pfn);
    },
  );
}

/** add_pages() of an architecture that has its own, in `file`: the end of memory may move too. */
function addPagesOf(file: string): AddFunction {
  const update_end_of_memory_vars = updateEndOfMemoryVars(file);
  return operation('add_pages', `${file}:add_pages`, function* (k, params) {
    const error = beyond(k, params) ?? (yield* call(__add_pages, params));
    if (failed(error)) return error;
    if (movesMaxPfn(k, params)) {
      yield* call(update_end_of_memory_vars, { end_pfn: params.pfn + params.nr_pages });
    }
    return undefined;
  });
}

/** x86 add_pages(): the memmap, without a direct mapping. Device memory may leave max_pfn alone. */
const add_pages_x86 = addPagesOf('arch/x86/mm/init_64.c');

/** powerpc add_pages(): memory of any kind moves the variables (5.19 and later). */
const add_pages_ppc64 = addPagesOf('arch/powerpc/mm/mem.c');

/** add_pages() where the architecture has none of its own: __add_pages(). */
const add_pages_generic = operation<AddParams, Outcome<void>>(
  'add_pages',
  'include/linux/memory_hotplug.h:add_pages',
  function* (k, params) {
    return beyond(k, params) ?? (yield* call(__add_pages, params));
  },
);

/** add_pages() of this kernel's architecture. */
export function add_pages({ facts }: Pick<Kernel, 'facts'>): AddFunction {
  if (facts.arch.name === 'x86_64') return add_pages_x86;
  return facts.arch.name === 'ppc64' ? add_pages_ppc64 : add_pages_generic;
}

/** x86_64: direct mapping, then memmap. A failure takes neither back. */
const arch_add_memory_x86 = operation<AddParams, Outcome<void>>(
  'arch_add_memory',
  'arch/x86/mm/init_64.c:arch_add_memory',
  function* (k, params) {
    yield* call(linearMapping(k).create, rangeOf(params));
    return yield* call(add_pages_x86, params);
  },
);

/** x86_32: the memory is HighMem, which has no direct mapping. */
const arch_add_memory_x86_32 = operation<AddParams, Outcome<void>>(
  'arch_add_memory',
  'arch/x86/mm/init_32.c:arch_add_memory',
  function* (k, params) {
    return beyond(k, params) ?? (yield* call(__add_pages, params));
  },
);

/**
 * arm64 and riscv keep max_pfn themselves: memory of a device counts like any other. Where it is
 * assigned rather than raised, memory added below the end of RAM brings it down.
 */
function setMaxPfn(k: Kernel, end_pfn: number): void {
  const moves = k.facts.era.get('hotplug_moves_max_pfn');
  const end = moves === 'raised' ? Math.max(numberVar(k, 'max_pfn'), end_pfn) : end_pfn;
  setVar(k, 'max_pfn', end);
  setVar(k, 'max_low_pfn', end);
}

/**
 * The shape arm64, riscv, powerpc and s390 share: linear mapping, memmap, and the mapping goes
 * again where that fails. s390 leaves max_pfn where the boot put it.
 */
function archAddMemory(file: string): AddFunction {
  return operation<AddParams, Outcome<void>>(
    'arch_add_memory',
    `${file}:arch_add_memory`,
    function* (k, params) {
      const { create, remove } = linearMapping(k);
      const { name } = k.facts.arch;
      yield* call(create, rangeOf(params));
      const error =
        name === 'ppc64'
          ? yield* call(add_pages_ppc64, params)
          : (beyond(k, params) ?? (yield* call(__add_pages, params)));
      if (failed(error)) yield* call(remove, rangeOf(params));
      else if (name !== 'ppc64' && movesMaxPfn(k, params)) {
        setMaxPfn(k, params.pfn + params.nr_pages);
      }
      return error;
    },
  );
}

const ARCH_ADD_MEMORY: Readonly<Record<string, AddFunction>> = {
  x86_32: arch_add_memory_x86_32,
  arm64: archAddMemory('arch/arm64/mm/mmu.c'),
  riscv64: archAddMemory('arch/riscv/mm/init.c'),
  ppc64: archAddMemory('arch/powerpc/mm/mem.c'),
  s390x: archAddMemory('arch/s390/mm/init.c'),
};

/** arch_add_memory() of this kernel's architecture. */
export function arch_add_memory({ facts }: Pick<Kernel, 'facts'>): AddFunction {
  return ARCH_ADD_MEMORY[facts.arch.name] ?? arch_add_memory_x86;
}
