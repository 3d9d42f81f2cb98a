import type { Kernel } from '../facts.ts';
import { add_pages, arch_add_memory } from '../hotplug/add-pages.ts';
import { mem_hotplug_begin, mem_hotplug_done, numa_mem_id } from '../hotplug/lock.ts';
import { mhp_range_allowed } from '../hotplug/mhp-range.ts';
import { warnOnce } from '../hotplug/variables.ts';
import { move_pfn_range_to_zone, zoneDevice } from '../hotplug/zone-span.ts';
import { region_intersects } from '../resource/region-intersects.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../world/operation.ts';
import { holdsPageRefs } from './device-types.ts';
import { memmap_init_zone_device } from './init-pages.ts';
import { pfn_len, rangePfns, typeName } from './pagemap.ts';
import {
  get_dev_pagemap,
  pgmap_array_delete,
  put_dev_pagemap,
  xa_store_range,
  type ByteRange,
} from './pgmap-array.ts';
import { percpu_ref_get_many } from './pgmap-ref.ts';

/** One range of a pagemap; `range_id` counts from 0. */
export interface RangeParams {
  readonly pgmap: string;
  readonly range_id: number;
}

/** PAT's books on the range. pfnlab keeps none: a range no other driver maps is always granted. */
const track_pfn_remap = leaf<ByteRange, number>(
  (k) =>
    k.facts.era.get('pagemap_pfn_tracking') === 'pfnmap' ? 'pfnmap_track' : 'track_pfn_remap',
  'arch/x86/mm/pat/memtype.c:track_pfn_remap',
  () => 0,
  { basis: 'model' },
);

export const untrack_pfn = leaf<ByteRange, void>(
  (k) => (k.facts.era.get('pagemap_pfn_tracking') === 'pfnmap' ? 'pfnmap_untrack' : 'untrack_pfn'),
  'arch/x86/mm/pat/memtype.c:untrack_pfn',
  () => undefined,
  { basis: 'model' },
);

/** The range as it is added: before sub-section hotplug rounded outwards to whole sections. */
export function addedRange(k: Kernel, { start, end }: ByteRange): ByteRange {
  if (k.facts.era.get('subsection_hotplug')) return { start, end };
  const size = 1n << BigInt(k.facts.arch.section_size_bits);
  return { start: (start / size) * size, end: (end / size + 1n) * size - 1n };
}

const CONFLICT = 'Conflicting mapping in same section';

/** Refuses a range whose first or last page has a live pagemap; the middle is not looked at. */
function* conflicting(k: Kernel, first: number, last: number): Operation<Outcome<void>> {
  if (k.facts.era.get('pagemap_conflict_errno') === 'EBUSY') {
    const [row] = k.world.overlapping('pgmap_array', first, last + 1);
    return row ? fail('EBUSY', `${row.pgmap} is in the way`) : undefined;
  }
  for (const pfn of [first, last]) {
    const pgmap = yield* call(get_dev_pagemap, { pfn });
    if (pgmap === null) continue;
    k.printk('warn', CONFLICT);
    yield* call(put_dev_pagemap, { pgmap });
    return fail('ENOMEM', `get_dev_pagemap(${pfn}): ${CONFLICT}`);
  }
  return undefined;
}

/**
 * pagemap_range(): one range of memremap_pages, from the checks to initialised struct pages.
 * What a failing __add_pages leaves behind (direct map, sections before the failing one) stays.
 * @returns 0; 1 where the range was System RAM and an old kernel hands out its direct mapping
 */
export const pagemap_range = operation<RangeParams, Outcome<number>>(
  'pagemap_range',
  'mm/memremap.c:pagemap_range',
  function* (k, { pgmap: id, range_id }) {
    const pgmap = k.world.need('pgmaps', id);
    const range = addedRange(k, pgmap.ranges[range_id] as ByteRange);
    const { pfn, nr_pages } = rangePfns(k, range);
    if (pgmap.altmap && range_id > 0) {
      k.printk('warn', 'altmap not supported for multiple ranges');
      return fail('EINVAL', 'pgmap_altmap(pgmap) && range_id > 0');
    }
    const last = Number(range.end >> BigInt(k.facts.arch.page_shift));
    const conflict = yield* conflicting(k, pfn, last);
    if (failed(conflict)) return conflict;
    const size = BigInt.asUintN(64, range.end - range.start + 1n);
    const ram = yield* call(region_intersects, { start: range.start, size });
    if (ram === 'REGION_INTERSECTS' && k.facts.era.get('pagemap_on_ram')) return 1;
    if (ram !== 'REGION_DISJOINT') {
      const kind = ram === 'REGION_MIXED' ? 'mixed' : 'ram';
      const text = `attempted on ${kind} region ${hex(range.start)}-${hex(range.end)}`;
      warnOnce(k, 'mm/memremap.c:region', text);
      return fail('ENXIO', `region_intersects() != REGION_DISJOINT: ${text}`);
    }
    const stored = yield* call(xa_store_range, { start: range.start, end: range.end, pgmap: id });
    if (failed(stored)) return stored;
    if (pgmap.nid < 0) k.world.patch('pgmaps', id, { nid: yield* call(numa_mem_id, {}) });
    yield* call(track_pfn_remap, range);
    const error = yield* addRange(k, { pgmap: id, range_id });
    if (failed(error)) {
      yield* call(untrack_pfn, range);
      yield* call(pgmap_array_delete, range);
      return error;
    }
    yield* call(memmap_init_zone_device, { start_pfn: pfn, nr_pages, pgmap: id });
    if (holdsPageRefs(k, typeName(pgmap))) {
      const now = k.world.need('pgmaps', id);
      yield* call(percpu_ref_get_many, { pgmap: id, nr: pfn_len(k, now, range_id) });
    }
    return 0;
  },
);

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}

/** The part of pagemap_range under the hotplug lock: memory in, zone Device widened. */
function* addRange(k: Kernel, { pgmap: id, range_id }: RangeParams): Operation<Outcome<void>> {
  const pgmap = k.world.need('pgmaps', id);
  const { nid } = pgmap;
  const range = addedRange(k, pgmap.ranges[range_id] as ByteRange);
  const { pfn, nr_pages } = rangePfns(k, range);
  const needMapping = typeName(pgmap) !== 'PRIVATE';
  if (k.facts.era.get('mhp_range_checked')) {
    const size = range.end - range.start + 1n;
    const where = { start: range.start, size, need_mapping: needMapping };
    if (!(yield* call(mhp_range_allowed, where))) {
      return fail('EINVAL', '!mhp_range_allowed(range->start, range_len(range))');
    }
  }
  if (!k.world.get('nodes', nid)) {
    return fail('EFAULT', `oops: NODE_DATA(${nid}) is NULL, there is no node ${nid}`);
  }
  yield* call(mem_hotplug_begin, {});
  const altmap = pgmap.altmap ? id : null;
  const params = { nid, pfn, nr_pages, altmap, pgmap: id };
  const error = needMapping ? yield* call(arch_add_memory, params) : yield* call(add_pages, params);
  if (!failed(error)) {
    const zone = zoneDevice(k);
    yield* call(move_pfn_range_to_zone, { nid, zone, start_pfn: pfn, nr_pages, altmap });
  }
  yield* call(mem_hotplug_done, {});
  return error;
}
