import { SECTION_IS_ONLINE } from '../../core/section-flags.ts';
import type { MemoryGroup } from './memory-group.ts';
import type { View } from '../../core/facts.ts';

/** memory_hotplug.auto_movable_ratio (percent) and auto_movable_numa_aware. */
export interface AutoMovable {
  readonly ratio: number;
  readonly numa_aware: boolean;
}

/** PFNs that are to go online, and the group of their memory block. */
interface Range {
  readonly nid: number;
  readonly start_pfn: number;
  readonly nr_pages: number;
}

function zoneIndex(k: View, name: string): number {
  return k.facts.arch.zones.indexOf(name);
}

/**
 * What the other dynamic groups ask for: kernel memory inside such a group allows for more movable
 * memory of the same group only (auto_movable_stats_account_group).
 */
function otherGroups(
  k: View,
  nid: number | undefined,
  own: MemoryGroup | undefined,
  ratio: number,
) {
  let movable = 0;
  let early = 0;
  for (const group of k.world.rows('memory_groups')) {
    if (!group.is_dynamic || group.mgid === own?.mgid) continue;
    if (nid !== undefined && group.nid !== nid) continue;
    const pages = Math.floor((group.present_movable_pages * 100) / ratio);
    early += Math.max(0, pages - group.present_kernel_pages);
    movable += group.present_movable_pages;
  }
  return { movable, early };
}

/**
 * auto_movable_can_online_movable(): with `pages` more, do movable pages stay below the ratio of
 * early kernel pages? On one node, or (undefined) on all.
 */
function canOnlineMovable(
  k: View,
  nid: number | undefined,
  group: MemoryGroup | undefined,
  pages: number,
  ratio: number,
): boolean {
  const movableZone = zoneIndex(k, 'Movable');
  let early = 0;
  let movable = pages;
  for (const zone of k.world.rows('zones')) {
    if ((nid !== undefined && zone.nid !== nid) || zone.present_pages === 0) continue;
    if (zone.index === movableZone) movable += zone.present_pages;
    else early += zone.present_early_pages;
  }
  const others = otherGroups(k, nid, group, ratio);
  if (early <= others.early) return false;
  early -= others.early;
  movable -= others.movable;
  if (group?.is_dynamic) early += group.present_kernel_pages;
  return movable <= Math.floor((ratio * early) / 100);
}

/** Pages of the unit that are online and movable; undefined where one is online and is not. */
function movableInUnit(k: View, start_pfn: number, unit: number): number | undefined {
  const per = k.facts.arch.pages_per_section;
  const first = Math.floor(start_pfn / unit) * unit;
  const movable = zoneIndex(k, 'Movable');
  let pages = 0;
  for (let pfn = first; pfn < first + unit; pfn += per) {
    const flags = k.world.at('sections', pfn / per)?.flags ?? 0;
    if ((flags & SECTION_IS_ONLINE) === 0) continue;
    if (k.world.at('pages', pfn)?.zone !== movable) return undefined;
    pages += per;
  }
  return pages;
}

/**
 * Does auto_movable_zone_for_pfn() choose ZONE_MOVABLE? A static group goes online all movable or
 * all kernel; of a dynamic group each unit does.
 */
export function autoMovableChoosesMovable(
  k: View,
  { nid, start_pfn, nr_pages }: Range,
  group: MemoryGroup | undefined,
  { ratio, numa_aware }: AutoMovable,
): boolean {
  if (ratio === 0) return false;
  let left = nr_pages;
  if (group && !group.is_dynamic) {
    if (group.present_kernel_pages > 0) return false;
    left = group.pages - group.present_movable_pages;
  } else if (group && group.pages !== nr_pages) {
    const there = movableInUnit(k, start_pfn, group.pages);
    if (there === undefined) return false;
    left = group.pages - there;
  }
  if (!canOnlineMovable(k, undefined, group, left, ratio)) return false;
  return !numa_aware || canOnlineMovable(k, nid, group, left, ratio);
}
