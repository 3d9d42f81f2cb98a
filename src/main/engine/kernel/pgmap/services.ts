import type { Args, Value } from '../../../../shared/world/value.ts';
import type { DeviceFacts } from '../device/model.ts';
import { driverService, type ArgSpec, type DriverService } from '../device/services.ts';
import { devm_request_free_mem_region, request_free_mem_region } from '../resource/free-region.ts';
import { region_intersects } from '../resource/region-intersects.ts';
import { walk_iomem_res_desc } from '../resource/walk-iomem.ts';
import {
  insert_resource,
  release_mem_region,
  remove_resource,
  request_mem_region,
} from '../resource/request.ts';
import {
  devm_memremap_pages,
  devm_memunmap_pages,
  memremap_pages,
  type MappedPages,
} from './memremap.ts';
import { memunmap_pages } from './memunmap.ts';
import {
  percpu_ref_exit,
  percpu_ref_init,
  percpu_ref_kill,
  wait_for_completion,
} from './pgmap-ref.ts';
import type { PagemapRequest } from './pagemap.ts';
import { dev_dax_kmem_probe, dev_dax_kmem_remove } from '../hotplug/kmem.ts';
import { zone_device_page_init } from '../page/device-page.ts';
import { get_page, put_page } from '../page/page-ref.ts';
import { get_dev_pagemap, put_dev_pagemap, type ByteRange } from './pgmap-array.ts';

/** Arguments of memremap_pages and devm_memremap_pages; `type` is a name as in enum memory_type. */
const PAGEMAP_ARGS: ArgSpec = {
  type: 'text',
  ranges: 'list',
  altmap: 'record?',
  nid: 'count?',
  ops: 'list?',
  owner: 'text?',
  ref: 'text?',
  vmemmap_shift: 'count?',
};

