import { describe, expect, it } from 'vitest';
import { dma_map_resource, dma_map_sgtable } from '../../../src/main/engine/dma/mapping.ts';
import {
  pci_alloc_p2pmem,
  pci_free_p2pmem,
  pci_p2pdma_add_resource,
  poolSizes,
} from '../../../src/main/engine/p2pdma/provider.ts';
import { host, nic, nvme, oneSwitch, PciBench } from './pci-bench.ts';

const CMB = 0xf4000000n;
const MIB = 1n << 20n;
const DRIVE = '0000:03:00.0';

/** A bench whose drive has no driver any more, so that its BAR is free to add. */
async function unbound(version = '6.18'): Promise<PciBench> {
  const bench = await PciBench.create({ version, devices: oneSwitch() });
  expect(bench.do('nvme0', 'unbind')).toBe(0);
  return bench;
}

describe('pci_p2pdma_add_resource', () => {
  it.each([
    { bar: 0, size: 0n, offset: 0n, check: '!(pci_resource_flags(pdev, bar) & IORESOURCE_MEM)' },
    { bar: 2, size: 0n, offset: 64n * MIB, check: 'offset >= pci_resource_len(pdev, bar)' },
    { bar: 2, size: 64n * MIB, offset: 2n * MIB, check: 'size + offset > pci_resource_len' },
  ])('refuses bar $bar, $size bytes at $offset', async ({ check, ...where }) => {
    const bench = await unbound();
    const outcome = bench.call(pci_p2pdma_add_resource, { pdev: DRIVE, ...where });
    expect(outcome).toContain(`-EINVAL ${check}`);
    expect([...bench.world.rows('p2pdma')]).toEqual([]);
  });

  it('takes the rest of the BAR for size 0, and says so', async () => {
    const bench = await unbound();
    const where = { pdev: DRIVE, bar: 2, size: 0n, offset: 16n * MIB };
    expect(bench.call(pci_p2pdma_add_resource, where)).toBeUndefined();
    expect(bench.world.need('p2pdma', DRIVE).chunks).toMatchObject([
      { start: CMB + 16n * MIB, size: 48n * MIB, bus: CMB + 16n * MIB },
    ]);
    const added = `nvme ${DRIVE}: added peer-to-peer DMA memory 0xf5000000-0xf7ffffff`;
    expect(bench.printed()).toContain(added);
  });

  it('needs multiples of 2 MiB since 5.3', async () => {
    const where = { pdev: DRIVE, bar: 2, size: MIB, offset: 0n };
    const now = await unbound('6.12');
    expect(now.call(pci_p2pdma_add_resource, where)).toMatch(/^-EINVAL/);
    const then = await unbound('4.20');
    expect(then.call(pci_p2pdma_add_resource, where)).toBeUndefined();
  });

  it('is -EINVAL in a kernel without CONFIG_PCI_P2PDMA, and the drive works without its CMB', async () => {
    const bench = await PciBench.create({
      version: '6.1',
      devices: oneSwitch(),
      config: { PCI_P2PDMA: 'n' },
    });
    expect(bench.state('nvme0')).toBe('bound');
    expect(bench.printed()).toContain('nvme nvme0: failed to register the CMB');
    expect([...bench.world.rows('pgmaps')]).toEqual([]);
  });
});

describe('the pool of a provider', () => {
  it('holds the submission queue after probe: 65536 bytes less are available', async () => {
    const bench = await PciBench.create({ devices: oneSwitch() });
    const probe = { ...poolSizes({ world: bench.world } as never, DRIVE) };
    expect(probe).toEqual({ size: 67108864n, available: 67043328n });
    expect(bench.world.need('p2pdma', DRIVE).published).toBe(true);
  });

  it('allocates first fit in whole pages, and gives null when it is full', async () => {
    const bench = await unbound();
    bench.call(pci_p2pdma_add_resource, { pdev: DRIVE, bar: 2, size: 2n * MIB, offset: 0n });
    const alloc = (size: bigint): unknown => bench.call(pci_alloc_p2pmem, { pdev: DRIVE, size });
    expect([alloc(1n), alloc(MIB), alloc(4096n)]).toEqual([CMB, CMB + 4096n, CMB + MIB + 4096n]);
    const address = CMB + 4096n;
    bench.call(pci_free_p2pmem, { pdev: DRIVE, address, size: MIB });
    expect(alloc(8192n)).toBe(CMB + 4096n);
    expect(alloc(2n * MIB)).toBeNull();
    const twice = bench.call(pci_free_p2pmem, { pdev: DRIVE, address, size: MIB });
    expect(twice).toBe('-EFAULT gen_pool_free_owner: BUG()');
  });

  it('keeps the driver from going until the last user has freed', async () => {
    const bench = await PciBench.create({ devices: oneSwitch() });
    const address = bench.do('nvme0', 'allocate', { size: 4096 }) as bigint;
    expect(bench.do('nvme0', 'unbind', {}, 'unbinder')).toBe('still running');
    expect(bench.do('nvme0', 'allocate', { size: 4096 })).toMatch(/^-ENOMEM/);
    expect(bench.world.get('p2pdma', DRIVE)).toBeDefined();
    expect(bench.do('nvme0', 'free', { address, size: 4096 })).toBe(0);
    expect(bench.world.get('p2pdma', DRIVE)).toBeUndefined();
    expect([...bench.world.rows('pgmaps')]).toEqual([]);
  });

  it('is found only while it is published', async () => {
    const bench = await PciBench.create({ devices: oneSwitch() });
    expect(bench.do('nic0', 'find')).toEqual({ provider: DRIVE });
    bench.do('nvme0', 'publish', { publish: false });
    expect(bench.do('nic0', 'find')).toEqual({ provider: null });
  });
});

