import { enabled } from '../../core/arch/config.ts';
import { riscvVmemmapStart } from '../../core/arch/riscv64.ts';
import { since } from '../../core/era/version.ts';
import { arch_numa_init, initNodes } from '../numa/arch-numa.ts';
import { call, caller, leaf, operation, type None } from '../../core/world/operation.ts';
import { free_area_init } from '../zone/free-area-init.ts';
import { initSectionsZones } from '../zone/sections-zones.ts';
import { parse_early_param } from './early-param.ts';
import {
  early_init_dt_scan_memory,
  early_init_fdt_scan_reserved_mem,
  enforceMemoryLimit,
  enterResources,
  mapDirect,
} from './firmware-memory.ts';
import { dramRange } from '../memblock/memblock.ts';
import { pageShift, pfnDown, pfnUp } from '../memblock/pages.ts';
import { setVar } from '../../core/world/variables.ts';

const parse_dtb = caller(
  'parse_dtb',
  'arch/riscv/kernel/setup.c:parse_dtb',
  early_init_dt_scan_memory,
);

/** Limits of memory, and the base of the direct map: the start of DRAM rounded down to a PMD. */
const setup_bootmem = operation<None, void>(
  'setup_bootmem',
  'arch/riscv/mm/init.c:setup_bootmem',
  function* (k) {
    yield* enforceMemoryLimit(k);
    const { arch, config, era } = k.facts;
    const shift = pageShift(k);
    const { start, end } = dramRange(k);
    const base = (start >> BigInt(arch.pmd_shift)) << BigInt(arch.pmd_shift);
    setVar(k, 'phys_ram_base', base);
    setVar(k, 'min_low_pfn', pfnUp(base, shift));
    setVar(k, 'max_pfn', pfnDown(end, shift));
    setVar(k, 'max_low_pfn', pfnDown(end, shift));
    if (arch.memory_model === 'flatmem') {
      setVar(k, 'max_mapnr', pfnDown(end, shift) - pfnDown(base, shift));
    }
    if (arch.memory_model === 'sparsemem-vmemmap') {
      // Biased since 6.8, by a whole number of sections since 6.13 (vmemmap_start_pfn).
      const unit = since(era.version, '6.13') ? BigInt(arch.section_size_bits) : shift;
      const first = since(era.version, '6.8') ? (base >> unit) << (unit - shift) : 0n;
      const at = riscvVmemmapStart(config) - first * BigInt(arch.sizeof_page);
      setVar(k, 'vmemmap', BigInt.asUintN(64, at));
    }
    yield* call(early_init_fdt_scan_reserved_mem, {});
  },
);

const setup_vm_final = leaf<None, void>(
  'setup_vm_final',
  'arch/riscv/mm/init.c:setup_vm_final',
  (k) => mapDirect(k, 'setup_vm_final'),
);

const paging_init = caller(
  'paging_init',
  'arch/riscv/mm/init.c:paging_init',
  setup_bootmem,
  setup_vm_final,
);

const zone_sizes_init = caller(
  'zone_sizes_init',
  'arch/riscv/mm/init.c:zone_sizes_init',
  free_area_init,
);

const misc_mem_init = operation<None, void>(
  'misc_mem_init',
  'arch/riscv/mm/init.c:misc_mem_init',
  function* (k) {
    const numa = enabled(k.facts.config, 'NUMA') && since(k.facts.era.version, '5.12');
    yield* initNodes(k, arch_numa_init, numa);
    yield* initSectionsZones(k, zone_sizes_init);
  },
);

const init_resources = leaf<None, void>(
  'init_resources',
  'arch/riscv/kernel/setup.c:init_resources',
  enterResources,
);

/** riscv64: memory from the device tree. */
export const setup_arch_riscv64 = caller(
  'setup_arch',
  'arch/riscv/kernel/setup.c:setup_arch',
  parse_dtb,
  parse_early_param,
  paging_init,
  misc_mem_init,
  init_resources,
);
