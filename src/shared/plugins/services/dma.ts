/** What a device sees of memory through the DMA API. */
import { z } from 'zod';
import { MAP_TYPES } from '../../world/device-tables.ts';
import * as d from '../declaration.ts';

/** enum dma_data_direction, as far as memory is mapped with it. */
export const DIRECTIONS = ['DMA_BIDIRECTIONAL', 'DMA_TO_DEVICE', 'DMA_FROM_DEVICE'] as const;

/** Entries of one scatterlist: SG_MAX_SINGLE_ALLOC chained eight times. */
const MAX_ENTRIES = 1024;

const REACH = d.rule<{ phys?: bigint | undefined; size?: bigint | undefined }>(
  ({ phys = 0n, size = 0n }) => phys + size <= d.MAX_PHYSICAL,
  'phys and size reach past the last physical address',
);

export const physRange = z
  .strictObject({ phys: d.address.describe('First byte'), size: d.bytes.describe('How much') })
  .refine(...REACH)
  .meta({ id: 'PhysRange', description: 'Bytes from a physical address' });

const dev = d.text.optional().describe('The device that will access it; this one where left out');
const dir = z
  .enum(DIRECTIONS)
  .meta({ id: 'DmaDirection', description: 'enum dma_data_direction' })
  .default('DMA_BIDIRECTIONAL')
  .describe('Which way the data goes');

const segmentArgs = z
  .strictObject({
    dev,
    phys: d.address.optional().describe('First byte of the one entry'),
    size: d.bytes.optional().describe('How much of it'),
    sg: z.array(physRange).max(MAX_ENTRIES).readonly().optional().describe('Or a list of entries'),
    dir,
  })
  .refine(
    ...d.rule<{ phys?: bigint | undefined; size?: bigint | undefined; sg?: unknown }>(
      ({ phys, size, sg }) => sg !== undefined || (phys !== undefined && size !== undefined),
      'it takes phys and size, or sg',
    ),
  )
  .refine(...REACH)
  .meta({ id: 'SegmentArgs', description: 'One entry (`phys`, `size`) or a scatterlist (`sg`)' });

const mappedSegment = z
  .strictObject({
    type: z.enum(MAP_TYPES).describe('How its memory is reached'),
    dma_address: d.address.describe('The address on the bus'),
    length: d.bytes.describe('How much'),
    bounce: d.address
      .nullable()
      .describe(
        'Where swiotlb holds the copy that the device sees instead; null: it sees the memory itself',
      ),
  })
  .meta({ id: 'MappedSegment', description: 'A segment as a device sees it' });

const mapped = z
  .strictObject({
    mapping: d.integer.describe('To give back to dma_unmap_sg or dma_unmap_resource'),
    nents: d.integer.describe('How many segments'),
    type: mappedSegment.shape.type.describe('Of the first segment'),
    dma_address: d.address.describe('Of the first segment'),
    segments: d.list(mappedSegment).describe('An IOMMU may have joined entries of the list'),
  })
  .meta({ id: 'Mapped', description: 'A mapping' });

const notMapped = z
  .strictObject({
    mapping: z.null(),
    nents: z.literal(0),
    type: z.null(),
    dma_address: z.null(),
    segments: z.tuple([]).readonly(),
  })
  .meta({ id: 'NotMapped', description: 'What dma_map_sg gives when it fails' });

const MAPPING = {
  args: z.strictObject({ mapping: d.integer.describe('As dma_map_sg gave it') }),
  fails: { EINVAL: 'There is no such mapping' },
} as const;

const BAD_LIST = 'An entry is empty, too long or without struct pages';

export const DMA_SERVICES = {
  dma_map_sgtable: {
    title: 'Map a scatterlist',
    description:
      "Each page must have a struct page; what of it is a peer's is mapped as the peers' paths ask.",
    args: segmentArgs,
    returns: mapped,
    fails: {
      EINVAL: BAD_LIST,
      EREMOTEIO: 'A peer cannot be reached',
      EIO: 'The device cannot address it',
      ENOMEM: 'There are no bus addresses left',
    },
  },
  dma_map_sg: {
    title: 'Map a scatterlist, the older call',
    description: 'The same, telling of a failure only that nothing was mapped.',
    args: segmentArgs,
    returns: z.union([mapped, notMapped]),
    fails: { EINVAL: BAD_LIST },
  },
  dma_unmap_sg: {
    title: 'Unmap a scatterlist',
    description: 'The device sees it no more.',
    ...MAPPING,
    returns: d.nothing,
  },
  dma_sync_sg_for_cpu: {
    title: 'Let the CPU see what the device wrote',
    description: 'How many segments were synced: those with a bus address are passed over.',
    ...MAPPING,
    returns: d.integer,
  },
  dma_sync_sg_for_device: {
    title: 'Let the device see what the CPU wrote',
    description: 'How many segments were synced: those with a bus address are passed over.',
    ...MAPPING,
    returns: d.integer,
  },
  dma_map_resource: {
    title: 'Map memory without struct pages',
    description: 'Its physical address, or an IOVA.',
    args: z.strictObject({ ...physRange.shape, dev, dir }).refine(...REACH),
    returns: mapped,
    fails: {
      EINVAL: 'There is nothing to map',
      ENOSYS: 'This kernel does not have it',
      EIO: 'The device cannot address it, or it has struct pages',
      EFAULT: 'It has struct pages, at which older kernels stop',
    },
  },
  dma_unmap_resource: {
    title: 'Unmap memory without struct pages',
    description: 'The device sees it no more.',
    ...MAPPING,
    returns: d.nothing,
  },
  dma_set_mask_and_coherent: {
    title: 'Say what a device can address',
    description: 'Addresses the device can put on the bus.',
    args: z.strictObject({ dev, mask: d.address.describe('2n ** 64n - 1n for 64 bits') }),
    returns: d.nothing,
    fails: { EIO: 'No memory lies below it' },
  },
  dma_set_max_seg_size: {
    title: 'Say how long a segment may be',
    description: 'Bytes up to which an IOMMU may join entries into one; 64 KiB unless set.',
    args: z.strictObject({ dev, size: d.bytes.describe('How much') }),
    returns: d.nothing,
    fails: {},
  },
  dma_addressing_limited: {
    title: 'Ask whether memory is out of reach',
    description: "Whether there is memory that the device's mask does not reach.",
    args: z.strictObject({ dev }),
    returns: z.strictObject({
      dma_mask: d.address.describe('What the device can address'),
      required_mask: d.address.describe('What it takes to address all'),
      limited: d.flag,
    }),
    fails: { ENOSYS: 'This kernel does not have it' },
  },
  pcie_transfer: {
    title: 'Move bytes over PCIe links',
    description:
      'Between two devices, or between one and memory; counts them. They turn around at the first bridge both ends share, unless told not to.',
    args: z.strictObject({
      from: d.text.optional().describe('PCI name; memory where it is left out'),
      to: d.text.optional().describe('PCI name; memory where it is left out'),
      size: d.bytes.describe('How much'),
      through_host_bridge: d.flag.default(false).describe('All the way up, whatever they share'),
    }),
    returns: d.nothing,
    fails: { ENODEV: 'There is no such device', EINVAL: 'Neither end is a device' },
  },
} as const;
