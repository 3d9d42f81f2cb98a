import {
  address,
  bytes,
  count,
  list,
  map,
  mask,
  nid,
  orNull,
  OWN,
  pfn,
  record,
  ref,
  text,
  truth,
  value,
  word,
  type TypeOf,
} from './field.ts';
import { keyed } from './table.ts';

const BAR = record(
  {
    bar: count('Its number, 0 to 5'),
    start: address('Where CPUs see it'),
    size: bytes('A power of two'),
  },
  'A BAR of a PCI function',
);
export type Bar = TypeOf<typeof BAR>;

const P2P_CHUNK = record(
  {
    start: address('Where CPUs see it'),
    size: bytes('How long it is'),
    bus: address('Where the bus sees it'),
    pgmap: ref('pgmaps', 'Its pagemap'),
  },
  'A chunk of a provider’s gen_pool',
);
export type P2pChunk = TypeOf<typeof P2P_CHUNK>;

const SG_ENTRY = record(
  { pfn: pfn('The page'), offset: bytes('Where in it'), length: bytes('How much') },
  'struct scatterlist before it is mapped',
);
export type SgEntry = TypeOf<typeof SG_ENTRY>;

const DMA_SEGMENT = record(
  {
    address: address('As the device sees it'),
    length: bytes('How long it is'),
    type: text('How its pages are reached (enum pci_p2pdma_map_type)'),
    bounce: orNull(address('Where swiotlb holds the copy the device sees in place of the memory')),
  },
  'A segment as the device sees it',
);
export type DmaSegment = TypeOf<typeof DMA_SEGMENT>;

/** Devices, their registers, PCI and what is mapped for them. */
export const DEVICE_TABLES = {
  devices: keyed(
    'id',
    { title: 'Devices', meaning: 'Devices on the bench' },
    {
      id: text('As the lab names it'),
      model: text('Its hardware model'),
      node: nid('The node it is close to'),
      state: text('absent, present, bound or failed'),
      note: text('Why it failed'),
    },
  ),
  registers: keyed(
    'key',
    { title: 'Registers', meaning: 'Registers that hardware models declare' },
    {
      key: text('device/register, /index behind it in an array'),
      device: ref('devices', 'Whose it is'),
      name: text('As the model names it'),
      index: count('Its place in an array of registers; 0 alone'),
      value: value('What it holds'),
    },
  ),
  pci_hosts: keyed(
    'id',
    { title: 'PCI host bridges', meaning: 'PCI host bridges', struct: 'pci_host_bridge' },
    {
      id: text('Its root bus: 0000:00', { member: 'bus' }),
      device: ref('devices', 'The bench’s device', OWN),
      cpu_family: word('Family of the CPU it is part of', OWN),
      iommu: truth('Does an IOMMU translate what is below it?', OWN),
      bus_offset: address('CPU address less bus address', OWN),
    },
  ),
  pci_devices: keyed(
    'id',
    { title: 'PCI functions', meaning: 'Functions of PCI devices', struct: 'pci_dev' },
    {
      id: text('pci_name(): 0000:03:00.0', OWN),
      device: ref('devices', 'The bench’s device', OWN),
      host: ref('pci_hosts', 'The host bridge above', OWN),
      parent: ref('pci_devices', 'The bridge above; empty on a root bus', OWN),
      kind: text('endpoint, root-port, upstream, downstream, host-bridge ...', OWN),
      vendor: word('Vendor ID'),
      device_id: word('Device ID', { member: 'device' }),
      acs: word('The ACS control register', OWN),
      bars: list(BAR, 'Its BARs', { member: 'resource' }),
    },
  ),
  p2pdma: keyed(
    'provider',
    { title: 'Peer memory', meaning: 'Memory PCI functions lend to peers', struct: 'pci_p2pdma' },
    {
      provider: ref('pci_devices', 'Whose memory it is', OWN),
      published: truth('May anybody find it?', { member: 'p2pmem_published' }),
      chunks: list(P2P_CHUNK, 'What its gen_pool is made of', { member: 'pool' }),
      allocated: list(
        record({ start: address('Where CPUs see it'), size: bytes('How long it is') }, 'A piece'),
        'What of the chunks is given away',
        { member: 'pool' },
      ),
      map_types: map(text('enum pci_p2pdma_map_type'), 'How each client reaches it, as cached'),
    },
  ),
  dma_devices: keyed(
    'id',
    { title: 'DMA settings', meaning: 'What drivers set of their devices', struct: 'device' },
    {
      id: text('dev_name()', OWN),
      dma_mask: mask('Bus addresses it can reach'),
      max_segment_size: bytes('Longest segment it takes', {
        member: 'dma_parms.max_segment_size',
      }),
    },
  ),
  dma_mappings: keyed(
    'id',
    {
      title: 'DMA mappings',
      meaning: 'Live DMA mappings, as CONFIG_DMA_API_DEBUG keeps them',
      struct: 'dma_debug_entry',
    },
    {
      id: count('In order of creation', OWN),
      dev: text('dev_name() of the device'),
      api: text('scatter-gather or resource', { member: 'type' }),
      dir: text('enum dma_data_direction', { member: 'direction' }),
      sg: list(SG_ENTRY, 'The memory as it was given', { member: 'paddr' }),
      dma: list(DMA_SEGMENT, 'As mapped: fewer where an IOMMU joined them', { member: 'dev_addr' }),
      iova_start: orNull(address('First IOVA; NULL where no IOMMU translates', OWN)),
      iova_size: bytes('IOVAs it takes', OWN),
    },
  ),
  percpu_refs: keyed(
    'name',
    {
      title: 'References of drivers',
      meaning: 'Drivers’ own references to memory',
      struct: 'percpu_ref',
    },
    {
      name: text('How the bench names it', OWN),
      count: count('References held', { member: 'data.count' }),
      dead: truth('Was it killed?', { member: 'percpu_count_ptr' }),
      device: ref('devices', 'Whose it is', OWN),
    },
  ),
};
