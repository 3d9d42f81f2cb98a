import { initmem_init } from '../numa/initmem-init.ts';
import { paging_init, paging_init_32 } from '../zone/paging-init.ts';
import { call, leaf, operation, type None } from '../../core/world/operation.ts';
import { finish_early_params, parse_early_param } from './early-param.ts';
import {
  e820__end_of_low_ram_pfn,
  e820__end_of_ram_pfn,
  e820__memblock_setup,
  e820__memory_setup,
  firmware_updates,
  memblock_reserve,
  trim_bios_range,
} from './e820.ts';
import { find_low_pfn_range } from '../memblock/low-memory.ts';
import { e820__reserve_resources } from './resources.ts';
import { numberVar, setVar } from '../../core/world/variables.ts';

const SZ_1M = 0x100000n;
const SZ_64K = 0x10000n;

/**
 * What the boot keeps from the page allocator for sure: the first 64 KiB, where firmware scribbles.
 * The kernel image, the initrd and setup_data belong to one boot of one image: not modelled.
 */
const early_reserve_memory = operation<None, void>(
  'early_reserve_memory',
  'arch/x86/kernel/setup.c:early_reserve_memory',
  function* () {
    yield* call(memblock_reserve, { start: 0n, end: SZ_64K, owner: 'first 64 KiB' });
  },
);

/** Before 5.13: CONFIG_X86_RESERVE_LOW, 64 KiB. */
const trim_low_memory_range = operation<None, void>(
  'trim_low_memory_range',
  'arch/x86/kernel/setup.c:trim_low_memory_range',
  function* () {
    yield* call(memblock_reserve, { start: 0n, end: SZ_64K, owner: 'first 64 KiB' });
  },
);

/** Firmware's BIOS data area: from the end of conventional memory, at most 640 KiB, to 1 MiB. */
const reserve_bios_regions = operation<None, void>(
  (k) => (k.facts.era.get('e820_function_names') ? 'reserve_bios_regions' : 'reserve_ebda_region'),
  'arch/x86/kernel/ebda.c:reserve_bios_regions',
  function* (k) {
    const low = [...k.world.rows('e820')].filter(
      (row) => row.type === 'usable' && row.end <= 0xa0000n,
    );
    const top = low.at(-1)?.end ?? 0x9f000n;
    yield* call(memblock_reserve, { start: top, end: SZ_1M, owner: 'BIOS area' });
  },
);

/** The real mode trampoline sits below 1 MiB; since 5.13 all of it is kept. */
const reserve_real_mode = operation<None, void>(
  'reserve_real_mode',
  'arch/x86/realmode/init.c:reserve_real_mode',
  function* () {
    yield* call(memblock_reserve, { start: 0n, end: SZ_1M, owner: 'first MiB' });
  },
);

/** Memory of the ACPI tables, which may be RAM or reserved in the firmware's map. */
const acpi_boot_table_init = operation<None, void>(
  'acpi_boot_table_init',
  'arch/x86/kernel/acpi/boot.c:acpi_boot_table_init',
  function* (k) {
    for (const { start, end } of k.facts.machine.acpi_tables) {
      yield* call(memblock_reserve, { start, end: end + 1n, owner: 'ACPI tables' });
    }
  },
);

/** Maps all memory below max_pfn; ZONE_DEVICE ranges join later. */
const init_mem_mapping = leaf<None, void>(
  'init_mem_mapping',
  'arch/x86/mm/init.c:init_mem_mapping',
  (k) => {
    const is32 = k.facts.arch.name === 'x86_32';
    const limit = is32 ? numberVar(k, 'max_low_pfn') : Infinity;
    for (const row of k.world.rows('memblock_memory')) {
      const start = Number(row.start >> 12n);
      const end = Math.min(Number((row.end + 4095n) >> 12n), limit);
      if (start >= end) continue;
      k.world.set('direct_map', start, end, { by: 'init_mem_mapping' });
      // add_pfn_range_mapped()
      setVar(k, 'max_pfn_mapped', Math.max(numberVar(k, 'max_pfn_mapped'), end));
      if (start >= 1 << 20) continue;
      const low = Math.min(end, 1 << 20);
      setVar(k, 'max_low_pfn_mapped', Math.max(numberVar(k, 'max_low_pfn_mapped'), low));
    }
    const maxPfn = numberVar(k, 'max_pfn');
    if (!is32 && maxPfn > numberVar(k, 'max_low_pfn')) setVar(k, 'max_low_pfn', maxPfn);
  },
);

/** From the firmware's map to memblock, nodes, sections and, until 6.18, zones. */
export const setup_arch = operation<None, void>(
  'setup_arch',
  'arch/x86/kernel/setup.c:setup_arch',
  function* (k) {
    const { era } = k.facts;
    yield* call(e820__memory_setup, {});
    if (era.get('early_reserve_memory')) yield* call(early_reserve_memory, {});
    yield* call(parse_early_param, {});
    yield* call(finish_early_params, {});
    yield* call(trim_bios_range, {});
    if (k.facts.machine.firmware_updates.length > 0) yield* call(firmware_updates, {});

    const maxPfn = yield* call(e820__end_of_ram_pfn, {});
    setVar(k, 'max_pfn', maxPfn);
    if (era.get('max_possible_pfn')) setVar(k, 'max_possible_pfn', maxPfn);
    if (k.facts.arch.name === 'x86_32') yield* call(find_low_pfn_range, {});
    else {
      const maxLow = maxPfn > 1 << 20 ? yield* call(e820__end_of_low_ram_pfn, {}) : maxPfn;
      setVar(k, 'max_low_pfn', maxLow);
    }

    if (!era.get('low_1m_reserved')) yield* call(reserve_bios_regions, {});
    yield* call(e820__memblock_setup, {});
    if (era.get('low_1m_reserved')) yield* call(reserve_real_mode, {});
    else yield* call(trim_low_memory_range, {});
    yield* call(init_mem_mapping, {});
    if (era.get('acpi_tables_in_memblock') && k.facts.machine.acpi_tables.length > 0) {
      yield* call(acpi_boot_table_init, {});
    }
    yield* call(initmem_init, {});
    yield* call(k.facts.arch.name === 'x86_32' ? paging_init_32 : paging_init, {});
    yield* call(e820__reserve_resources, {});
  },
);
