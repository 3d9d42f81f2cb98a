import type { ArgsOf } from '../../../../shared/plugins/declaration.ts';
import { PAGEMAP_SERVICES } from '../../../../shared/plugins/services/pagemaps.ts';
import { RESOURCE_SERVICES } from '../../../../shared/plugins/services/resources.ts';
import type { DeviceFacts } from '../device/model.ts';
import { asGiven, driverServices, serve, type DriverService } from '../device/services.ts';
import { dev_dax_kmem_probe, dev_dax_kmem_remove } from '../hotplug/kmem.ts';
import { zone_device_page_init } from '../page/device-page.ts';
import { get_page, put_page } from '../page/page-ref.ts';
import {
  alloc_free_mem_region,
  devm_request_free_mem_region,
  request_free_mem_region,
} from '../resource/free-region.ts';
import { memregion_alloc, memregion_free } from '../resource/memregion.ts';
import { region_intersects } from '../resource/region-intersects.ts';
import {
  insert_resource,
  release_mem_region,
  remove_resource,
  request_mem_region,
  request_resource,
} from '../resource/request.ts';
import { walk_iomem_res_desc } from '../resource/walk-iomem.ts';
import { devm_memremap_pages, devm_memunmap_pages, memremap_pages } from './memremap.ts';
import { memunmap_pages } from './memunmap.ts';
import type { PagemapRequest } from '../pgmap/pagemap.ts';
import { get_dev_pagemap, put_dev_pagemap } from '../pgmap/pgmap-array.ts';
import {
  percpu_ref_exit,
  percpu_ref_init,
  percpu_ref_kill,
  wait_for_completion,
} from '../pgmap/pgmap-ref.ts';

type Of<N extends keyof typeof PAGEMAP_SERVICES> = ArgsOf<(typeof PAGEMAP_SERVICES)[N]>;

function pagemap(
  { nid, type, ...args }: Of<'memremap_pages'>,
  device: DeviceFacts,
): PagemapRequest {
  const named = /^\d{1,9}$/.test(type) ? Number(type) : type;
  return { ...args, type: named, nid: nid ?? device.node, device: device.id };
}

function kmem({ node, ...args }: Of<'dev_dax_kmem_probe'>, device: DeviceFacts) {
  return { ...args, nid: node ?? device.node };
}

function pageRun({ pfn, end = pfn + 1 }: Of<'get_page'>): { pfn: number; end: number } | string {
  return end > pfn ? { pfn, end } : 'pfn and end take a run of pages, [pfn, end)';
}

const rangeOf = ({ start, end }: { readonly start: bigint; readonly end: bigint }) => ({
  ...{ start, end },
});

/** Device memory that has struct pages, and the resource tree, as drivers use them. */
export const services: readonly DriverService[] = [
  ...driverServices(PAGEMAP_SERVICES, {
    percpu_ref_init: serve(percpu_ref_init, ({ ref }, { id }) => ({ ref, device: id })),
    percpu_ref_kill: serve(percpu_ref_kill),
    wait_for_completion: serve(wait_for_completion, ({ ref, completion }, { id }) => {
      if (completion !== undefined) return { completion: `${id} ${completion}` };
      return ref === undefined ? 'it takes ref or completion' : { ref };
    }),
    percpu_ref_exit: serve(percpu_ref_exit),
    dev_dax_kmem_probe: serve(dev_dax_kmem_probe, kmem),
    dev_dax_kmem_remove: serve(dev_dax_kmem_remove, kmem),
    get_page: serve(get_page, pageRun),
    put_page: serve(put_page, pageRun),
    zone_device_page_init: serve(zone_device_page_init, ({ order, ...args }) => {
      const run = pageRun(args);
      if (typeof run === 'string') return run;
      const whole = run.pfn % 2 ** order === 0 && run.end % 2 ** order === 0;
      return whole ? { ...run, order } : `pfn and end are not at multiples of 2^${order} pages`;
    }),
    memremap_pages: serve(memremap_pages, pagemap),
    devm_memremap_pages: serve(devm_memremap_pages, pagemap),
    memunmap_pages: serve(memunmap_pages),
    devm_memunmap_pages: serve(devm_memunmap_pages),
    get_dev_pagemap: serve(get_dev_pagemap, ({ pfn, cached }) => ({ pfn, cached: cached ?? null })),
    put_dev_pagemap: serve(put_dev_pagemap),
  }),
  ...driverServices(RESOURCE_SERVICES, {
    request_mem_region: serve(request_mem_region),
    release_mem_region: serve(release_mem_region),
    insert_resource: serve(insert_resource, (args) => ({ ...args, flags: 'MEM' })),
    request_resource: serve(request_resource, ({ flags, ...args }) => ({
      ...{ ...args, flags: ['MEM', ...flags].join('|') },
    })),
    remove_resource: serve(remove_resource),
    alloc_free_mem_region: serve(alloc_free_mem_region),
    walk_iomem_res_desc: serve(walk_iomem_res_desc),
    memregion_alloc: serve(memregion_alloc, (_args, { id }) => ({ device: id })),
    memregion_free: serve(memregion_free),
    region_intersects: serve(region_intersects),
    request_free_mem_region: serve(request_free_mem_region, asGiven, rangeOf),
    devm_request_free_mem_region: serve(devm_request_free_mem_region, asGiven, rangeOf),
  }),
];
