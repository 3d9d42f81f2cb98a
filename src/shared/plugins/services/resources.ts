/** The resource tree: /proc/iomem. */
import { z } from 'zod';
import * as d from '../declaration.ts';

const region = z.strictObject({
  start: d.address.describe('First byte'),
  size: d.bytes.describe('How much'),
});
const name = d.text.describe('As /proc/iomem prints it');
const id = d.integer.describe('Of the resource');
const parent = d.integer
  .default(0)
  .describe('Id of the resource above; 0 is iomem_resource, the root of the tree');
const desc = d.text.default('NONE').describe('IORES_DESC_* without the prefix');
const flags = d
  .list(z.enum(['SYSTEM_RAM', 'BUSY']))
  .default([])
  .describe('IORESOURCE_* it has beside MEM, without the prefix');

const FREE_REGION = {
  args: z.strictObject({
    size: d.bytes.min(1n).describe('How much'),
    name,
  }),
  returns: d.range,
  fails: { ERANGE: 'No free range is large enough' },
} as const;

export const RESOURCE_SERVICES = {
  request_mem_region: {
    title: 'Claim a memory region',
    description: 'A busy region in /proc/iomem. Gives its id.',
    args: region.extend({ name }),
    returns: id,
    fails: { EBUSY: 'Something else is there' },
  },
  release_mem_region: {
    title: 'Give a memory region up',
    description: 'Takes a busy region out of /proc/iomem.',
    args: region,
    returns: d.nothing,
    fails: {},
  },
  insert_resource: {
    title: 'Insert a resource',
    description:
      'A region in /proc/iomem that others may lie in, such as "Persistent Memory". Gives its id.',
    args: d.range.extend({ name, desc, parent }),
    returns: id,
    fails: { EBUSY: 'It overlaps another without holding it', EINVAL: 'There is no such parent' },
  },
  request_resource: {
    title: 'Request a resource',
    description:
      'A region below one resource and none of its children, such as a BAR in the window of its bridge. Gives its id.',
    args: d.range.extend({ name, desc, parent, flags }),
    returns: id,
    fails: {
      EBUSY: 'Something is there, or the parent does not hold it',
      EINVAL: 'There is no such parent',
    },
  },
  alloc_free_mem_region: {
    title: 'Find a free range below a resource',
    description:
      'The lowest range of a window that nothing has, as CXL places its regions. It is not busy.',
    since: '6.0',
    args: z.strictObject({
      parent: d.integer.describe('Id of the resource to look below'),
      size: d.bytes.min(1n).describe('How much; rounded up to the alignment'),
      align: d.bytes.min(1n).describe('What its address is a multiple of'),
      name,
    }),
    returns: d.range.extend({ id }),
    fails: {
      ERANGE: 'No free range is large enough',
      EINVAL: 'There is no such parent',
      ENOSYS: 'This kernel is too old',
    },
  },
  remove_resource: {
    title: 'Remove a resource',
    description: 'Takes it out of /proc/iomem; what lay in it stays.',
    args: z.strictObject({ id }),
    returns: d.nothing,
    fails: { EINVAL: 'There is no such resource' },
  },
  walk_iomem_res_desc: {
    title: 'Find resources by description',
    description: 'Memory resources of a description, by address, cut to the bytes asked for.',
    args: z.strictObject({
      desc: d.text.describe('Such as PERSISTENT_MEMORY_LEGACY; NONE: any'),
      flags: d
        .list(z.enum(['SYSTEM_RAM', 'BUSY']))
        .default([])
        .describe('IORESOURCE_* they must have, without the prefix'),
      start: d.address.default(0n).describe('First byte to look at'),
      end: d.address.default(d.U64_MAX).describe('Last byte to look at'),
    }),
    returns: d.list(
      d.range
        .extend({ id })
        .meta({ id: 'FoundResource', description: 'A resource, as far as it was asked for' }),
    ),
    fails: {},
  },
  region_intersects: {
    title: 'Ask what RAM is in a region',
    description: 'Whether none, all or a part of the region is RAM.',
    args: region,
    returns: z.enum(['REGION_DISJOINT', 'REGION_INTERSECTS', 'REGION_MIXED']),
    fails: {},
  },
  memregion_alloc: {
    title: 'Number a region',
    description:
      'The N of regionN, which daxN.0 and pmemN take over. CXL, dax_hmem and libnvdimm share them.',
    args: z.strictObject({}),
    returns: d.integer,
    fails: {},
  },
  memregion_free: {
    title: 'Give the number of a region back',
    description: 'Another region can have it.',
    args: z.strictObject({ id: d.integer.describe('The number') }),
    returns: d.nothing,
    fails: {},
  },
  request_free_mem_region: {
    title: 'Find physical addresses nobody has',
    description: 'Claims a free range, as high as the kernel of the day looks for it.',
    ...FREE_REGION,
  },
  devm_request_free_mem_region: {
    title: 'Find physical addresses nobody has, until the driver goes',
    description: 'The same for a device, which gives it up when its driver goes.',
    ...FREE_REGION,
  },
} as const;
