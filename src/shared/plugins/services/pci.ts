/** PCI bridges and functions, and peer-to-peer memory. */
import { z } from 'zod';
import * as d from '../declaration.ts';
import { physRange } from './dma.ts';

/** What a PCI function is. */
const PCI_KINDS = [
  'host-bridge',
  'root-port',
  'upstream-port',
  'downstream-port',
  'endpoint',
] as const;

const pdev = d.text.describe('PCI name: 0000:03:00.0');
const PDEV = z.strictObject({ pdev });
const clients = d.list(d.text).describe('PCI names, or devices of the lab');
const size = d.bytes.describe('How much');

const pciBar = z
  .strictObject({
    bar: z.int().min(0).max(5).describe('Its number'),
    start: d.address.describe('First byte, as CPUs see it'),
    size: d.bytes.min(1n).describe('How much'),
  })
  .refine(
    ...d.rule<{ start: bigint; size: bigint }>(
      (bar) => bar.start + bar.size <= d.MAX_PHYSICAL,
      'start and size reach past the last physical address',
    ),
  )
  .meta({ id: 'PciBar', description: 'A memory BAR' });

export const PCI_SERVICES = {
  pci_register_host_bridge: {
    title: 'Add a root bus',
    description:
      "What goes through the host bridge is counted in this device's u64 registers `bytes_memory` (to and from RAM) and `bytes_peer`.",
    args: z.strictObject({
      bus: d.text.describe('0000:00'),
      cpu_family: d.integer.default(0).describe('By which the kernel trusts it; 0: unknown'),
      iommu: d.flag.default(false).describe('Devices below it are behind an IOMMU'),
      bus_offset: d.bytes
        .default(0n)
        .describe('CPU address less bus address of what the bridge forwards; 0 on every PC'),
    }),
    returns: d.nothing,
    fails: { EINVAL: 'That is no name of a bus', EEXIST: 'There is one of that name' },
  },
  pci_device_add: {
    title: 'Add a PCI function',
    description:
      "Below a bridge that is there already. What crosses the link above it is counted in this device's u64 registers `bytes_up` and `bytes_down`.",
    args: PDEV.extend({
      parent: d.text.describe('A PCI name, a root bus or a device of the lab'),
      kind: z.enum(PCI_KINDS).describe('What it is'),
      vendor: d.integer.default(0).describe('Vendor ID'),
      device_id: d.integer.default(0).describe('Device ID'),
      acs: d.integer.default(0).describe('ACS control register'),
      bars: d.list(pciBar).default([]).describe('Its memory'),
    }),
    returns: d.nothing,
    fails: {
      EINVAL: 'The name, the place or a BAR cannot be',
      EEXIST: 'There is one of that name',
      ENODEV: 'There is no such bridge',
    },
  },
  pci_write_acs_ctrl: {
    title: 'Set access control',
    description: 'Writes the ACS control register of a port.',
    args: PDEV.extend({ ctrl: d.integer.describe('PCI_ACS_*, or-ed') }),
    returns: d.nothing,
    fails: { ENODEV: 'There is no such function' },
  },
  pci_p2pdma_add_resource: {
    title: 'Offer a BAR to peers',
    description: 'Gives a BAR struct pages and makes a pool of it.',
    since: '4.20',
    args: PDEV.extend({
      bar: d.integer.describe('Its number'),
      size: d.bytes.default(0n).describe('How much; 0: the rest of the BAR'),
      offset: d.bytes.default(0n).describe('Where in the BAR'),
    }),
    returns: d.nothing,
    fails: {
      EINVAL: 'The BAR is not memory or not so large, or the kernel was built without it',
      ENODEV: 'There is no such function',
      ENOMEM: 'The memmap finds no room',
      ENXIO: 'The architecture has no device pages',
    },
  },
  pci_p2pdma_release: {
    title: 'Take a BAR from peers',
    description: 'What devres does when the driver goes; waits for the last user.',
    args: PDEV,
    returns: d.nothing,
    fails: { EINVAL: 'Its memory is on its way out already' },
  },
  pci_p2pmem_publish: {
    title: 'Let others find peer memory',
    description: 'Whether pci_p2pmem_find_many looks at it.',
    args: PDEV.extend({ publish: d.flag.describe('From now on') }),
    returns: d.nothing,
    fails: {},
  },
  pci_alloc_p2pmem: {
    title: 'Allocate peer memory',
    description: 'Gives the CPU physical address.',
    args: PDEV.extend({ size }),
    returns: d.address.nullable().describe('null: the pool has no room'),
    fails: {},
  },
  pci_free_p2pmem: {
    title: 'Free peer memory',
    description: 'Gives it back to the pool.',
    args: PDEV.extend({ address: d.address.describe('As pci_alloc_p2pmem gave it'), size }),
    returns: d.nothing,
    fails: { EFAULT: 'It was not allocated' },
  },
  pci_p2pdma_distance_many: {
    title: 'Ask how far clients are',
    description: 'The sum of the hops.',
    args: z.strictObject({
      provider: d.text.describe('PCI name'),
      clients,
      verbose: d.flag.default(false).describe('Say why not, in the kernel log'),
    }),
    returns: z.strictObject({
      distance: d.integer.describe('-1: a client cannot reach the provider'),
    }),
    fails: {},
  },
  pci_p2pmem_find_many: {
    title: 'Find the nearest peer memory',
    description: 'PCI name of the nearest published provider.',
    args: z.strictObject({ clients }),
    returns: d.text.nullable().describe('null: there is none'),
    fails: {},
  },
  pci_p2pmem_alloc_sgl: {
    title: 'Allocate peer memory for a transfer',
    description: 'A scatterlist of one entry over fresh peer memory.',
    args: PDEV.extend({ size }),
    returns: z
      .strictObject({ sg: d.list(physRange) })
      .nullable()
      .describe('null: the pool has no room'),
    fails: {},
  },
  pci_p2pmem_free_sgl: {
    title: 'Free peer memory of a transfer',
    description: 'Gives the memory of a scatterlist back.',
    args: PDEV.extend({ sg: d.list(physRange).describe('As pci_p2pmem_alloc_sgl gave it') }),
    returns: d.nothing,
    fails: { EFAULT: 'It was not allocated' },
  },
} as const;
