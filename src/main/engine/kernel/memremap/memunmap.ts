import type { Kernel } from '../../core/facts.ts';
import { driverCallback } from '../device/callback.ts';
import { mem_hotplug_begin, mem_hotplug_done } from '../hotplug/lock.ts';
import { __remove_pages, arch_remove_memory } from '../hotplug/remove-pages.ts';
import { warnOnce } from '../../core/world/variables.ts';
import { remove_pfn_range_from_zone } from '../hotplug/zone-span.ts';
import { zoneDevice } from '../zone/zone-device.ts';
import { put_page } from '../page/page-ref.ts';
import { call, fail, operation, type Operation, type Outcome } from '../../core/world/operation.ts';
import { gracePeriod } from '../../core/world/rcu.ts';
import { holdsPageRefs } from './device-types.ts';
import { isHmmPagemap } from '../pgmap/pagemap.ts';
import { pfn_first, pfn_len, rangePfns, typeName, type Pagemap } from '../pgmap/pagemap.ts';
import { addedRange, untrack_pfn, type RangeParams } from './pagemap-range.ts';
import { pgmap_array_delete, type ByteRange } from '../pgmap/pgmap-array.ts';
import {
  percpu_ref_exit,
  percpu_ref_kill,
  percpu_ref_put_many,
  wait_for_completion,
} from '../pgmap/pgmap-ref.ts';

interface PagemapId {
  readonly pgmap: string;
}

/** Out of zone, memmap, direct map and pgmap_array. */
function* unmapRange(k: Kernel, { pgmap: id, range_id }: RangeParams): Operation<void> {
  const pgmap = k.world.need('pgmaps', id);
  const exact = pgmap.ranges[range_id] as ByteRange;
  const range = addedRange(k, exact);
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
    yield* call(arch_remove_memory(k), { pfn, nr_pages, altmap: pgmap.altmap ? id : null });
  }
  yield* call(mem_hotplug_done, {});
  if (!isHmmPagemap(k, typeName(pgmap))) yield* call(untrack_pfn, range);
  if (!k.facts.era.get('page_has_pagemap')) return;
  yield* call(pgmap_array_delete, exact);
  // synchronize_rcu(): nobody who looked the pagemap up is still on the way.
  yield* gracePeriod(k);
}

/** pageunmap_range(): one range of a pagemap that may have several. */
const pageunmap_range = operation<RangeParams, void>(
  'pageunmap_range',
  'mm/memremap.c:pageunmap_range',
  unmapRange,
);

/** Before 5.3 it was the driver's function, or that of who brings the reference for it. */
function olderName(k: Kernel, id: string, name: string, hmm: string, p2p: string): string {
  if (k.facts.era.get('pagemap_ref') === 'optional') return `dev_pagemap_${name}`;
  const type = typeName(k.world.need('pgmaps', id));
  if (type === 'PCI_P2PDMA') return p2p;
  return type === 'PRIVATE' || type === 'PUBLIC' ? hmm : `pgmap->${name}`;
}

/**
 * dev_pagemap_kill(): nobody gets a new reference from now on. A driver that brought its own
 * reference kills it in its `kill` callback.
 */
export const dev_pagemap_kill = operation<PagemapId, Outcome<void>>(
  (k, { pgmap }) => olderName(k, pgmap, 'kill', 'hmm_devmem_ref_kill', 'pci_p2pdma_percpu_kill'),
  'mm/memremap.c:dev_pagemap_kill',
  function* (k, { pgmap: id }) {
    const { external_ref: ref, device, ops } = k.world.need('pgmaps', id);
    if (ref === '') return yield* call(percpu_ref_kill, { pgmap: id });
    if (ops.split('|').includes('kill'))
      yield* driverCallback(k, device, 'kill', { pgmap: id, ref });
    if (k.world.get('percpu_refs', ref)?.dead === false) yield* call(percpu_ref_kill, { ref });
    return undefined;
  },
);

/**
 * dev_pagemap_cleanup(): until the last reference is put. A driver that brought its own waits in
 * its `cleanup` callback; one without code behind it waits here.
 */
export const dev_pagemap_cleanup = operation<PagemapId, void>(
  (k, { pgmap }) => olderName(k, pgmap, 'cleanup', 'hmm_devmem_ref_exit', 'pci_p2pdma_percpu_exit'),
  'mm/memremap.c:dev_pagemap_cleanup',
  function* (k, { pgmap: id }) {
    const { external_ref: ref, device } = k.world.need('pgmaps', id);
    if (ref === '') {
      yield* call(wait_for_completion, { pgmap: id });
      yield* call(percpu_ref_exit, { pgmap: id });
      return;
    }
    yield* driverCallback(k, device, 'cleanup', { pgmap: id, ref });
    if (!k.world.get('percpu_refs', ref)) return;
    yield* call(wait_for_completion, { ref });
    yield* call(percpu_ref_exit, { ref });
  },
);

