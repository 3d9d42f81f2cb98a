import type { Kernel } from '../../core/facts.ts';
import { region_intersects } from '../resource/region-intersects.ts';
import {
  call,
  fail,
  failed,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { checkDeviceType, deviceType } from './device-types.ts';
import {
  dev_pagemap_cleanup,
  dev_pagemap_kill,
  memunmap_pages,
  releaseName,
  unmap,
} from './memunmap.ts';
import { isHmmPagemap, pagemapOf, type PagemapRequest } from '../pgmap/pagemap.ts';
import { addedRange, mapRange, pagemap_range } from './pagemap-range.ts';
import type { ByteRange } from '../pgmap/pgmap-array.ts';
import { percpu_ref_init } from '../pgmap/pgmap-ref.ts';

/** What a driver gets: its pagemap's id, and the kernel address of the first range. */
export interface MappedPages {
  readonly pgmap: string;
  readonly address: bigint;
  readonly altmap_alloc: number;
  readonly altmap_align: number;
}

function shown(request: PagemapRequest): Record<string, string | number> {
  const ranges = request.ranges.map(
    ({ start, end }) => `0x${start.toString(16)}-0x${end.toString(16)}`,
  );
  const { altmap } = request;
  return {
    type: request.type,
    ranges: ranges.join(' '),
    nid: request.nid,
    ...(request.ref === undefined ? {} : { ref: request.ref }),
    ...(altmap ? { altmap: `reserve ${altmap.reserve} free ${altmap.free}` } : {}),
    ...(request.vmemmap_shift ? { vmemmap_shift: request.vmemmap_shift } : {}),
  };
}

/** Folios no kernel makes: MAX_FOLIO_ORDER is that of a 1 GiB page on x86_64. */
const MAX_FOLIO_ORDER = 18;

/** The checks before anything is set up. */
function refused(k: Kernel, request: PagemapRequest): Outcome<{ name: string; value: number }> {
  const { era, arch } = k.facts;
  if (!arch.zones.includes('Device')) return fail('ENXIO', '!CONFIG_ZONE_DEVICE');
  if (request.ranges.length === 0) {
    k.printk('warn', 'nr_range must be specified');
    return fail('EINVAL', '!nr_range');
  }
  if (request.ranges.length > 1 && !era.get('pagemap_has_ranges')) {
    return fail('EINVAL', 'struct dev_pagemap has one res in this kernel');
  }
  const shift = request.vmemmap_shift ?? 0;
  if (shift > 0 && !era.get('compound_devmap')) {
    return fail('EINVAL', 'struct dev_pagemap has no vmemmap_shift in this kernel');
  }
  if (era.get('vmemmap_shift_bounded') && shift > MAX_FOLIO_ORDER) {
    k.printk('warn', 'requested folio size unsupported');
    return fail('EINVAL', 'pgmap->vmemmap_shift > MAX_FOLIO_ORDER');
  }
  const type = deviceType(k, request.type);
  if (!type) return fail('EINVAL', `enum memory_type has no ${request.type} in this kernel`);
  const ops = request.ops ?? [];
  const owner = request.owner ?? '';
  const check = checkDeviceType(k, { type: type.name, type_value: type.value, ops, owner });
  return check ?? type;
}

/** Types whose driver core (hmm_devmem_add, pci/p2pdma) brings the reference itself. */
function bringsOwnRef(type: string): boolean {
  return type === 'PRIVATE' || type === 'PUBLIC' || type === 'PCI_P2PDMA';
}

/** What the kernel asks of the reference a driver brings, or must not bring. */
function refusedRef(k: Kernel, request: PagemapRequest, type: string): Outcome<void> {
  const wanted = k.facts.era.get('pagemap_ref');
  const { ref } = request;
  const ops = request.ops ?? [];
  if (ref !== undefined && (wanted === 'own' || wanted === 'none')) {
    return fail('EINVAL', 'struct dev_pagemap has no ref of the driver in this kernel');
  }
  if (ref !== undefined && !k.world.get('percpu_refs', ref)) {
    return fail('EINVAL', `model: there is no ref ${ref}; percpu_ref_init() makes one`);
  }
  if (wanted === 'optional') {
    const given = ['kill', 'cleanup'].filter((op) => ops.includes(op)).length;
    if (ref === undefined) {
      return given > 0 ? fail('EINVAL', 'pgmap->ops->kill || pgmap->ops->cleanup') : undefined;
    }
    if (given === 2) return undefined;
    k.printk('warn', 'Missing reference count teardown definition');
    return fail('EINVAL', '!pgmap->ops->kill || !pgmap->ops->cleanup');
  }
  if (!wanted.startsWith('driver') || bringsOwnRef(type)) return undefined;
  if (ref === undefined) return fail('EINVAL', '!pgmap->ref');
  const missing = wanted
    .slice('driver:'.length)
    .split(' ')
    .find((op) => op !== '' && !ops.includes(op));
  return missing === undefined ? undefined : fail('EINVAL', `!pgmap->${missing}`);
}

/** What is taken back when a range cannot be mapped. */
function* abandon(k: Kernel, id: string): Operation<void> {
  const { era } = k.facts;
  if (era.get('pagemap_has_ranges')) {
    yield* call(memunmap_pages, { pgmap: id });
    return;
  }
  // Before there were several ranges nothing is mapped yet: only the reference is undone.
  if (era.get('pagemap_release') !== 'at once') {
    yield* call(dev_pagemap_kill, { pgmap: id });
    if (era.get('pagemap_release') === 'waits') yield* call(dev_pagemap_cleanup, { pgmap: id });
  }
  k.world.remove('pgmaps', id);
  k.world.remove('completions', `${id}.done`);
}

/** Before 5.1 System RAM has its direct mapping, whatever else the driver brings. */
function* onRam(
  k: Kernel,
  { ranges }: PagemapRequest,
  type: string,
  address: bigint,
): Operation<Outcome<MappedPages> | undefined> {
  if (!k.facts.era.get('pagemap_on_ram') || isHmmPagemap(k, type)) return undefined;
  const { start, end } = addedRange(k, ranges[0] as ByteRange);
  const ram = yield* call(region_intersects, { start, size: end - start + 1n });
  if (ram === 'REGION_MIXED') return fail('ENXIO', 'is_ram == REGION_MIXED');
  if (ram === 'REGION_DISJOINT') return undefined;
  return { pgmap: '', address, altmap_alloc: 0, altmap_align: 0 };
}

/** The body of memremap_pages, and of what it was called before. */
function* remap(k: Kernel, request: PagemapRequest): Operation<Outcome<MappedPages>> {
  const type = refused(k, request);
  if (failed(type)) return type;
  const noRef = refusedRef(k, request, type.name);
  const address = k.facts.arch.page_offset_base + (request.ranges[0]?.start ?? 0n);
  const { era } = k.facts;
  if (noRef) return (yield* onRam(k, request, type.name, address)) ?? noRef;
  const pgmap = pagemapOf(k, request, type);
  k.world.put('pgmaps', pgmap);
  const { id } = pgmap;
  if (request.ref === undefined && era.get('pagemap_ref') !== 'none') {
    yield* call(percpu_ref_init, { pgmap: id });
  }
  for (let range_id = 0; range_id < request.ranges.length; range_id += 1) {
    const params = { pgmap: id, range_id };
    const done = era.get('pagemap_has_ranges')
      ? yield* call(pagemap_range, params)
      : yield* mapRange(k, params);
    if (failed(done) || done === 1) {
      yield* abandon(k, id);
      return failed(done) ? done : { pgmap: '', address, altmap_alloc: 0, altmap_align: 0 };
    }
    k.world.patch('pgmaps', id, { nr_range: range_id + 1 });
  }
  const { altmap } = k.world.need('pgmaps', id);
  return {
    pgmap: id,
    address,
    altmap_alloc: altmap?.alloc ?? 0,
    altmap_align: altmap?.align ?? 0,
  };
}

/** `name` since memremap_pages; before that there were two functions, by the kind of memory. */
function mapName(k: Kernel, { type }: PagemapRequest, name: string): string {
  if (k.facts.era.get('memremap_pages')) return name;
  const kind = deviceType(k, type)?.name ?? '';
  return isHmmPagemap(k, kind) ? 'hmm_devmem_pages_create' : 'devm_memremap_pages';
}

/**
 * memremap_pages(): struct pages for device memory. One failing range takes the ranges before it
 * down again; the spans they widened stay wide. Before 5.4 the function was devm_memremap_pages,
 * and 4.14 to 4.20 had hmm_devmem_pages_create for private and public memory.
 */
export const memremap_pages = operation<PagemapRequest, Outcome<MappedPages>>(
  (k, request) => mapName(k, request, 'memremap_pages'),
  'mm/memremap.c:memremap_pages',
  remap,
  { show: shown },
);

/** devm_memremap_pages(): the same; the device's release calls memunmap_pages. */
export const devm_memremap_pages = operation<PagemapRequest, Outcome<MappedPages>>(
  (k, request) => mapName(k, request, 'devm_memremap_pages'),
  'mm/memremap.c:devm_memremap_pages',
  function* (k, request) {
    if (k.facts.era.get('memremap_pages')) return yield* call(memremap_pages, request);
    return yield* remap(k, request);
  },
  { show: shown },
);

/** devm_memunmap_pages(), or the device's release on its way out. */
export const devm_memunmap_pages = operation<{ pgmap: string }, Outcome<void>>(
  (k, { pgmap }) => releaseName(k, pgmap, 'devm_memunmap_pages'),
  'mm/memremap.c:devm_memunmap_pages',
  function* (k, params) {
    if (k.facts.era.get('memremap_pages')) return yield* call(memunmap_pages, params);
    return yield* unmap(k, params);
  },
);
