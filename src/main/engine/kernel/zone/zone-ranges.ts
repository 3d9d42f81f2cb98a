import type { Kernel } from '../../core/facts.ts';
import { memPfnRanges } from '../memblock/memblock.ts';
import { setVar } from '../../core/world/variables.ts';
import { maxZonePfns } from './arch-limits.ts';

/** Possible PFNs of each zone, by zone index; `high` exclusive (arch_zone_*_possible_pfn). */
export interface ZoneLimits {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Index of a zone by name, -1 where this configuration has none. */
export function zoneIndex(k: Kernel, name: string): number {
  return k.facts.arch.zones.indexOf(name);
}

/**
 * Each zone begins where the one before ended; the first at the start of DRAM. Movable has no
 * range of its own, Device none at boot (mm_init.c:free_area_init). Kept in the kernel's arrays.
 */
export function possibleZoneRanges(k: Kernel): ZoneLimits {
  const max = maxZonePfns(k);
  const movable = zoneIndex(k, 'Movable');
  const low: number[] = [];
  const high: number[] = [];
  let start = memPfnRanges(k)[0]?.start ?? 0;
  max.forEach((limit, zone) => {
    if (zone === movable) {
      low.push(0);
      high.push(0);
      return;
    }
    const end = Math.max(limit, start);
    low.push(start);
    high.push(end);
    start = end;
  });
  k.facts.arch.zones.forEach((name, zone) => {
    setVar(k, `arch_zone_lowest_possible_pfn[${name}]`, low[zone] ?? 0);
    setVar(k, `arch_zone_highest_possible_pfn[${name}]`, high[zone] ?? 0);
  });
  return { low, high };
}
