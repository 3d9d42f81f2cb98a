import type { Kernel } from '../../core/facts.ts';
import { call, leaf, operation, type None } from '../../core/world/operation.ts';
import {
  e820EndPfn,
  e820PrintTable,
  e820RangeAdd,
  e820RangeRemove,
  e820RangeUpdate,
} from './e820-table.ts';
import { memblockReserve } from '../memblock/memblock.ts';
import { PAGE_SIZE } from '../memblock/pages.ts';

/** The e820 functions got their e820__ names in 4.12. */
function named(now: string, before: string): (k: Kernel) => string {
  return (k) => (k.facts.era.get('e820_function_names') ? now : before);
}

/** Takes over the firmware's map: the larger type wins where entries overlap. */
export const e820__memory_setup = leaf<None, void>(
  named('e820__memory_setup', 'setup_memory_map'),
  'arch/x86/kernel/e820.c:e820__memory_setup',
  (k) => {
    const soft = k.facts.era.get('soft_reserved');
    for (const { start, end, type } of k.facts.machine.memory) {
      e820RangeAdd(k, start, end + 1n, type === 'soft-reserved' && !soft ? 'usable' : type);
    }
    k.printk('info', 'BIOS-provided physical RAM map:');
    e820PrintTable(k, 'BIOS-e820');
  },
);

/** Firmware habits: page 0 is not RAM, and neither is the BIOS area. */
export const trim_bios_range = leaf<None, void>(
  'trim_bios_range',
  'arch/x86/kernel/setup.c:trim_bios_range',
  (k) => {
    e820RangeUpdate(k, 0n, PAGE_SIZE, 'usable', 'reserved');
    e820RangeRemove(k, 0xa0000n, 0x100000n, 'usable');
  },
);

export const e820__range_update = leaf<
  { start: bigint; end: bigint; from: string | null; to: string },
  void
>(
  named('e820__range_update', 'e820_update_range'),
  'arch/x86/kernel/e820.c:e820__range_update',
  (k, { start, end, from, to }) => e820RangeUpdate(k, start, end + 1n, from, to),
);

export const e820__range_remove = leaf<{ start: bigint; end: bigint; from: string | null }, void>(
  named('e820__range_remove', 'e820_remove_range'),
  'arch/x86/kernel/e820.c:e820__range_remove',
  (k, { start, end, from }) => e820RangeRemove(k, start, end + 1n, from),
);

/**
 * What this firmware makes the kernel change in its map: MTRR trimming, setup_data, GART, stolen
 * graphics memory. The lab lists the ranges; which code found each is not modelled.
 */
export const firmware_updates = operation<None, void>(
  'early_quirks',
  'arch/x86/kernel/early-quirks.c:early_quirks',
  function* (k) {
    for (const { start, end, from, to } of k.facts.machine.firmware_updates) {
      if (to === null) yield* call(e820__range_remove, { start, end, from });
      else yield* call(e820__range_update, { start, end, from, to });
    }
  },
  { basis: 'model' },
);

export const e820__end_of_ram_pfn = leaf<None, number>(
  named('e820__end_of_ram_pfn', 'e820_end_of_ram_pfn'),
  'arch/x86/kernel/e820.c:e820__end_of_ram_pfn',
  (k) => e820EndPfn(k, 2 ** (k.facts.arch.max_physmem_bits - k.facts.arch.page_shift)),
);

export const e820__end_of_low_ram_pfn = leaf<None, number>(
  named('e820__end_of_low_ram_pfn', 'e820_end_of_low_ram_pfn'),
  'arch/x86/kernel/e820.c:e820__end_of_low_ram_pfn',
  (k) => e820EndPfn(k, 1 << 20),
);

export const memblock_add = leaf<{ start: bigint; end: bigint }, void>(
  'memblock_add',
  'mm/memblock.c:memblock_add',
  (k, { start, end }) => {
    // MAX_NUMNODES until initmem_init() says which node the memory is on.
    k.world.set('memblock_memory', start, end, { nid: -1, flags: '' });
  },
);

export const memblock_reserve = leaf<{ start: bigint; end: bigint; owner: string }, void>(
  'memblock_reserve',
  'mm/memblock.c:memblock_reserve',
  (k, { start, end, owner }) => memblockReserve(k, start, end, owner),
);

/** Only whole pages are memory: starts round up, ends down. */
export const memblock_trim_memory = leaf<{ align: number }, void>(
  'memblock_trim_memory',
  'mm/memblock.c:memblock_trim_memory',
  (k, { align }) => {
    const unit = BigInt(align);
    for (const { start, end } of [...k.world.rows('memblock_memory')]) {
      const first = ((start + unit - 1n) / unit) * unit;
      const last = end - (end % unit);
      if (first >= last) {
        k.world.clear('memblock_memory', start, end);
        continue;
      }
      k.world.clear('memblock_memory', start, first);
      k.world.clear('memblock_memory', last, end);
    }
  },
);

/** RAM of the map becomes memblock.memory, in whole pages. */
export const e820__memblock_setup = operation<None, void>(
  named('e820__memblock_setup', 'memblock_x86_fill'),
  'arch/x86/kernel/e820.c:e820__memblock_setup',
  function* (k) {
    for (const { start, end, type } of [...k.world.rows('e820')]) {
      if (type === 'soft-reserved') {
        yield* call(memblock_reserve, { start, end, owner: 'soft reserved' });
      }
      if (type !== 'usable' && type !== 'reserved-kern') continue;
      yield* call(memblock_add, { start, end });
    }
    yield* call(memblock_trim_memory, { align: Number(PAGE_SIZE) });
  },
);