describe('a CMB of 1 MiB', () => {
  const devices = [
    ...oneSwitch().slice(0, 5),
    nvme('0000:03:00.0', 'dn0', 0xf4000000, 1 << 20),
    nic('0000:04:00.0', 'dn1'),
  ];

  it.each([
    { version: '6.18', said: false },
    { version: '6.12', said: true },
  ])('is left out in $version; is that said? $said', async ({ version, said }) => {
    const bench = await PciBench.create({ version, devices });
    expect(bench.state('nvme0')).toBe('bound');
    expect([...bench.world.rows('pgmaps')]).toEqual([]);
    expect(bench.printed().includes('nvme nvme0: failed to register the CMB')).toBe(said);
    expect(bench.register('nvme0/queues/0')).toMatchObject({ memory: 'RAM', address: null });
  });
});

describe('mapping a peer page', () => {
  it('is -EREMOTEIO since 6.0 and no mapped segment before, where the peers cannot reach each other', async () => {
    const ends = [nvme('0000:00:02.0', 'host0'), nic('0000:00:03.0', 'host0')];
    for (const [version, errno] of [
      ['6.12', '-EREMOTEIO'],
      ['5.14', '-EIO'],
    ] as const) {
      const bench = await PciBench.create({ version, devices: [host(), ...ends] });
      const segment = { dev: 'nic0', phys: CMB, size: 4096n };
      expect(bench.call(dma_map_sgtable, segment)).toContain(errno);
    }
  });

  it('gives an IOVA through the host bridge, and the bus address below a switch, with an IOMMU', async () => {
    const iommu = host(0x2030, ', iommu: true');
    const segment = { dev: 'nic0', phys: CMB, size: 4096n };
    const below = await PciBench.create({ devices: oneSwitch(undefined, iommu) });
    expect(below.call(dma_map_sgtable, segment)).toEqual({ type: 'BUS_ADDR', dma_address: CMB });
    const ends = [nvme('0000:00:02.0', 'host0'), nic('0000:00:03.0', 'host0')];
    const apart = await PciBench.create({ devices: [iommu, ...ends] });
    expect(apart.call(dma_map_sgtable, segment)).toEqual({
      type: 'THRU_HOST_BRIDGE',
      dma_address: 0xfffff000n,
    });
  });

  it('needs a struct page for every page of the scatterlist', async () => {
    const bench = await unbound();
    const segment = { dev: 'nic0', phys: CMB, size: 4096n };
    expect(bench.call(dma_map_sgtable, segment)).toContain('-EINVAL sg_page(sg): PFN 999424');
    expect(bench.call(dma_map_resource, segment)).toBe(CMB);
  });

  it.each([
    { version: '4.14', outcome: '-EFAULT BUG_ON' },
    { version: '5.3', outcome: '-EIO WARN_ON_ONCE' },
    { version: '6.12', outcome: 0x100000n },
  ])('dma_map_resource of a page in $version', async ({ version, outcome }) => {
    const bench = await PciBench.create({ version, devices: oneSwitch() });
    const segment = { dev: 'nic0', phys: 0x100000n, size: 4096n };
    const got = bench.call(dma_map_resource, segment);
    if (typeof outcome === 'bigint') expect(got).toBe(outcome);
    else expect(got).toContain(outcome);
  });
});

describe('PCI devices', () => {
  it.each([
    { device: nic('0000:04:00.0', 'nobody'), check: 'there is no bridge nobody' },
    { device: nic('0000:04:00.0', 'nvme0'), check: 'no endpoint stands below this endpoint' },
    { device: nic('0000:03:00.0', 'dn1'), check: 'pci_get_slot(0000:03:00.0)' },
    { device: nic('wrong', 'dn1'), check: 'wrong is no PCI name' },
  ])('$check', async ({ device, check }) => {
    const bench = await PciBench.create({ devices: [...oneSwitch().slice(0, 6), device] });
    expect(bench.state('nic0')).toBe('failed');
    const errors = Array.from({ length: bench.log.length }, (_, at) => bench.log.step(at + 1).err);
    expect(errors.some((err) => err?.check === check)).toBe(true);
  });
});