function isRecord(value: Value | undefined): value is Args {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function rangesFrom(value: Value | undefined): ByteRange[] | string {
  const ranges: ByteRange[] = [];
  for (const entry of value as readonly Value[]) {
    const { start, end } = isRecord(entry) ? entry : {};
    if (typeof start !== 'bigint' || typeof end !== 'bigint') {
      return 'ranges takes records { start, end } in bytes (bigint), end inclusive';
    }
    ranges.push({ start: BigInt.asUintN(64, start), end: BigInt.asUintN(64, end) });
  }
  return ranges;
}

const ALTMAP_FIELDS = ['base_pfn', 'end_pfn', 'reserve', 'free'] as const;

function altmapFrom(value: Value | undefined): PagemapRequest['altmap'] | string {
  if (!isRecord(value)) return undefined;
  for (const name of Object.keys(value)) {
    if (!(ALTMAP_FIELDS as readonly string[]).includes(name)) {
      return `altmap has no field ${name}; it takes ${ALTMAP_FIELDS.join(', ')}`;
    }
  }
  for (const name of ALTMAP_FIELDS) {
    const number = value[name];
    if (number === undefined && name === 'end_pfn') continue;
    if (!Number.isSafeInteger(number) || (number as number) < 0) {
      return `altmap.${name} takes a count of pages or a PFN (number)`;
    }
  }
  return value as unknown as PagemapRequest['altmap'];
}

/** The request as the kernel function takes it, or what is wrong with the arguments. */
export function pagemapRequest(args: Args, device: DeviceFacts): PagemapRequest | string {
  const ranges = rangesFrom(args['ranges']);
  if (typeof ranges === 'string') return ranges;
  const altmap = altmapFrom(args['altmap']);
  if (typeof altmap === 'string') return altmap;
  const ops = (args['ops'] ?? []) as readonly Value[];
  if (ops.some((op) => typeof op !== 'string')) return 'ops takes names of callbacks';
  const shift = (args['vmemmap_shift'] ?? 0) as number;
  if (shift < 0 || shift > 30) return 'vmemmap_shift takes a page order from 0 to 30';
  return {
    type: args['type'] as string,
    ranges,
    ...(altmap ? { altmap } : {}),
    nid: (args['nid'] ?? device.node) as number,
    ops: ops as readonly string[],
    owner: (args['owner'] ?? '') as string,
    ...(typeof args['ref'] === 'string' ? { ref: args['ref'] } : {}),
    vmemmap_shift: shift,
    device: device.id,
  };
}

const mapped = (pages: MappedPages): Value => ({ ...pages });

/** A DAX device's data, and the node its memory goes to (by default the device's). */
const KMEM_ARGS: ArgSpec = { start: 'address', size: 'address', name: 'text', node: 'count?' };

function kmemRange(args: Args, device: DeviceFacts) {
  const nid = (args['node'] ?? device.node) as number;
  return { ...region(args), name: args['name'] as string, nid };
}

/** A run of pages, [pfn, end). */
const PAGE_ARGS: ArgSpec = { pfn: 'count', end: 'count?' };

function pageRun(args: Args, _device: DeviceFacts): { pfn: number; end: number } | string {
  const pfn = args['pfn'] as number;
  const end = (args['end'] ?? pfn + 1) as number;
  return pfn >= 0 && end > pfn ? { pfn, end } : 'pfn and end take a run of pages, [pfn, end)';
}

function region(args: Args): { start: bigint; size: bigint } {
  return { start: args['start'] as bigint, size: args['size'] as bigint };
}

function sized(args: Args): { size: bigint; name: string } | string {
  const size = args['size'] as bigint;
  if (size === 0n) return 'size takes at least one byte';
  return { size, name: args['name'] as string };
}

const text = (args: Args, name: string): string => args[name] as string;

/** References to pages, and a driver's own references. */
const referenceServices: readonly DriverService[] = [
  driverService('percpu_ref_init', { ref: 'text' }, percpu_ref_init, (args, device) => ({
    ref: text(args, 'ref'),
    device: device.id,
  })),
  driverService('percpu_ref_kill', { ref: 'text' }, percpu_ref_kill, (args) => ({
    ref: text(args, 'ref'),
  })),
  driverService('wait_for_completion', { ref: 'text' }, wait_for_completion, (args) => ({
    ref: text(args, 'ref'),
  })),
  driverService('percpu_ref_exit', { ref: 'text' }, percpu_ref_exit, (args) => ({
    ref: text(args, 'ref'),
  })),
  driverService('dev_dax_kmem_probe', KMEM_ARGS, dev_dax_kmem_probe, kmemRange),
  driverService('dev_dax_kmem_remove', KMEM_ARGS, dev_dax_kmem_remove, kmemRange),
  driverService('get_page', PAGE_ARGS, get_page, pageRun),
  driverService('put_page', PAGE_ARGS, put_page, pageRun),
  driverService(
    'zone_device_page_init',
    { ...PAGE_ARGS, order: 'count?' },
    zone_device_page_init,
    (args, device) => {
      const run = pageRun(args, device);
      if (typeof run === 'string') return run;
      const order = (args['order'] ?? 0) as number;
      if (order < 0 || order > 18) return 'order takes a page order from 0 to 18';
      const whole = run.pfn % 2 ** order === 0 && run.end % 2 ** order === 0;
      return whole ? { ...run, order } : `pfn and end are not at multiples of 2^${order} pages`;
    },
  ),
];

/** The kernel functions of this part that a driver, and so a hardware model, may call. */
export const services: readonly DriverService[] = [
  ...referenceServices,
  driverService('memremap_pages', PAGEMAP_ARGS, memremap_pages, pagemapRequest, mapped as never),
  driverService(
    'devm_memremap_pages',
    PAGEMAP_ARGS,
    devm_memremap_pages,
    pagemapRequest,
    mapped as never,
  ),
  driverService('memunmap_pages', { pgmap: 'text' }, memunmap_pages, (args) => ({
    pgmap: args['pgmap'] as string,
  })),
  driverService('devm_memunmap_pages', { pgmap: 'text' }, devm_memunmap_pages, (args) => ({
    pgmap: args['pgmap'] as string,
  })),
  driverService('get_dev_pagemap', { pfn: 'count', cached: 'text?' }, get_dev_pagemap, (args) => ({
    pfn: args['pfn'] as number,
    cached: (args['cached'] ?? null) as string | null,
  })),
  driverService('put_dev_pagemap', { pgmap: 'text' }, put_dev_pagemap, (args) => ({
    pgmap: args['pgmap'] as string,
  })),
  driverService(
    'request_mem_region',
    { start: 'address', size: 'address', name: 'text' },
    request_mem_region,
    (args) => ({ ...region(args), name: args['name'] as string }),
  ),
  driverService(
    'release_mem_region',
    { start: 'address', size: 'address' },
    release_mem_region,
    region,
  ),
  driverService(
    'insert_resource',
    { start: 'address', end: 'address', name: 'text', desc: 'text?' },
    insert_resource,
    (args) => ({
      start: args['start'] as bigint,
      end: args['end'] as bigint,
      name: args['name'] as string,
      flags: 'MEM',
      desc: (args['desc'] ?? 'NONE') as string,
    }),
  ),
  driverService('remove_resource', { id: 'count' }, remove_resource, (args) => ({
    id: args['id'] as number,
  })),
  driverService(
    'walk_iomem_res_desc',
    { desc: 'text' },
    walk_iomem_res_desc,
    ({ desc }) => ({ desc: desc as string }),
    (found) => found.map(({ start, end }) => ({ start, end })),
  ),
  driverService(
    'region_intersects',
    { start: 'address', size: 'address' },
    region_intersects,
    region,
  ),
  driverService(
    'request_free_mem_region',
    { size: 'address', name: 'text' },
    request_free_mem_region,
    sized,
    ((found: object) => ({ ...found })) as never,
  ),
  driverService(
    'devm_request_free_mem_region',
    { size: 'address', name: 'text' },
    devm_request_free_mem_region,
    sized,
    ((found: object) => ({ ...found })) as never,
  ),
];
