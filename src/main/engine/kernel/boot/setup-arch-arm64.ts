import { vaBits, vmemmapStart } from '../../core/arch/arm64.ts';
import { archPfnOffset } from '../../core/direct-map.ts';
import { since } from '../../core/era/version.ts';
import type { Kernel } from '../../core/facts.ts';
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

/** ARM64_MEMSTART_ALIGN: 1 GiB, 512 MiB with 64 KiB pages; a section where that is more. */
function memstartAlign({ facts }: Kernel): bigint {
  const { page_shift, section_size_bits } = facts.arch;
  return 1n << BigInt(Math.max(page_shift === 16 ? 29 : 30, section_size_bits));
}

/**
 * memstart_addr, and with it where PAGE_OFFSET and vmemmap point. A kernel for 52-bit virtual
 * addresses on a CPU with 48 moves physical memory up into the half it can map.
 */
function placeMemory(k: Kernel): void {
  const { config, era, arch, machine } = k.facts;
  const { start } = dramRange(k);
  const align = memstartAlign(k);
  let memstart = (start / align) * align;
  const bits = vaBits(config);
  if (bits === 52 && machine.cpu.phys_bits < 52 && since(era.version, '5.4')) {
    memstart -= (1n << 52n) - (1n << 48n);
  }
  setVar(k, 'memstart_addr', BigInt.asUintN(64, memstart));
  if (arch.memory_model !== 'sparsemem-vmemmap') return;
  const base = vmemmapStart(era.version, config);
  // Biased by the start of memory since 4.7.
  const bias = since(era.version, '4.7')
    ? (memstart >> pageShift(k)) * BigInt(arch.sizeof_page)
    : 0n;
  setVar(k, 'vmemmap', BigInt.asUintN(64, base - bias));
}

/** Physical memory as far as the kernel can address it; the base of the direct map. */
const arm64_memblock_init = operation<None, void>(
  'arm64_memblock_init',
  'arch/arm64/mm/init.c:arm64_memblock_init',
  function* (k) {
    k.world.clear('memblock_memory', 1n << BigInt(k.facts.arch.max_physmem_bits), 1n << 64n);
    placeMemory(k);
    yield* enforceMemoryLimit(k);
    yield* call(early_init_fdt_scan_reserved_mem, {});
  },
);

const paging_init = leaf<None, void>('paging_init', 'arch/arm64/mm/mmu.c:paging_init', (k) =>
  mapDirect(k, 'map_mem'),
);

const zone_sizes_init = caller(
  'zone_sizes_init',
  'arch/arm64/mm/init.c:zone_sizes_init',
  free_area_init,
);

const bootmem_init = operation<None, void>(
  'bootmem_init',
  'arch/arm64/mm/init.c:bootmem_init',
  function* (k) {
    const { start, end } = dramRange(k);
    const shift = pageShift(k);
    const max = pfnDown(end, shift);
    setVar(k, 'max_pfn', max);
    setVar(k, 'max_low_pfn', max);
    setVar(k, 'min_low_pfn', pfnUp(start, shift));
    if (k.facts.arch.memory_model === 'flatmem') {
      setVar(k, 'max_mapnr', max - archPfnOffset(k));
    }
    yield* initNodes(k, arch_numa_init);
    yield* initSectionsZones(k, zone_sizes_init);
  },
);

const request_standard_resources = leaf<None, void>(
  'request_standard_resources',
  'arch/arm64/kernel/setup.c:request_standard_resources',
  enterResources,
);

const setup_machine_fdt = caller(
  'setup_machine_fdt',
  'arch/arm64/kernel/setup.c:setup_machine_fdt',
  early_init_dt_scan_memory,
);

/** arm64: memory from the device tree, or the same from UEFI. */
export const setup_arch_arm64 = caller(
  'setup_arch',
  'arch/arm64/kernel/setup.c:setup_arch',
  setup_machine_fdt,
  parse_early_param,
  arm64_memblock_init,
  paging_init,
  bootmem_init,
  request_standard_resources,
);
