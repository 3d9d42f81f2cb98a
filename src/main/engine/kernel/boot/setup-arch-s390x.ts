import { since } from '../../core/era/version.ts';
import type { Kernel } from '../../core/facts.ts';
import { addNode } from '../numa/arch-numa.ts';
import { call, leaf, operation, type None } from '../../core/world/operation.ts';
import { free_area_init } from '../zone/free-area-init.ts';
import { initSectionsZones } from '../zone/sections-zones.ts';
import { memblock_trim_memory } from './e820.ts';
import { parse_early_param } from './early-param.ts';
import { enforceMemoryLimit, enterResources, mapDirect } from './firmware-memory.ts';
import { dramRange } from '../memblock/memblock.ts';
import { pageShift, pfnDown, roundUp } from '../memblock/pages.ts';
import { setVar } from '../../core/world/variables.ts';

const REGION1_SIZE = 1n << 53n;
const REGION2_SIZE = 1n << 42n;
const VMALLOC_SIZE = 128n << 30n;
const MODULES_LEN = 2n << 30n;

/** Storage as SCLP or diagnose 260 report it. */
const memblock_add_physmem_info = leaf<None, void>(
  (k) =>
    since(k.facts.era.version, '6.4')
      ? 'memblock_add_physmem_info'
      : 'memblock_add_mem_detect_info',
  'arch/s390/kernel/setup.c:memblock_add_mem_detect_info',
  (k) => {
    for (const { start, end, type } of k.facts.machine.memory) {
      if (type !== 'usable') continue;
      k.world.set('memblock_memory', start, end + 1n, { nid: 0, flags: '' });
    }
  },
);

/** `vmemmap`: below vmalloc, so that the array and the memory it describes share what is left. */
function vmemmapAddress({ facts }: Kernel, memoryEnd: bigint): bigint {
  const { arch } = facts;
  const size = BigInt(arch.sizeof_page);
  const need = (memoryEnd >> 12n) * (size + 4096n) + VMALLOC_SIZE + MODULES_LEN;
  const vmax = need <= REGION2_SIZE ? REGION2_SIZE : REGION1_SIZE;
  const vmalloc = vmax - MODULES_LEN - VMALLOC_SIZE;
  const pages = roundUp(Number(vmalloc / (4096n + size)), arch.pages_per_section);
  const at = vmalloc - BigInt(pages) * size;
  const aligned = at - (at % (vmax >> 11n));
  const limit = 1n << BigInt(arch.max_physmem_bits);
  return aligned < limit ? aligned : limit;
}

/**
 * The layout of the kernel's address space as kernels before 5.17 compute it; later ones do so
 * before the kernel is decompressed and may place it elsewhere.
 */
const setup_memory_end = leaf<None, void>(
  'setup_memory_end',
  'arch/s390/kernel/setup.c:setup_memory_end',
  (k) => {
    const { end } = dramRange(k);
    const max = pfnDown(end, pageShift(k));
    const model = k.facts.arch.memory_model;
    if (model === 'sparsemem-vmemmap') setVar(k, 'vmemmap', vmemmapAddress(k, end));
    if (model === 'flatmem') setVar(k, 'max_mapnr', max);
    setVar(k, 'max_pfn', max);
    setVar(k, 'max_low_pfn', max);
  },
  { basis: 'model' },
);

const setup_resources = leaf<None, void>(
  'setup_resources',
  'arch/s390/kernel/setup.c:setup_resources',
  enterResources,
);

/** One node: the kernel knows nothing of the machine's books. */
const numa_setup = leaf<None, void>('numa_setup', 'arch/s390/kernel/numa.c:numa_setup', (k) =>
  addNode(k, 0),
);

const paging_init = operation<None, void>(
  'paging_init',
  'arch/s390/mm/init.c:paging_init',
  function* (k) {
    mapDirect(k, 'vmem_map_init');
    yield* initSectionsZones(k, free_area_init);
  },
);

/** s390x: storage from the service processor, mapped one to one. */
export const setup_arch_s390x = operation<None, void>(
  'setup_arch',
  'arch/s390/kernel/setup.c:setup_arch',
  function* (k) {
    yield* call(parse_early_param, {});
    yield* call(memblock_add_physmem_info, {});
    yield* enforceMemoryLimit(k);
    const align = 2 ** (k.facts.arch.max_page_order + k.facts.arch.page_shift);
    yield* call(memblock_trim_memory, { align });
    yield* call(setup_memory_end, {});
    yield* call(setup_resources, {});
    yield* call(numa_setup, {});
    yield* call(paging_init, {});
  },
);