/** What idle pages hold of the pagemap goes: page by page before 5.18, then in one go. */
function* dropIdle(k: Kernel, pgmap: Pagemap): Operation<void> {
  if (!holdsPageRefs(k, typeName(pgmap))) return;
  const { id, vmemmap_shift } = pgmap;
  for (let range_id = 0; range_id < pgmap.nr_range; range_id += 1) {
    const nr = pfn_len(k, pgmap, range_id);
    const pfn = pfn_first(k, pgmap, range_id);
    if (!k.facts.era.get('pagemap_ref_per_page'))
      yield* call(percpu_ref_put_many, { pgmap: id, nr });
    else yield* call(put_page, { pfn, end: pfn + nr * 2 ** vmemmap_shift, heads: true });
  }
}

/** Before memremap_pages: the action of devres that took the memory back, by its kind. */
function olderRelease(k: Kernel, pgmap: Pagemap | undefined): string {
  return pgmap && isHmmPagemap(k, typeName(pgmap))
    ? 'hmm_devmem_release'
    : 'devm_memremap_pages_release';
}

/** `name` since memremap_pages, before that the action of devres. */
export function releaseName(k: Kernel, id: string, name: string): string {
  return k.facts.era.get('memremap_pages') ? name : olderRelease(k, k.world.get('pgmaps', id));
}

/** Before 5.2: the memory goes whoever still uses it; a reference that is alive is warned of. */
function warnAlive(k: Kernel, pgmap: Pagemap): void {
  if (pgmap.ref_dead || k.facts.era.get('pagemap_ref') === 'none') return;
  k.printk('warn', `${olderRelease(k, pgmap)}: page mapping is still live!`);
}

/**
 * References that hmm_devmem_add and pci/p2pdma bring are waited for when the memory is gone, as
 * long as removing it does not wait: by an action of devres that was added first. HMM before 5.0
 * waits where it kills.
 */
function waitsLate(k: Kernel, pgmap: Pagemap): boolean {
  const mode = k.facts.era.get('pagemap_release');
  return mode === 'kills' || (mode === 'at once' && typeName(pgmap) === 'PCI_P2PDMA');
}

/** The body of memunmap_pages, and of what it was called before. */
export function* unmap(k: Kernel, { pgmap: id }: PagemapId): Operation<Outcome<void>> {
  const pgmap = k.world.get('pgmaps', id);
  if (!pgmap) return fail('EINVAL', `no pagemap ${id}`);
  const { era } = k.facts;
  const mode = era.get('pagemap_release');
  const own = pgmap.external_ref === '' && era.get('pagemap_ref') !== 'none';
  const late = own && mode !== 'waits' && waitsLate(k, pgmap);
  // hmm_devmem_ref_kill and pci_p2pdma_percpu_kill: kernels that kill nothing leave it to them.
  const kills = mode !== 'at once' || own;
  if (kills && pgmap.ref_dead && own) {
    return fail('EINVAL', 'percpu_ref_kill_and_confirm called more than once');
  }
  if (kills) {
    if (era.get('pagemap_ref') === 'own') yield* call(percpu_ref_kill, { pgmap: id });
    else yield* call(dev_pagemap_kill, { pgmap: id });
  }
  yield* dropIdle(k, k.world.need('pgmaps', id));
  if (era.get('pagemap_ref') === 'own') {
    yield* call(wait_for_completion, { pgmap: id });
    if (!era.get('pagemap_ref_exit_last')) yield* call(percpu_ref_exit, { pgmap: id });
  } else if (mode === 'waits' || (own && !late)) {
    yield* call(dev_pagemap_cleanup, { pgmap: id });
  } else if (!own) warnAlive(k, k.world.need('pgmaps', id));
  for (let range_id = 0; range_id < pgmap.nr_range; range_id += 1) {
    if (era.get('pagemap_has_ranges')) yield* call(pageunmap_range, { pgmap: id, range_id });
    else yield* unmapRange(k, { pgmap: id, range_id });
  }
  if (late) yield* call(dev_pagemap_cleanup, { pgmap: id });
  if (era.get('pagemap_ref_exit_last')) yield* call(percpu_ref_exit, { pgmap: id });
  const left = k.world.need('pgmaps', id).altmap?.alloc ?? 0;
  if (left !== 0) {
    warnOnce(k, 'mm/memremap.c:altmap', 'failed to free all reserved pages');
  }
  k.world.remove('pgmaps', id);
  return undefined;
}

/**
 * memunmap_pages(): kills the pagemap's reference, takes back what its idle pages hold, waits
 * until nobody else holds one, then unmaps range by range. Kernels before 5.2 wait for nothing:
 * the driver must have killed its reference, and waits for it afterwards.
 */
export const memunmap_pages = operation<PagemapId, Outcome<void>>(
  (k, { pgmap }) => releaseName(k, pgmap, 'memunmap_pages'),
  'mm/memremap.c:memunmap_pages',
  unmap,
);
