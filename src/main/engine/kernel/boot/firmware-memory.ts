import type { Kernel } from '../../core/facts.ts';
import { insertByContainment } from '../resource/boot-tree.ts';
import { call, leaf, operation, type None } from '../../core/world/operation.ts';
import { memblock_reserve } from './e820.ts';
import { pageShift } from '../memblock/pages.ts';

/** One bank of memory, in whole pages (bytes, end exclusive). */
const early_init_dt_add_memory_arch = leaf<{ start: bigint; end: bigint }, void>(
  'early_init_dt_add_memory_arch',
  'drivers/of/fdt.c:early_init_dt_add_memory_arch',
  (k, { start, end }) => {
    const shift = pageShift(k);
    const first = ((start + (1n << shift) - 1n) >> shift) << shift;
    const last = (end >> shift) << shift;
    if (first < last) k.world.set('memblock_memory', first, last, { nid: -1, flags: '' });
  },
);

/** Memory nodes of the device tree; what UEFI or firmware calls usable counts the same here. */
export const early_init_dt_scan_memory = operation<None, void>(
  'early_init_dt_scan_memory',
  'drivers/of/fdt.c:early_init_dt_scan_memory',
  function* (k) {
    for (const { start, end, type } of k.facts.machine.memory) {
      if (type === 'usable') yield* call(early_init_dt_add_memory_arch, { start, end: end + 1n });
    }
  },
);

/** Reserved ranges of firmware: kept from the page allocator where they lie in memory. */
export const early_init_fdt_scan_reserved_mem = operation<None, void>(
  'early_init_fdt_scan_reserved_mem',
  'drivers/of/fdt.c:early_init_fdt_scan_reserved_mem',
  function* (k) {
    for (const { start, end, type } of k.facts.machine.memory) {
      if (type !== 'reserved') continue;
      yield* call(memblock_reserve, { start, end: end + 1n, owner: 'reserved-memory' });
    }
  },
);

/** memblock_enforce_memory_limit(): only the first `limit` bytes of memory stay. */
export const memblock_enforce_memory_limit = leaf<{ limit: bigint }, void>(
  'memblock_enforce_memory_limit',
  'mm/memblock.c:memblock_enforce_memory_limit',
  (k, { limit }) => {
    let left = limit;
    for (const { start, end } of [...k.world.rows('memblock_memory')]) {
      const keep = end - start < left ? end - start : left;
      k.world.clear('memblock_memory', start + keep, end);
      left -= keep;
    }
  },
);

/** mem=: applied where the lab's command line has it. */
export function* enforceMemoryLimit(k: Kernel) {
  const limit = k.world.get('vars', 'memory_limit')?.value;
  if (typeof limit === 'bigint') yield* call(memblock_enforce_memory_limit, { limit });
}

/** Maps all memory into the direct map. */
export function mapDirect(k: Kernel, by: string): void {
  for (const { start, end } of k.world.rows('memblock_memory')) {
    const shift = pageShift(k);
    k.world.set('direct_map', Number(start >> shift), Number(end >> shift), { by });
  }
}

/** "System RAM" for each range of memory, then what the lab lists of the machine's buses. */
export function enterResources(k: Kernel): void {
  for (const { start, end } of k.world.rows('memblock_memory')) {
    insertByContainment(k, {
      start,
      end: end - 1n,
      name: 'System RAM',
      flags: 'MEM|SYSTEM_RAM|BUSY',
      desc: 'NONE',
    });
  }
  for (const { start, end, name } of k.facts.machine.resources) {
    insertByContainment(k, { start, end, name, flags: 'MEM', desc: 'NONE' });
  }
}
