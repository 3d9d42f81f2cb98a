import { describe, expect, it } from 'vitest';
import {
  pci_alloc_p2pmem,
  pci_free_p2pmem,
  pci_p2pdma_add_resource,
  poolSizes,
} from '../../../src/main/engine/kernel/p2pdma/provider.ts';
import type { PhysRange } from '../../../src/main/engine/kernel/p2pdma/scatterlist.ts';
import {
  pci_p2pmem_alloc_sgl,
  pci_p2pmem_free_sgl,
} from '../../../src/main/engine/kernel/p2pdma/scatterlist.ts';
import { nic, nvme, oneSwitch, PciBench } from './pci-bench.ts';

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

  it('pci_alloc_p2pmem takes the first fit in whole pages, null when it is full; pci_free_p2pmem gives back, once', async () => {
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

describe('pci_p2pmem_find_many among providers', () => {
  const second = (bdf: string, parent: string): string =>
    `{ id: nvme1, model: nvme, bdf: "${bdf}", parent: ${parent}, range: { start: 0xe0000000, size: 2MiB } }`;

  it('takes the nearer one', async () => {
    const devices = [...oneSwitch(), second('0000:04:00.1', 'dn1')];
    const bench = await PciBench.create({ devices });
    // 2 hops to the function beside it, 4 to the drive below the other downstream port.
    expect(bench.do('nic0', 'find')).toEqual({ provider: '0000:04:00.1' });
  });

  it('takes any of two that are as near, the same each time for one seed, not for all', async () => {
    const devices = [...oneSwitch(), second('0000:03:00.1', 'dn0')];
    const found = async (seed: number): Promise<unknown> => {
      const bench = await PciBench.create({ devices, seed });
      return (bench.do('nic0', 'find') as { provider: string }).provider;
    };
    const seeds = Array.from({ length: 12 }, (_, seed) => seed + 1);
    const picked = await Promise.all(seeds.map(found));
    expect(new Set(picked)).toEqual(new Set(['0000:03:00.0', '0000:03:00.1']));
    expect(await Promise.all(seeds.map(found))).toEqual(picked);
  });
});

describe('pci_p2pmem_alloc_sgl', () => {
  it('is a list of one entry, null without room, and gives back with pci_p2pmem_free_sgl', async () => {
    const bench = await PciBench.create({ devices: oneSwitch() });
    const all = { pdev: DRIVE, size: 67043328n };
    const sg = bench.call(pci_p2pmem_alloc_sgl, all) as readonly PhysRange[];
    expect(sg).toEqual([{ phys: CMB + 65536n, size: 67043328n }]);
    expect(bench.call(pci_p2pmem_alloc_sgl, { pdev: DRIVE, size: 1n })).toBeNull();
    expect(bench.call(pci_p2pmem_free_sgl, { pdev: DRIVE, sg })).toBeUndefined();
    expect(poolSizes({ world: bench.world } as never, DRIVE).available).toBe(67043328n);
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
