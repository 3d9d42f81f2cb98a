/** Disks and DAX devices: memory that filesystems and processes map directly, and what is mounted. */
import { z } from 'zod';
import * as d from '../declaration.ts';

const name = d.text.describe('Of the device: pmem0, dax0.0');
const NAMED = z.strictObject({ name });
const pgoff = d.pageCount.describe('First page, from the start of the data');
const nr_pages = d.pageCount.describe('How many');

const diskArgs = z
  .strictObject({
    name,
    start: d.address.describe('First byte of the data'),
    size: d.bytes.describe('How much data'),
    pgmap: d.text.default('').describe('Its pagemap; without one its memory has no struct pages'),
    align: d.bytes.default(4096n).describe('Of the pages that map it'),
  })
  .meta({ id: 'DiskArgs', description: 'The memory behind a disk or character device' });

export const DISK_SERVICES = {
  nvdimm_pmem_region_create: {
    title: 'Say what a region keeps at a power failure',
    description:
      'Persistent memory and its persistence domain: with memory_controller (ADR) what left the caches of the CPUs, with cpu_cache (eADR) everything.',
    args: z.strictObject({
      start: d.address.describe('First byte'),
      size: d.bytes.describe('How much'),
      persistence_domain: z.enum(['memory_controller', 'cpu_cache']).describe('As sysfs shows it'),
    }),
    returns: d.nothing,
    fails: {},
  },
  alloc_dax: {
    title: 'Add a device whose memory can be mapped',
    description: 'The disk of a driver, or its character device.',
    args: diskArgs.extend({
      kind: z.enum(['block', 'char']).default('block').describe('A disk, or a character device'),
      synchronous: d.flag
        .default(true)
        .describe(
          'DAXDEV_SYNC: stores are safe without a flush by the host, so MAP_SYNC can be had',
        ),
    }),
    returns: d.nothing,
    fails: {},
  },
  device_add_disk: {
    title: 'Add a disk whose memory cannot be mapped',
    description: 'Such as that of a BTT.',
    args: diskArgs,
    returns: d.nothing,
    fails: {},
  },
  kill_dax: {
    title: 'End direct access',
    description: 'From now on direct access to the device fails with -ENXIO.',
    args: NAMED,
    returns: d.nothing,
    fails: { ENODEV: 'There is no such device' },
  },
  put_dax: {
    title: 'Remove a DAX device',
    description: 'The device is gone.',
    args: NAMED,
    returns: d.nothing,
    fails: {},
  },
  unmap_dax_mapping: {
    title: 'Unmap a character device',
    description: 'Takes it out of all page tables.',
    args: NAMED,
    returns: d.nothing,
    fails: {},
  },
  badblocks_set: {
    title: 'Mark bad sectors',
    description: 'Sectors that cannot be read from now on.',
    args: NAMED.extend({
      sector: d.integer.describe('The first, of 512 bytes, from the start of the data'),
      count: d.integer.describe('How many'),
    }),
    returns: d.nothing,
    fails: { ENODEV: 'There is no such disk', EINVAL: 'The sectors lie off the disk' },
  },
  path_mount: {
    title: 'Mount a disk',
    description: 'mount(2). Gives the place it is mounted at.',
    args: z.strictObject({
      bdev: d.text.describe('The disk'),
      fs: d.text.describe('ext4 or xfs'),
      options: d.text.default('').describe('As mount -o takes them'),
      at: d.text.describe('Where: /mnt'),
      block_size: d.bytes.default(4096n).describe('Of the filesystem'),
      offset: d.bytes.default(0n).describe('Where the partition begins on the disk'),
    }),
    returns: d.text,
    fails: {
      EINVAL: 'The options cannot be had',
      ENODEV: 'There is no such filesystem',
      ENOENT: 'There is no such disk',
      EBUSY: 'The disk or the place is taken',
      EIO: 'A bad sector is in the way',
    },
  },
  __pmem_direct_access: {
    title: 'Ask what can be reached in one go',
    description: 'Pages from `pgoff` on; poison is an errno by era.',
    args: NAMED.extend({
      ...{ pgoff, nr_pages },
      recovery: d.flag.default(false).describe('To write over what is damaged'),
    }),
    returns: z.strictObject({ pfn: d.pfn.describe('The first'), pages: d.pageCount }),
    fails: {
      EIO: 'The first page is damaged',
      EHWPOISON: 'The first page is damaged',
    },
  },
  dax_holder_notify_failure: {
    title: 'Tell a filesystem that pages are damaged',
    description: 'The filesystem that holds the device ends their users.',
    since: '6.0',
    args: NAMED.extend({ pgoff, nr_pages }),
    returns: d.nothing,
    fails: {
      ENXIO: 'The device is gone',
      EOPNOTSUPP: 'Its holder does not want to know',
    },
  },
  bd_mounted: {
    title: 'Ask whether a disk is mounted',
    description: 'Whether a filesystem is mounted from it.',
    args: z.strictObject({ bdev: d.text.describe('The disk') }),
    returns: d.flag,
    fails: {},
  },
  path_umount: {
    title: 'Unmount',
    description: 'umount(2).',
    args: z.strictObject({ at: d.text.describe('Where it is mounted') }),
    returns: d.nothing,
    fails: { EINVAL: 'Nothing is mounted there', EBUSY: 'It is in use' },
  },
} as const;
