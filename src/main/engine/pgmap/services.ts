import type { Args, Value } from '../../../shared/world/value.ts';
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
import type { PagemapRequest } from './pagemap.ts';
import { get_dev_pagemap, put_dev_pagemap, type ByteRange } from './pgmap-array.ts';

/** Arguments of memremap_pages and devm_memremap_pages; `type` is a name as in enum memory_type. */
const PAGEMAP_ARGS: ArgSpec = {
  type: 'text',
  ranges: 'list',
  altmap: 'record?',
  nid: 'count?',
  ops: 'list?',
  owner: 'text?',
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
    vmemmap_shift: shift,
    device: device.id,
  };
}

const mapped = (pages: MappedPages): Value => ({ ...pages });

function region(args: Args): { start: bigint; size: bigint } {
  return { start: args['start'] as bigint, size: args['size'] as bigint };
}

function sized(args: Args): { size: bigint; name: string } | string {
  const size = args['size'] as bigint;
  if (size === 0n) return 'size takes at least one byte';
  return { size, name: args['name'] as string };
}

/** The kernel functions of this part that a driver, and so a hardware model, may call. */
export const services: readonly DriverService[] = [
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
  driverService('get_dev_pagemap', { pfn: 'count' }, get_dev_pagemap, (args) => ({
    pfn: args['pfn'] as number,
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
