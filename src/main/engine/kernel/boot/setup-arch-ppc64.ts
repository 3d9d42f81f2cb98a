import { enabled } from '../../core/arch/config.ts';
import { init_sections } from '../memmodel/init-sections.ts';
import { initNodes, setup_node_data } from '../numa/arch-numa.ts';
import { call, caller, leaf, operation, type None } from '../../core/world/operation.ts';
import { free_area_init } from '../zone/free-area-init.ts';
import { parse_early_param } from './early-param.ts';
import {
  early_init_dt_scan_memory,
  early_init_fdt_scan_reserved_mem,
  enforceMemoryLimit,
  enterResources,
  mapDirect,
} from './firmware-memory.ts';
import { dramRange } from '../memblock/memblock.ts';
import { pageShift, pfnDown } from '../memblock/pages.ts';
import { setVar } from '../../core/world/variables.ts';

/** Memory of the device tree; the kernel runs at the start of physical memory, MEMORY_START 0. */
const early_init_devtree = operation<None, void>(
  'early_init_devtree',
  'arch/powerpc/kernel/prom.c:early_init_devtree',
  function* (k) {
    yield* call(early_init_dt_scan_memory, {});
    yield* call(parse_early_param, {});
    yield* enforceMemoryLimit(k);
    yield* call(early_init_fdt_scan_reserved_mem, {});
    mapDirect(k, 'early_init_mmu');
  },
);

/** Which memory is on which node; all on node 0 where the device tree has no affinity. */
const parse_numa_properties = leaf<None, void>(
  'parse_numa_properties',
  'arch/powerpc/mm/numa.c:parse_numa_properties',
  (k) => {
    const { start, end } = dramRange(k);
    k.world.update('memblock_memory', start, end, { nid: 0 });
    for (const range of k.facts.machine.srat) {
      k.world.update('memblock_memory', range.start, range.end + 1n, { nid: range.node });
    }
  },
);

const mem_topology_setup = operation<None, void>(
  'mem_topology_setup',
  'arch/powerpc/mm/numa.c:mem_topology_setup',
  function* (k) {
    const max = pfnDown(dramRange(k).end, pageShift(k));
    setVar(k, 'max_pfn', max);
    setVar(k, 'max_low_pfn', max);
    setVar(k, 'min_low_pfn', 0);
    if (k.facts.arch.memory_model === 'flatmem') setVar(k, 'max_mapnr', max);
    yield* initNodes(k, parse_numa_properties);
  },
);

const initmem_init = operation<None, void>(
  'initmem_init',
  'arch/powerpc/mm/numa.c:initmem_init',
  function* (k) {
    if (enabled(k.facts.config, 'NUMA')) {
      const nids = new Set([...k.world.rows('memblock_memory')].map(({ nid }) => nid));
      for (const nid of [...nids].sort((a, b) => a - b)) yield* call(setup_node_data, { nid });
    }
    if (!k.facts.era.get('sparse_init_in_free_area_init')) yield* init_sections(k);
  },
);

const paging_init = operation<None, void>(
  'paging_init',
  'arch/powerpc/mm/mem.c:paging_init',
  function* (k) {
    if (k.facts.era.get('sparse_init_in_free_area_init')) return;
    yield* call(free_area_init, {});
  },
);

const add_system_ram_resources = leaf<None, void>(
  'add_system_ram_resources',
  'arch/powerpc/mm/mem.c:add_system_ram_resources',
  enterResources,
);

/** 64-bit powerpc: memory from the device tree. */
export const setup_arch_ppc64 = caller(
  'setup_arch',
  'arch/powerpc/kernel/setup-common.c:setup_arch',
  early_init_devtree,
  mem_topology_setup,
  initmem_init,
  paging_init,
  add_system_ram_resources,
);
