import * as f from './field.ts';
import { keyed } from './table.ts';

const BAR = f.record(
  {
    bar: f.count('Its number, 0 to 5'),
    start: f.address('Where CPUs see it'),
    size: f.bytes('A power of two'),
  },
  'A BAR of a PCI function',
);
export type Bar = f.TypeOf<typeof BAR>;

const P2P_CHUNK = f.record(
  {
    start: f.address('Where CPUs see it'),
    size: f.bytes('How long it is'),
    bus: f.address('Where the bus sees it'),
    pgmap: f.ref('pgmaps', 'Its pagemap'),
  },
  'A chunk of a provider’s gen_pool',
);
export type P2pChunk = f.TypeOf<typeof P2P_CHUNK>;

const SG_ENTRY = f.record(
  { pfn: f.pfn('The page'), offset: f.bytes('Where in it'), length: f.bytes('How much') },
  'struct scatterlist before it is mapped',
);
export type SgEntry = f.TypeOf<typeof SG_ENTRY>;

/** How a device reaches memory it can reach (enum pci_p2pdma_map_type). */
export const MAP_TYPES = ['NONE', 'BUS_ADDR', 'THRU_HOST_BRIDGE'] as const;

const DMA_SEGMENT = f.record(
  {
    address: f.address('As the device sees it'),
    length: f.bytes('How long it is'),
    type: f.choice(MAP_TYPES, 'How its pages are reached'),
    bounce: f.orNull(
      f.address('Where swiotlb holds the copy the device sees in place of the memory'),
    ),
  },
  'A segment as the device sees it',
);
export type DmaSegment = f.TypeOf<typeof DMA_SEGMENT>;

/** Devices, their registers, PCI and what is mapped for them. */
export const DEVICE_TABLES = {
  devices: keyed(
    'id',
    { title: 'Devices', meaning: 'Devices on the bench' },
    {
      id: f.text('As the lab names it'),
      model: f.text('Its hardware model'),
      node: f.nid('The node it is close to'),
      state: f.text('absent, present, bound or failed'),
      note: f.text('Why it failed'),
    },
  ),
  registers: keyed(
    'key',
    { title: 'Registers', meaning: 'Registers that hardware models declare' },
    {
      key: f.text('device/register, /index behind it in an array'),
      device: f.ref('devices', 'Whose it is'),
      name: f.text('As the model names it'),
      index: f.count('Its place in an array of registers; 0 alone'),
      value: f.value('What it holds'),
    },
  ),
  engine_work: keyed(
    'id',
    {
      title: 'Work of device engines',
      meaning: 'What engines of devices were given and have not begun',
    },
    {
      id: f.text('DEVICE.ENGINE/WORK', f.OWN),
      device: f.ref('devices', 'Whose engine it is', f.OWN),
      engine: f.text('Which of its engines', f.OWN),
      work: f.count('What the model calls the work', f.OWN),
    },
  ),
  irqs: keyed(
    'irq',
    {
      title: 'Interrupts',
      meaning: 'Interrupts with a handler, as /proc/interrupts lists them',
      struct: 'irqaction',
    },
    {
      irq: f.count('Its number'),
      device: f.ref('devices', 'Whose driver handles it', { member: 'dev_id' }),
      name: f.text('As the driver names it'),
      count: f.count('How often it came', f.OWN),
    },
  ),
  pci_hosts: keyed(
    'id',
    { title: 'PCI host bridges', meaning: 'PCI host bridges', struct: 'pci_host_bridge' },
    {
      id: f.text('Its root bus: 0000:00', { member: 'bus' }),
      device: f.ref('devices', 'The bench’s device', f.OWN),
      cpu_family: f.word('Family of the CPU it is part of', f.OWN),
      iommu: f.truth('Does an IOMMU translate what is below it?', f.OWN),
      bus_offset: f.address('CPU address less bus address', f.OWN),
    },
  ),
  pci_devices: keyed(
    'id',
    { title: 'PCI functions', meaning: 'Functions of PCI devices', struct: 'pci_dev' },
    {
      id: f.text('pci_name(): 0000:03:00.0', f.OWN),
      device: f.ref('devices', 'The bench’s device', f.OWN),
      host: f.ref('pci_hosts', 'The host bridge above', f.OWN),
      parent: f.ref('pci_devices', 'The bridge above; empty on a root bus', f.OWN),
      kind: f.text('host-bridge, root-port, upstream-port, downstream-port or endpoint', f.OWN),
      vendor: f.word('Vendor ID'),
      device_id: f.word('Device ID', { member: 'device' }),
      acs: f.word('The ACS control register', f.OWN),
      bars: f.list(BAR, 'Its BARs', { member: 'resource' }),
    },
  ),
  p2pdma: keyed(
    'provider',
    { title: 'Peer memory', meaning: 'Memory PCI functions lend to peers', struct: 'pci_p2pdma' },
    {
      provider: f.ref('pci_devices', 'Whose memory it is', f.OWN),
      published: f.truth('May anybody find it?', { member: 'p2pmem_published' }),
      chunks: f.list(P2P_CHUNK, 'What its gen_pool is made of', { member: 'pool' }),
      allocated: f.list(
        f.record(
          { start: f.address('Where CPUs see it'), size: f.bytes('How long it is') },
          'A piece',
        ),
        'What of the chunks is given away',
        { member: 'pool' },
      ),
      map_types: f.map(f.text('enum pci_p2pdma_map_type'), 'How each client reaches it, as cached'),
    },
  ),
  dma_devices: keyed(
    'id',
    { title: 'DMA settings', meaning: 'What drivers set of their devices', struct: 'device' },
    {
      id: f.text('dev_name()', f.OWN),
      dma_mask: f.mask('Bus addresses it can reach'),
      max_segment_size: f.bytes('Longest segment it takes', {
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
      id: f.count('In order of creation', f.OWN),
      dev: f.text('dev_name() of the device'),
      api: f.text('scatter-gather or resource', { member: 'type' }),
      dir: f.text('enum dma_data_direction', { member: 'direction' }),
      sg: f.list(SG_ENTRY, 'The memory as it was given', { member: 'paddr' }),
      dma: f.list(DMA_SEGMENT, 'As mapped: fewer where an IOMMU joined them', {
        member: 'dev_addr',
      }),
      iova_start: f.orNull(f.address('First IOVA; NULL where no IOMMU translates', f.OWN)),
      iova_size: f.bytes('IOVAs it takes', f.OWN),
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
      name: f.text('How the bench names it', f.OWN),
      count: f.count('References held', { member: 'data.count' }),
      dead: f.truth('Was it killed?', { member: 'percpu_count_ptr' }),
      device: f.ref('devices', 'Whose it is', f.OWN),
    },
  ),
};
