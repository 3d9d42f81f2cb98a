import { E820_TYPE } from '../../../../shared/lab/machine.ts';
import type { Kernel } from '../../core/facts.ts';
import { hex, mem16, mem8 } from '../memblock/range-text.ts';
import { pfnDown } from '../memblock/pages.ts';

/** What e820_print_type() calls a type. */
const PRINTED: Readonly<Record<string, string>> = {
  usable: 'usable',
  'reserved-kern': 'usable',
  reserved: 'reserved',
  'soft-reserved': 'soft reserved',
  acpi: 'ACPI data',
  nvs: 'ACPI NVS',
  unusable: 'unusable',
  pmem: 'persistent (type 7)',
  'pmem-legacy': 'persistent (type 12)',
};

/** The same in 7.2's words, where they differ. */
const PRINTED_NOW: Readonly<Record<string, string>> = {
  usable: 'System RAM',
  'reserved-kern': 'System RAM',
  reserved: 'device reserved',
  pmem: 'persistent RAM (type 7)',
  'pmem-legacy': 'persistent RAM (type 12)',
};

/** What an entry counts for; one of a type that is not known is reserved memory. */
const NUMBER: Readonly<Record<string, number>> = E820_TYPE;

/** e820.c:e820_nomerge: adjacent entries of these types stay separate. */
const NEVER_MERGED = new Set(['pmem-legacy', 'soft-reserved']);

export function e820TypeName(number: number): string | undefined {
  return Object.keys(NUMBER).find((name) => NUMBER[name] === number);
}

function e820TypeText(k: Kernel, type: string): string {
  const now = k.facts.era.get('e820_log_gaps') ? PRINTED_NOW[type] : undefined;
  return now ?? PRINTED[type] ?? type;
}

/** Prints the table, a line an entry, since 7.x with the gaps between (e820__print_table). */
export function e820PrintTable(k: Kernel, who: string): void {
  const gaps = k.facts.era.get('e820_log_gaps');
  let previous = 0n;
  for (const { start, end, type } of k.world.rows('e820')) {
    if (gaps && start > previous) {
      k.printk('info', `${who}: [gap ${hex(previous, 16)}-${hex(start - 1n, 16)}]`);
    }
    const space = gaps ? '  ' : ' ';
    k.printk('info', `${who}: ${mem16(start, end)}${space}${e820TypeText(k, type)}`);
    previous = end;
  }
}

/**
 * Adds an entry, then settles overlaps as e820__update_table() does: the larger type wins.
 * `end` is exclusive.
 */
export function e820RangeAdd(k: Kernel, start: bigint, end: bigint, type: string): void {
  if (start >= end) return;
  const mine = NUMBER[type] ?? E820_TYPE.reserved;
  const entry = NEVER_MERGED.has(type) ? k.world.count('e820') + 1 : 0;
  const there = k.world.overlapping('e820', start, end);
  let at = start;
  for (const row of there) {
    const from = row.start > start ? row.start : start;
    if (at < from) k.world.set('e820', at, from, { type, entry });
    const to = row.end < end ? row.end : end;
    if (mine > (NUMBER[row.type] ?? E820_TYPE.reserved))
      k.world.set('e820', from, to, { type, entry });
    at = to;
  }
  if (at < end) k.world.set('e820', at, end, { type, entry });
}

/** Changes parts of one type into another (e820.c:__e820__range_update). Null: of any type. */
export function e820RangeUpdate(
  k: Kernel,
  start: bigint,
  end: bigint,
  from: string | null,
  to: string,
): void {
  const entry = NEVER_MERGED.has(to) ? k.world.count('e820') + 1 : 0;
  k.printk(
    'debug',
    `e820: update ${mem8(start, end)} ${e820TypeText(k, from ?? 'usable')} ==> ${e820TypeText(k, to)}`,
  );
  for (const row of k.world.overlapping('e820', start, end)) {
    if (from !== null && row.type !== from) continue;
    const first = row.start > start ? row.start : start;
    const last = row.end < end ? row.end : end;
    k.world.set('e820', first, last, { type: to, entry });
  }
}

/** Removes parts of one type, or of any (e820.c:e820__range_remove). */
export function e820RangeRemove(k: Kernel, start: bigint, end: bigint, from: string | null): void {
  const type = from === null ? '' : ` ${e820TypeText(k, from)}`;
  k.printk('debug', `e820: remove ${mem8(start, end)}${type}`);
  for (const row of k.world.overlapping('e820', start, end)) {
    if (from !== null && row.type !== from) continue;
    const first = row.start > start ? row.start : start;
    const last = row.end < end ? row.end : end;
    k.world.clear('e820', first, last);
  }
}

/**
 * Highest end of RAM below `limit`, in PFNs (e820.c:e820_end_pfn). Before 4.10 E820_TYPE_PRAM
 * counts as well.
 */
export function e820EndPfn(k: Kernel, limit: number): number {
  const pram = k.facts.era.get('pram_counts_as_ram');
  const maxArchPfn = 2 ** (k.facts.arch.max_physmem_bits - k.facts.arch.page_shift);
  let last = 0;
  for (const { start, end, type } of k.world.rows('e820')) {
    if (type !== 'usable' && !(pram && type === 'pmem-legacy')) continue;
    if (pfnDown(start) >= limit) continue;
    const endPfn = pfnDown(end);
    if (endPfn > limit) {
      last = limit;
      break;
    }
    if (endPfn > last) last = endPfn;
  }
  last = Math.min(last, maxArchPfn);
  k.printk('info', `last_pfn = 0x${last.toString(16)} max_arch_pfn = 0x${maxArchPfn.toString(16)}`);
  return last;
}
