import type { RowOf } from '../../../../shared/world/tables.ts';
import type { World } from '../../core/world/world.ts';

type Zone = RowOf<'zones'>;

/** WMARK_MIN, WMARK_LOW and WMARK_HIGH of a zone, in pages. */
export interface Watermarks {
  readonly min: number;
  readonly low: number;
  readonly high: number;
}

/** Bounds of min_free_kbytes in calculate_min_free_kbytes(). */
const MIN_FREE_KBYTES = { least: 128, most: 262144 };
/** sysctl watermark_scale_factor: 10 of 10,000. */
const WATERMARK_SCALE_FACTOR = 10;
/** sysctl lowmem_reserve_ratio, by zone name (mm/page_alloc.c:sysctl_lowmem_reserve_ratio). */
const LOWMEM_RESERVE_RATIO: Readonly<Record<string, number>> = { DMA: 256, DMA32: 256, Normal: 32 };

/** Zones that is_highmem() and ZONE_MOVABLE leave out of lowmem_pages. */
function isLow({ name }: Zone): boolean {
  return name !== 'HighMem' && name !== 'Movable';
}

/**
 * calculate_min_free_kbytes() and __setup_per_zone_wmarks() from the managed pages there are.
 * They are the marks of the machine alone: a running kernel has fewer managed pages, and
 * transparent huge pages raise min_free_kbytes there.
 *
 * @param pageKib size of a page in KiB
 */
export function zoneWatermarks(world: World, zone: Zone, pageKib: number): Watermarks {
  let lowmem = 0;
  for (const row of world.rows('zones')) if (isLow(row)) lowmem += row.managed_pages;
  if (lowmem === 0) return { min: 0, low: 0, high: 0 };
  const wanted = Math.floor(Math.sqrt(lowmem * pageKib * 16));
  const kbytes = Math.min(Math.max(wanted, MIN_FREE_KBYTES.least), MIN_FREE_KBYTES.most);
  const pagesMin = Math.floor(kbytes / pageKib);
  const share = Math.floor((pagesMin * zone.managed_pages) / lowmem);
  const min = isLow(zone)
    ? share
    : Math.min(Math.max(Math.floor(zone.managed_pages / 1024), 32), 128);
  const step = Math.max(
    Math.floor(share / 4),
    Math.floor((zone.managed_pages * WATERMARK_SCALE_FACTOR) / 10000),
  );
  return { min, low: min + step, high: min + 2 * step };
}

/**
 * setup_per_zone_lowmem_reserve(): pages of `zone` kept from allocations that could have been had
 * from a zone as high as `highest`.
 */
export function lowmemReserve(world: World, zone: Zone, highest: number): number {
  const ratio = LOWMEM_RESERVE_RATIO[zone.name];
  if (ratio === undefined || highest <= zone.index) return 0;
  let above = 0;
  for (let index = zone.index + 1; index <= highest; index += 1) {
    above += world.get('zones', zone.nid * 8 + index)?.managed_pages ?? 0;
  }
  return Math.floor(above / ratio);
}

/**
 * __zone_watermark_ok(), asked `count` times in a row: how many blocks may leave the zone before
 * what is left would be at the mark or below.
 *
 * @param free pages free in the zone
 * @param mark the watermark and the lowmem reserve together
 */
export function blocksAbove(free: number, mark: number, order: number): number {
  const size = 2 ** order;
  return Math.max(0, Math.ceil((free - (size - 1) - mark) / size));
}
