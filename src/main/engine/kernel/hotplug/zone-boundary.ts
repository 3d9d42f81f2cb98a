import type { RowOf } from '../../../../shared/world/tables.ts';
import { enabled } from '../../core/arch/config.ts';
import type { Kernel, View } from '../../core/facts.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import type { OnlineType } from './mhp-params.ts';
import type { BlockRange } from './zone-for-pfn-range.ts';

type Zone = RowOf<'zones'>;

/** PFNs that go from zone `z1` to its higher neighbour `z2`, or back; indices in enum zone_type. */
interface Move extends BlockRange {
  readonly z1: number;
  readonly z2: number;
}

function end(zone: Zone): number {
  return zone.zone_start_pfn + zone.spanned_pages;
}

function zoneAt(k: View, nid: number, index: number): Zone {
  return k.world.need('zones', nid * 8 + index);
}

/** resize_zone(): PFNs, end exclusive; nothing left makes the zone empty, at 0. */
function resize_zone(k: Kernel, { key }: Zone, from: number, to: number): void {
  const spanned_pages = Math.max(0, to - from);
  k.world.patch('zones', key, { zone_start_pfn: spanned_pages > 0 ? from : 0, spanned_pages });
}

/** move_pfn_range_left(): the leftmost part of z2 joins z1. */
const move_pfn_range_left = leaf<Move, Outcome<void>>(
  'move_pfn_range_left',
  'mm/memory_hotplug.c:move_pfn_range_left',
  (k, { nid, start_pfn, nr_pages, z1, z2 }) => {
    const left = zoneAt(k, nid, z1);
    const right = zoneAt(k, nid, z2);
    const end_pfn = start_pfn + nr_pages;
    if (start_pfn > right.zone_start_pfn) {
      return fail('EINVAL', `start_pfn > z2->zone_start_pfn: not the left end of ${right.name}`);
    }
    const from = left.spanned_pages === 0 ? start_pfn : left.zone_start_pfn;
    resize_zone(k, left, from, end_pfn);
    resize_zone(k, right, end_pfn, end(right));
    k.world.update('pages', start_pfn, end_pfn, { zone: left.index });
    return undefined;
  },
);

/** move_pfn_range_right(): the rightmost part of z1 joins z2. */
const move_pfn_range_right = leaf<Move, Outcome<void>>(
  'move_pfn_range_right',
  'mm/memory_hotplug.c:move_pfn_range_right',
  (k, { nid, start_pfn, nr_pages, z1, z2 }) => {
    const left = zoneAt(k, nid, z1);
    const right = zoneAt(k, nid, z2);
    const end_pfn = start_pfn + nr_pages;
    if (end(left) > end_pfn) {
      return fail('EINVAL', `zone_end_pfn(z1) > end_pfn: not the right end of ${left.name}`);
    }
    const to = right.spanned_pages === 0 ? end_pfn : end(right);
    resize_zone(k, left, left.zone_start_pfn, start_pfn);
    resize_zone(k, right, start_pfn, to);
    k.world.update('pages', start_pfn, end_pfn, { zone: right.index });
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
 * Up to 4.7: the zone that what was written asks for, where it is the neighbour across the boundary
 * of Normal and Movable; -EINVAL follows where the boundary cannot move.
 */
function neighbour(k: View, zone: number, online_type: OnlineType): number {
  const normal = k.facts.arch.zones.indexOf('Normal');
  const movable = k.facts.arch.zones.indexOf('Movable');
  if (online_type === 'online_kernel' && zone === movable) return normal;
  return online_type === 'online_movable' && zone === normal ? movable : zone;
}

/**
 * zone_can_shift() of 4.8 to 4.12, without changing anything: can the range leave its zone for
 * `target`? It must lie at that end of its zone, with no other zone in use in between.
 */
export function zoneCanShift(
  k: View,
  { nid, start_pfn, nr_pages }: BlockRange,
  zone: number,
  target: number,
): string | undefined {
  const own = zoneAt(k, nid, zone);
  if (zone < target && start_pfn + nr_pages !== end(own)) {
    return 'pfn + nr_pages != zone_end_pfn(zone)';
  }
  if (target < zone && start_pfn !== own.zone_start_pfn) return 'pfn != zone->zone_start_pfn';
  for (let at = Math.min(zone, target) + 1; at < Math.max(zone, target); at += 1) {
    // zone_is_initialized(): since init_currently_empty_zone(); a zone with a span is.
    const between = zoneAt(k, nid, at);
    if (between.spanned_pages > 0) return `zone_is_initialized(${between.name})`;
  }
  return undefined;
}

/** The zone a word asks for, 4.8 to 4.12: `online` keeps the pages' own. */
export function shiftTarget(k: View, zone: number, online_type: OnlineType): number {
  if (online_type === 'online_kernel') return k.facts.arch.zones.indexOf('Normal');
  if (online_type === 'online_movable') return k.facts.arch.zones.indexOf('Movable');
  return zone;
}

const zone_can_shift = leaf<BlockRange & { zone: number; target: number }, Outcome<number>>(
  'zone_can_shift',
  'mm/memory_hotplug.c:zone_can_shift',
  (k, { zone, target, ...range }) => {
    const problem = zoneCanShift(k, range, zone, target);
    if (problem === undefined) return target - zone;
    // Until 4.10 "cannot" and "need not" were both 0: the range goes online where it is.
    if (k.facts.era.get('zone_can_shift_fails')) return fail('EINVAL', problem);
    k.note(`${problem}: returns 0, so the range stays in its zone`);
    return 0;
  },
);

/**
 * The zone a range goes online in, before 4.13: the zone its pages got when they were added, or
 * another where the boundary between zones can move over the range. -EINVAL where it cannot.
 */
export const zone_at_online = operation<BlockRange & { online_type: OnlineType }, Outcome<number>>(
  'page_zone',
  'mm/memory_hotplug.c:online_pages',
  function* (k, { nid, start_pfn, nr_pages, online_type }) {
    const { zones } = k.facts.arch;
    const normal = zones.indexOf('Normal');
    const zone = k.world.at('pages', start_pfn)?.zone ?? normal;
    const wantsMovable = zone > normal || online_type === 'online_movable';
    if (wantsMovable && !canOnlineMovable(k, nid, zones.indexOf('Movable'))) {
      return fail('EINVAL', '!can_online_high_movable(zone)');
    }
    const range = { nid, start_pfn, nr_pages };
    let target = neighbour(k, zone, online_type);
    if (!k.facts.era.get('online_shifts_boundary')) {
      const wanted = shiftTarget(k, zone, online_type);
      const shift =
        wanted === zone ? 0 : yield* call(zone_can_shift, { ...range, zone, target: wanted });
      if (failed(shift)) return shift;
      target = zone + shift;
    }
    if (target === zone) return zone;
    const [z1, z2] = target < zone ? [target, zone] : [zone, target];
    const move = target < zone ? move_pfn_range_left : move_pfn_range_right;
    const moved = yield* call(move, { ...range, z1, z2 });
    return failed(moved) ? moved : target;
  },
);
