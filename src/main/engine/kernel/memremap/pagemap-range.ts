import type { Kernel } from '../../core/facts.ts';
import { add_pages, arch_add_memory } from '../hotplug/arch-add-memory.ts';
import { numa_mem_id } from '../buddy/numa-mem-id.ts';
import { mem_hotplug_begin, mem_hotplug_done } from '../hotplug/lock.ts';
import { mhp_range_allowed } from '../hotplug/mhp-range.ts';
import { warnOnce } from '../../core/world/variables.ts';
import { move_pfn_range_to_zone } from '../hotplug/zone-span.ts';
import { zoneDevice } from '../zone/zone-device.ts';
import { region_intersects } from '../resource/region-intersects.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { holdsPageRefs } from './device-types.ts';
import { isHmmPagemap } from '../pgmap/pagemap.ts';
import { memmap_init_zone_device } from './init-pages.ts';
import { pfn_first, pfn_len, rangePfns, typeName, type Pagemap } from '../pgmap/pagemap.ts';
import {
  get_dev_pagemap,
  pgmap_array_delete,
  put_dev_pagemap,
  xa_store_range,
  type ByteRange,
} from '../pgmap/pgmap-array.ts';
import { percpu_ref_get_many } from '../pgmap/pgmap-ref.ts';

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

/**
 * Refuses a range whose first or last page (as added) has a live pagemap; the middle is not looked
 * at. Before 4.20 every page of the exact range is, in the tree the pagemap will stand in; before
 * 4.5 there is no tree.
 */
function* conflicting(
  k: Kernel,
  pgmap: Pagemap,
  first: number,
  last: number,
): Operation<Outcome<void>> {
  if (!k.facts.era.get('page_has_pagemap')) return undefined;
  if (k.facts.era.get('pagemap_conflict_errno') === 'EBUSY') {
    const hmm = isHmmPagemap(k, pgmap.type);
    const exact = rangePfns(k, pgmap.ranges[0] as ByteRange);
    const [from, to] = hmm ? [first, last + 1] : [exact.pfn, exact.pfn + exact.nr_pages];
    const other = k.world
      .overlapping('pgmap_array', from, to)
      .find((row) => isHmmPagemap(k, k.world.get('pgmaps', row.pgmap)?.type ?? '') === hmm);
    if (!other) return undefined;
    k.printk('err', `range collides with mapping for ${other.pgmap}`);
    return fail('EBUSY', `${other.pgmap} is in the way`);
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
 * One range of memremap_pages, from the checks to initialised struct pages. What a failing
 * __add_pages leaves behind (direct map, sections before the failing one) stays.
 * @returns 0; 1 where the range was System RAM and an old kernel hands out its direct mapping
 */
export function* mapRange(
  k: Kernel,
  { pgmap: id, range_id }: RangeParams,
): Operation<Outcome<number>> {
  const pgmap = k.world.need('pgmaps', id);
  const exact = pgmap.ranges[range_id] as ByteRange;
  const range = addedRange(k, exact);
  const { pfn, nr_pages } = rangePfns(k, range);
  const hmm = isHmmPagemap(k, pgmap.type);
  if (pgmap.altmap && range_id > 0) {
    k.printk('warn', 'altmap not supported for multiple ranges');
    return fail('EINVAL', 'pgmap_altmap(pgmap) && range_id > 0');
  }
  const last = Number(range.end >> BigInt(k.facts.arch.page_shift));
  const ramFirst = k.facts.era.get('pagemap_on_ram');
  if (!ramFirst) {
    const conflict = yield* conflicting(k, pgmap, pfn, last);
    if (failed(conflict)) return conflict;
  }
  const size = BigInt.asUintN(64, range.end - range.start + 1n);
  const ram = yield* call(region_intersects, { start: range.start, size });
  if (ram === 'REGION_INTERSECTS' && ramFirst && !hmm) return 1;
  if (ram !== 'REGION_DISJOINT') {
    const kind = ram === 'REGION_MIXED' ? 'mixed' : 'ram';
    const text = `attempted on ${kind} region ${hex(range.start)}-${hex(range.end)}`;
    warnOnce(k, 'mm/memremap.c:region', text);
    return fail('ENXIO', `region_intersects() != REGION_DISJOINT: ${text}`);
  }
  if (ramFirst) {
    const conflict = yield* conflicting(k, pgmap, pfn, last);
    if (failed(conflict)) return conflict;
  }
  if (k.facts.era.get('page_has_pagemap')) {
    const stored = yield* call(xa_store_range, { ...exact, pgmap: id });
    if (failed(stored)) return stored;
  }
  if (pgmap.nid < 0) k.world.patch('pgmaps', id, { nid: yield* call(numa_mem_id, {}) });
  if (!hmm) yield* call(track_pfn_remap, range);
  const error = yield* addRange(k, { pgmap: id, range_id });
  if (failed(error)) {
    if (!hmm) yield* call(untrack_pfn, range);
    if (k.facts.era.get('page_has_pagemap')) yield* call(pgmap_array_delete, exact);
    return error;
  }
  if (k.facts.era.get('device_pages_deferred')) {
    yield* call(memmap_init_zone_device, { start_pfn: pfn, nr_pages, pgmap: id });
  } else yield* call(setPagemap, { pgmap: id, range_id });
  if (holdsPageRefs(k, typeName(pgmap))) {
    const now = k.world.need('pgmaps', id);
    yield* call(percpu_ref_get_many, { pgmap: id, nr: pfn_len(k, now, range_id) });
  }
  return 0;
}

/** pagemap_range(): one range of a pagemap that may have several. */
export const pagemap_range = operation<RangeParams, Outcome<number>>(
  'pagemap_range',
  'mm/memremap.c:pagemap_range',
  mapRange,
);

/**
 * 4.5 to 4.19: the pages were initialised under the hotplug lock; now the lru words of each data
 * page get its pagemap.
 */
const setPagemap = leaf<RangeParams, void>(
  'for_each_device_pfn',
  'kernel/memremap.c:devm_memremap_pages',
  (k, { pgmap: id, range_id }) => {
    if (!k.facts.era.get('page_has_pagemap')) return;
    const pgmap = k.world.need('pgmaps', id);
    const start = pfn_first(k, pgmap, range_id);
    k.world.update('pages', start, start + pfn_len(k, pgmap, range_id), { pgmap: id });
  },
  {
    covers: ({ pgmap: id, range_id }, k) => {
      const pgmap = k.world.need('pgmaps', id);
      const start = pfn_first(k, pgmap, range_id);
      const count = pfn_len(k, pgmap, range_id);
      return { count, range: { start, end: start + count, unit: 'pfn' } };
    },
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
  const error = needMapping
    ? yield* call(arch_add_memory(k), params)
    : yield* call(add_pages(k), params);
  if (!failed(error)) {
    const zone = zoneDevice(k);
    yield* call(move_pfn_range_to_zone, { nid, zone, start_pfn: pfn, nr_pages, altmap });
  }
  yield* call(mem_hotplug_done, {});
  return error;
}
