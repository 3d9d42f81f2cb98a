import type { Kernel } from '../facts.ts';
import { mem_hotplug_begin, mem_hotplug_done } from '../hotplug/lock.ts';
import { __remove_pages, arch_remove_memory } from '../hotplug/remove-pages.ts';
import { warnOnce } from '../hotplug/variables.ts';
import { remove_pfn_range_from_zone, zoneDevice } from '../hotplug/zone-span.ts';
import { call, fail, leaf, operation, type Outcome } from '../world/operation.ts';
import { holdsPageRefs, idleRefcount } from './device-types.ts';
import { pfn_first, pfn_len, rangePfns, typeName, type Pagemap } from './pagemap.ts';
import { addedRange, untrack_pfn, type RangeParams } from './pagemap-range.ts';
import { pgmap_array_delete, type ByteRange } from './pgmap-array.ts';
import {
  dropReferences,
  percpu_ref_exit,
  percpu_ref_kill,
  percpu_ref_put_many,
  wait_for_completion,
} from './pgmap-ref.ts';

/**
 * put_page() on every data page of a range, kernels before 5.19: a page whose count falls to 0
 * gives its pagemap reference back; pages somebody else holds keep it.
 */
const put_page = leaf<RangeParams, void>(
  'put_page',
  'mm/memremap.c:memunmap_pages',
  (k, { pgmap: id, range_id }) => {
    const pgmap = k.world.need('pgmaps', id);
    const first = pfn_first(k, pgmap, range_id);
    const end = first + pfn_len(k, pgmap, range_id) * 2 ** pgmap.vmemmap_shift;
    let free = 0;
    k.world.update('pages', first, end, (row) => {
      const pages = Math.min(row.end, end) - Math.max(row.start, first);
      if (row.refcount === 1) free += pages / 2 ** row.compound_order;
      return { refcount: row.refcount - 1 };
    });
    dropReferences(k, id, free);
  },
  {
    covers: ({ pgmap: id, range_id }, k) => {
      const pgmap = k.world.get('pgmaps', id);
      if (!pgmap) return undefined;
      const count = pfn_len(k, pgmap, range_id);
      const start = pfn_first(k, pgmap, range_id);
      return { count, range: { start, end: start + count, unit: 'pfn' } };
    },
  },
);

/** pageunmap_range(): one range out of zone, memmap, direct map and pgmap_array. */
const pageunmap_range = operation<RangeParams, void>(
  'pageunmap_range',
  'mm/memremap.c:pageunmap_range',
  function* (k, { pgmap: id, range_id }) {
    const pgmap = k.world.need('pgmaps', id);
    const range = addedRange(k, pgmap.ranges[range_id] as ByteRange);
    const { pfn, nr_pages } = rangePfns(k, range);
    yield* call(mem_hotplug_begin, {});
    yield* call(remove_pfn_range_from_zone, {
      nid: pgmap.nid,
      zone: zoneDevice(k),
      start_pfn: pfn,
      nr_pages,
    });
    if (typeName(pgmap) === 'PRIVATE') {
      yield* call(__remove_pages, { pfn, nr_pages, altmap: null });
    } else {
      yield* call(arch_remove_memory, { pfn, nr_pages, altmap: pgmap.altmap ? id : null });
    }
    yield* call(mem_hotplug_done, {});
    yield* call(untrack_pfn, range);
    yield* call(pgmap_array_delete, range);
  },
);

/** Do idle pages of this pagemap hold references that memunmap_pages takes back? */
function idlePagesHold(k: Kernel, pgmap: Pagemap): boolean {
  return holdsPageRefs(k, typeName(pgmap));
}

/**
 * memunmap_pages(): kills the pagemap's reference, takes back what its idle pages hold, waits
 * until nobody else holds one, then unmaps range by range.
 */
export const memunmap_pages = operation<{ pgmap: string }, Outcome<void>>(
  'memunmap_pages',
  'mm/memremap.c:memunmap_pages',
  function* (k, { pgmap: id }) {
    const pgmap = k.world.get('pgmaps', id);
    if (!pgmap) return fail('EINVAL', `no pagemap ${id}`);
    if (pgmap.ref_dead) return fail('EINVAL', 'percpu_ref_kill_and_confirm called more than once');
    yield* call(percpu_ref_kill, { pgmap: id });
    const perPage =
      k.facts.era.get('pagemap_ref_per_page') && idleRefcount(k, typeName(pgmap)) === 1;
    for (let range_id = 0; range_id < pgmap.nr_range && idlePagesHold(k, pgmap); range_id += 1) {
      if (perPage) yield* call(put_page, { pgmap: id, range_id });
      else yield* call(percpu_ref_put_many, { pgmap: id, nr: pfn_len(k, pgmap, range_id) });
    }
    yield* call(wait_for_completion, { pgmap: id });
    for (let range_id = 0; range_id < pgmap.nr_range; range_id += 1) {
      yield* call(pageunmap_range, { pgmap: id, range_id });
    }
    yield* call(percpu_ref_exit, { pgmap: id });
    const left = k.world.need('pgmaps', id).altmap?.alloc ?? 0;
    if (left !== 0) {
      warnOnce(k, 'mm/memremap.c:altmap', 'failed to free all reserved pages');
    }
    k.world.remove('pgmaps', id);
    return undefined;
  },
);
