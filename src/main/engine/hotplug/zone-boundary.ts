import type { RowOf } from '../../../shared/world/tables.ts';
import { enabled } from '../arch/config.ts';
import type { Kernel } from '../facts.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../world/operation.ts';
import type { OnlineType } from './mhp-params.ts';
import type { BlockRange } from './zone-for-pfn-range.ts';

type Zone = RowOf<'zones'>;

function end(zone: Zone): number {
  return zone.zone_start_pfn + zone.spanned_pages;
}

function zoneNamed(k: Kernel, nid: number, name: string): Zone {
  return k.world.need('zones', nid * 8 + k.facts.arch.zones.indexOf(name));
}

/** resize_zone(): PFNs, end exclusive; nothing left makes the zone empty, at 0. */
function resize_zone(k: Kernel, { key }: Zone, from: number, to: number): void {
  const spanned_pages = Math.max(0, to - from);
  k.world.patch('zones', key, { zone_start_pfn: spanned_pages > 0 ? from : 0, spanned_pages });
}

/** move_pfn_range_left(): the leftmost part of Movable joins Normal. */
const move_pfn_range_left = leaf<BlockRange, Outcome<void>>(
  'move_pfn_range_left',
  'mm/memory_hotplug.c:move_pfn_range_left',
  (k, { nid, start_pfn, nr_pages }) => {
    const normal = zoneNamed(k, nid, 'Normal');
    const movable = zoneNamed(k, nid, 'Movable');
    const end_pfn = start_pfn + nr_pages;
    if (start_pfn > movable.zone_start_pfn) {
      return fail('EINVAL', 'start_pfn > z2->zone_start_pfn: not the left end of Movable');
    }
    const from = normal.spanned_pages === 0 ? start_pfn : normal.zone_start_pfn;
    resize_zone(k, normal, from, end_pfn);
    resize_zone(k, movable, end_pfn, end(movable));
    k.world.update('pages', start_pfn, end_pfn, { zone: normal.index });
    return undefined;
  },
);

/** move_pfn_range_right(): the rightmost part of Normal joins Movable. */
const move_pfn_range_right = leaf<BlockRange, Outcome<void>>(
  'move_pfn_range_right',
  'mm/memory_hotplug.c:move_pfn_range_right',
  (k, { nid, start_pfn, nr_pages }) => {
    const normal = zoneNamed(k, nid, 'Normal');
    const movable = zoneNamed(k, nid, 'Movable');
    const end_pfn = start_pfn + nr_pages;
    if (end(normal) > end_pfn) {
      return fail('EINVAL', 'zone_end_pfn(z1) > end_pfn: not the right end of Normal');
    }
    const to = movable.spanned_pages === 0 ? end_pfn : end(movable);
    resize_zone(k, normal, normal.zone_start_pfn, start_pfn);
    resize_zone(k, movable, start_pfn, to);
    k.world.update('pages', start_pfn, end_pfn, { zone: movable.index });
    return undefined;
  },
);

/** can_online_high_movable(): without MOVABLE_NODE a node needs kernel memory first. */
function canOnlineMovable(k: Kernel, nid: number, movable: number): boolean {
  if (enabled(k.facts.config, 'MOVABLE_NODE')) return true;
  return [...k.world.rows('zones')].some(
    (zone) => zone.nid === nid && zone.index < movable && zone.present_pages > 0,
  );
}

/**
 * The zone a range goes online in, before 4.8: the zone its pages got when they were added, or
 * its neighbour where the boundary between Normal and Movable can move over the range. -EINVAL
 * where it cannot.
 */
export const zone_at_online = operation<BlockRange & { online_type: OnlineType }, Outcome<number>>(
  'page_zone',
  'mm/memory_hotplug.c:online_pages',
  function* (k, { nid, start_pfn, nr_pages, online_type }) {
    const { zones } = k.facts.arch;
    const normal = zones.indexOf('Normal');
    const movable = zones.indexOf('Movable');
    const zone = k.world.at('pages', start_pfn)?.zone ?? normal;
    const wantsMovable = zone > normal || online_type === 'online_movable';
    if (wantsMovable && !canOnlineMovable(k, nid, movable)) {
      return fail('EINVAL', '!can_online_high_movable(zone)');
    }
    const range = { nid, start_pfn, nr_pages };
    const left = online_type === 'online_kernel' && zone === movable;
    const right = online_type === 'online_movable' && zone === normal;
    if (!left && !right) return zone;
    const moved = yield* call(left ? move_pfn_range_left : move_pfn_range_right, range);
    if (failed(moved)) return moved;
    return left ? normal : movable;
  },
);
