import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel, View } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';
import { shiftTarget, zoneCanShift } from './zone-boundary.ts';
import { autoMovableChoosesMovable, type AutoMovable } from './auto-movable.ts';
import { memory_group_find_by_id } from './memory-group.ts';
import { autoMovable, type OnlineType } from './mhp-params.ts';

type Zone = RowOf<'zones'>;

/** PFNs of a node's memory that is to go online. */
export interface BlockRange {
  readonly nid: number;
  readonly start_pfn: number;
  readonly nr_pages: number;
  /** Number of the memory group the block belongs to. */
  readonly group?: number | null;
}

function zoneIndex(k: View, name: string): number {
  return k.facts.arch.zones.indexOf(name);
}

/** include/linux/mmzone.h:zone_intersects: by span, whatever holes it has. */
function zone_intersects(zone: Zone | undefined, { start_pfn, nr_pages }: BlockRange): boolean {
  if (!zone || zone.spanned_pages === 0) return false;
  const end = zone.zone_start_pfn + zone.spanned_pages;
  return start_pfn < end && start_pfn + nr_pages > zone.zone_start_pfn;
}

/** default_kernel_zone_for_pfn(): the lowest kernel zone that spans part of it, else Normal. */
function default_kernel_zone_for_pfn(k: View, range: BlockRange): number {
  const normal = zoneIndex(k, 'Normal');
  for (let index = 0; index < normal; index += 1) {
    if (zone_intersects(k.world.get('zones', range.nid * 8 + index), range)) return index;
  }
  return normal;
}

/** default_zone_for_pfn(): the zone already there; with none or both, what movable_node says. */
function default_zone_for_pfn(k: View, range: BlockRange): number {
  const kernel = default_kernel_zone_for_pfn(k, range);
  const movable = zoneIndex(k, 'Movable');
  const inKernel = zone_intersects(k.world.get('zones', range.nid * 8 + kernel), range);
  const inMovable = zone_intersects(k.world.get('zones', range.nid * 8 + movable), range);
  if (inKernel !== inMovable) return inKernel ? kernel : movable;
  return k.world.get('vars', 'movable_node_enabled')?.value === true ? movable : kernel;
}

/** auto_movable_zone_for_pfn(): Movable while the ratio allows it, else the kernel zone. */
function auto_movable_zone_for_pfn(k: View, range: BlockRange, policy: AutoMovable): number {
  const { group: mgid } = range;
  const group = mgid === undefined || mgid === null ? undefined : memory_group_find_by_id(k, mgid);
  return autoMovableChoosesMovable(k, range, group, policy)
    ? zoneIndex(k, 'Movable')
    : default_kernel_zone_for_pfn(k, range);
}

/** The index of the zone that a range would join, without changing anything. */
function zoneFor(k: View, type: OnlineType, range: BlockRange): number {
  if (type === 'online_kernel') return default_kernel_zone_for_pfn(k, range);
  if (type === 'online_movable') return zoneIndex(k, 'Movable');
  const policy = autoMovable(k);
  return policy ? auto_movable_zone_for_pfn(k, range, policy) : default_zone_for_pfn(k, range);
}

/** zone_for_pfn_range(): the zone that memory joins when it goes online. */
export const zone_for_pfn_range = leaf<BlockRange & { online_type: OnlineType }, number>(
  'zone_for_pfn_range',
  'mm/memory_hotplug.c:zone_for_pfn_range',
  (k: Kernel, params) => {
    const zone = zoneFor(k, params.online_type, params);
    k.note(`zone ${k.facts.arch.zones[zone] ?? zone}`);
    return zone;
  },
);

/** Before 4.13: the zone the pages have, then those that the boundary can move over them to. */
function zonesInReach(k: View, range: BlockRange, own: number): string {
  const zones = new Set([own]);
  for (const type of ['online_kernel', 'online_movable'] as const) {
    const target = shiftTarget(k, own, type);
    if (zoneCanShift(k, range, own, target) === undefined) zones.add(target);
  }
  return [...zones].map((zone) => k.facts.arch.zones[zone]).join(' ');
}

/**
 * valid_zones of an offline block: the default first, then the kernel and movable alternatives
 * that differ from it (drivers/base/memory.c:valid_zones_show).
 */
export function validZones(k: View, range: BlockRange): string {
  const own = k.world.at('pages', range.start_pfn)?.zone;
  if (!k.facts.era.get('zone_chosen_at_online') && own !== undefined) {
    return zonesInReach(k, range, own);
  }
  const types: OnlineType[] = ['online', 'online_kernel', 'online_movable'];
  const zones = new Set(types.map((type) => zoneFor(k, type, range)));
  return [...zones].map((zone) => k.facts.arch.zones[zone]).join(' ');
}
