import type { Kernel } from '../facts.ts';
import { call, fail, failed, operation, type Outcome } from '../world/operation.ts';
import { checkDeviceType, deviceType } from './device-types.ts';
import { memunmap_pages } from './memunmap.ts';
import { pagemapOf, type PagemapRequest } from './pagemap.ts';
import { pagemap_range } from './pagemap-range.ts';
import { percpu_ref_init } from './pgmap-ref.ts';

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

/**
 * memremap_pages(): struct pages for device memory. One failing range takes the ranges before it
 * down again; the spans they widened stay wide.
 */
export const memremap_pages = operation<PagemapRequest, Outcome<MappedPages>>(
  'memremap_pages',
  'mm/memremap.c:memremap_pages',
  function* (k, request) {
    const type = refused(k, request);
    if (failed(type)) return type;
    const pgmap = pagemapOf(k, request, type);
    k.world.put('pgmaps', pgmap);
    const { id } = pgmap;
    yield* call(percpu_ref_init, { pgmap: id });
    const address = k.facts.arch.page_offset_base + (pgmap.ranges[0]?.start ?? 0n);
    for (let range_id = 0; range_id < request.ranges.length; range_id += 1) {
      const done = yield* call(pagemap_range, { pgmap: id, range_id });
      if (done === 1) {
        yield* call(memunmap_pages, { pgmap: id });
        return { pgmap: '', address, altmap_alloc: 0, altmap_align: 0 };
      }
      if (failed(done)) {
        yield* call(memunmap_pages, { pgmap: id });
        return done;
      }
      k.world.patch('pgmaps', id, { nr_range: range_id + 1 });
    }
    const altmap = k.world.need('pgmaps', id).altmap;
    return {
      pgmap: id,
      address,
      altmap_alloc: altmap?.alloc ?? 0,
      altmap_align: altmap?.align ?? 0,
    };
  },
  { show: shown },
);

/** devm_memremap_pages(): the same; the device's release calls memunmap_pages. */
export const devm_memremap_pages = operation<PagemapRequest, Outcome<MappedPages>>(
  'devm_memremap_pages',
  'mm/memremap.c:devm_memremap_pages',
  function* (_k, request) {
    return yield* call(memremap_pages, request);
  },
  { show: shown },
);

/** devm_memunmap_pages(), or the device's release on its way out. */
export const devm_memunmap_pages = operation<{ pgmap: string }, Outcome<void>>(
  'devm_memunmap_pages',
  'mm/memremap.c:devm_memunmap_pages',
  function* (_k, params) {
    return yield* call(memunmap_pages, params);
  },
);
