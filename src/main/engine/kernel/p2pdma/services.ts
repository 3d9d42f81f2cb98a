import type { Bar } from '../../../../shared/world/device-tables.ts';
import type { Args, Value } from '../../../../shared/world/value.ts';
import { driverService, type DriverService } from '../device/services.ts';
import type { PhysRange } from '../dma/scatterlist.ts';
import { pci_p2pdma_distance_many, pci_p2pmem_find_many } from './distance.ts';
import { pci_p2pmem_alloc_sgl, pci_p2pmem_free_sgl } from './scatterlist.ts';
import {
  pci_alloc_p2pmem,
  pci_free_p2pmem,
  pci_p2pdma_add_resource,
  pci_p2pdma_release,
  pci_p2pmem_publish,
} from './provider.ts';
import {
  pci_device_add,
  pci_register_host_bridge,
  pci_write_acs_ctrl,
  PCI_KINDS,
  type PciDeviceParams,
} from './topology.ts';

const text = (args: Args, name: string): string => (args[name] ?? '') as string;
const number = (args: Args, name: string): number => (args[name] ?? 0) as number;
const bytes = (args: Args, name: string): bigint => (args[name] ?? 0n) as bigint;

/** Bytes of the whole physical address space: no BAR reaches past it. */
const MAX_ADDRESS = 1n << 52n;

function barsFrom(value: Value | undefined): Bar[] | string {
  const bars: Bar[] = [];
  for (const entry of (value ?? []) as readonly Value[]) {
    const { bar, start, size } = (entry ?? {}) as Record<string, Value>;
    if (
      typeof bar !== 'number' ||
      typeof start !== 'bigint' ||
      typeof size !== 'bigint' ||
      ![0, 1, 2, 3, 4, 5].includes(bar) ||
      start < 0n ||
      size <= 0n ||
      start + size > MAX_ADDRESS
    ) {
      return 'bars takes records { bar, start, size }: 0 to 5, and bytes (bigint)';
    }
    bars.push({ bar, start, size });
  }
  return bars;
}

function deviceParams(args: Args, device: string): PciDeviceParams | string {
  const bars = barsFrom(args['bars']);
  if (typeof bars === 'string') return bars;
  const kind = text(args, 'kind');
  if (!(PCI_KINDS as readonly string[]).includes(kind)) {
    return `kind takes one of ${PCI_KINDS.join(', ')}`;
  }
  return {
    pdev: text(args, 'pdev'),
    device,
    parent: text(args, 'parent'),
    kind,
    vendor: number(args, 'vendor'),
    device_id: number(args, 'device_id'),
    acs: number(args, 'acs'),
    bars,
  };
}

function clientsFrom(args: Args): readonly string[] | string {
  const clients = args['clients'] as readonly Value[];
  return clients.every((name) => typeof name === 'string')
    ? (clients as readonly string[])
    : 'clients takes names of devices';
}

function sglFrom(list: readonly Value[]): PhysRange[] | string {
  const sg: PhysRange[] = [];
  for (const entry of list) {
    const { phys, size } = (entry ?? {}) as Record<string, Value>;
    if (typeof phys !== 'bigint' || typeof size !== 'bigint') {
      return 'sg takes records { phys, size }: bytes (bigint)';
    }
    sg.push({ phys, size });
  }
  return sg;
}

/** The kernel functions around PCI topology and peer-to-peer DMA that models call. */
export const pciServices: readonly DriverService[] = [
  driverService(
    'pci_register_host_bridge',
    { bus: 'text', cpu_family: 'count?', iommu: 'flag?', bus_offset: 'address?' },
    pci_register_host_bridge,
    (args, { id }) => ({
      bus: text(args, 'bus'),
      device: id,
      cpu_family: number(args, 'cpu_family'),
      iommu: args['iommu'] === true,
      bus_offset: bytes(args, 'bus_offset'),
    }),
  ),
  driverService(
    'pci_device_add',
    {
      ...{ pdev: 'text', parent: 'text', kind: 'text', vendor: 'count?' },
      ...{ device_id: 'count?', acs: 'count?', bars: 'list?' },
    },
    pci_device_add,
    (args, { id }) => deviceParams(args, id),
  ),
  driverService(
    'pci_write_acs_ctrl',
    { pdev: 'text', ctrl: 'count' },
    pci_write_acs_ctrl,
    (args) => ({ pdev: text(args, 'pdev'), ctrl: number(args, 'ctrl') }),
  ),
  driverService(
    'pci_p2pdma_add_resource',
    { pdev: 'text', bar: 'count', size: 'address?', offset: 'address?' },
    pci_p2pdma_add_resource,
    (args) => ({
      pdev: text(args, 'pdev'),
      bar: number(args, 'bar'),
      size: bytes(args, 'size'),
      offset: bytes(args, 'offset'),
    }),
  ),
  driverService('pci_p2pdma_release', { pdev: 'text' }, pci_p2pdma_release, (args) => ({
    pdev: text(args, 'pdev'),
  })),
  driverService(
    'pci_p2pmem_publish',
    { pdev: 'text', publish: 'flag' },
    pci_p2pmem_publish,
    (args) => ({ pdev: text(args, 'pdev'), publish: args['publish'] === true }),
  ),
  driverService(
    'pci_alloc_p2pmem',
    { pdev: 'text', size: 'address' },
    pci_alloc_p2pmem,
    (args) => ({ pdev: text(args, 'pdev'), size: bytes(args, 'size') }),
  ),
  driverService(
    'pci_free_p2pmem',
    { pdev: 'text', address: 'address', size: 'address' },
    pci_free_p2pmem,
    (args) => ({
      pdev: text(args, 'pdev'),
      address: bytes(args, 'address'),
      size: bytes(args, 'size'),
    }),
  ),
  driverService(
    'pci_p2pdma_distance_many',
    { provider: 'text', clients: 'list', verbose: 'flag?' },
    pci_p2pdma_distance_many,
    (args) => {
      const clients = clientsFrom(args);
      if (typeof clients === 'string') return clients;
      return { provider: text(args, 'provider'), clients, verbose: args['verbose'] === true };
    },
    // -1 means too far, not -EPERM.
    (distance) => ({ distance }),
  ),
  driverService('pci_p2pmem_find_many', { clients: 'list' }, pci_p2pmem_find_many, (args) => {
    const clients = clientsFrom(args);
    return typeof clients === 'string' ? clients : { clients };
  }),
  driverService(
    'pci_p2pmem_alloc_sgl',
    { pdev: 'text', size: 'address' },
    pci_p2pmem_alloc_sgl,
    (args) => ({ pdev: text(args, 'pdev'), size: bytes(args, 'size') }),
    (sgl) => (sgl === null ? null : { sg: sgl.map((range) => ({ ...range })) }),
  ),
  driverService(
    'pci_p2pmem_free_sgl',
    { pdev: 'text', sg: 'list' },
    pci_p2pmem_free_sgl,
    (args) => {
      const sg = sglFrom(args['sg'] as readonly Value[]);
      return typeof sg === 'string' ? sg : { pdev: text(args, 'pdev'), sg };
    },
  ),
];
