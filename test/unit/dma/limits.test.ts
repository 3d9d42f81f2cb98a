import { describe, expect, it } from 'vitest';
import { dma_set_mask_and_coherent } from '../../../src/main/engine/kernel/dma/device.ts';
import { nic, oneSwitch, PciBench, type PciOptions } from '../p2pdma/pci-bench.ts';

const CMB = 0xf4000000;
/** A NIC with addresses of so many bits, beside the drive. */
const withBits = (bits: number): string[] => [
  ...oneSwitch().slice(0, 6),
  `${nic('0000:04:00.0', 'dn1').slice(0, -2)}, dma_bits: ${bits} }`,
];
const HIGH = 0x100000000;
/** 512 MiB below and 1 GiB above 4 GiB. */
const RAM = 0x140000000n;

async function map(
  options: PciOptions,
  address: number,
  size: number,
): Promise<{ bench: PciBench; got: unknown }> {
  const bench = await PciBench.create(options);
  return {
    bench,
    got: bench.do('nic0', 'map', { segments: [{ address, size }], dir: 'DMA_FROM_DEVICE' }),
  };
}

describe('swiotlb: memory a device cannot address is bounced', () => {
  it('into slots below 4 GiB, and copied back when it is unmapped', async () => {
    const { bench, got } = await map({ devices: withBits(32), ram: RAM }, HIGH + 0x10100, 4096);
    // RAM below 4 GiB ends at 0x1ffd0000; the pool is the last 64 MiB of it. 0x100 is kept.
    const bounce = 0x1bfd0100n;
    expect(got).toMatchObject({ segments: [{ dma_address: bounce, bounce }] });
    bench.do('nic0', 'unmap', { mapping: 1 });
    const copies = Array.from({ length: bench.log.length }, (_, at) => bench.log.step(at + 1))
      .filter(({ fn }) => fn === 'swiotlb_bounce')
      .map(({ args }) => args['dir']);
    expect(copies).toEqual(['to slots', 'from slots']);
  });

  it('256 KiB at most: 128 slots of 2 KiB', async () => {
    const { bench, got } = await map({ devices: withBits(32), ram: RAM }, HIGH, 256 * 1024);
    expect(got).toMatchObject({ nents: 1 });
    const more = { segments: [{ address: HIGH, size: 256 * 1024 + 1 }] };
    expect(bench.do('nic0', 'map', more)).toMatch(/^-EIO swiotlb_map/);
    expect(bench.printed().at(-1)).toBe(
      '0000:04:00.0: swiotlb buffer is full (sz: 262145 bytes), total 32768 (slots), used 128 (slots)',
    );
  });

  it('not where an IOMMU gives the device an address it reaches', async () => {
    const devices = withBits(32).map((line) =>
      line.includes('pci-host-bridge') ? line.replace(' }', ', iommu: true }') : line,
    );
    const { got } = await map({ devices, ram: RAM }, HIGH, 4096);
    expect(got).toMatchObject({ segments: [{ dma_address: 0xfffff000n, bounce: null }] });
  });

  it('never peer memory: swiotlb=force refuses it where it goes through the host bridge', async () => {
    const zen = [
      '{ id: host0, model: pci-host-bridge, vendor: 0x1022, cpu_family: 0x17 }',
      '{ id: nvme0, model: nvme, bdf: "0000:00:02.0", parent: host0, range: { start: 0xf4000000, size: 2MiB } }',
      nic('0000:00:03.0', 'host0'),
    ];
    const options = { devices: zen, vendor: 'AMD', cmdline: 'swiotlb=force' };
    expect((await map(options, CMB, 4096)).got).toMatch(/^-EIO is_pci_p2pdma_page/);
    // By its bus address it never meets the pool.
    const below = await map({ devices: oneSwitch(), cmdline: 'swiotlb=force' }, CMB, 4096);
    expect(below.got).toMatchObject({ segments: [{ type: 'BUS_ADDR', bounce: null }] });
  });
});

describe('dma_map_resource beside ZONE_DEVICE pages', () => {
  const resource = async (version: string, address: number, more = {}): Promise<unknown> => {
    const bench = await PciBench.create({ version, devices: oneSwitch(), ...more });
    return bench.do('nic0', 'map-resource', { address, size: 4096 });
  };

  it.each([
    { version: '4.3', got: '-ENOSYS dma_map_resource()' },
    { version: '4.14', got: '-EFAULT BUG_ON' },
    { version: '5.3', got: '-EIO WARN_ON_ONCE' },
    { version: '5.14', got: '-EIO WARN_ON_ONCE' },
  ])('a RAM page in $version', async ({ version, got }) => {
    expect(await resource(version, 0x100000)).toContain(got);
  });

  it.each(['6.12', '7.2'])('maps it in %s', async (version) => {
    expect(await resource(version, 0x100000)).toMatchObject({ dma_address: 0x100000n });
  });

  it('a BAR that is a pagemap is refused in 5.14 because it has struct pages', async () => {
    expect(await resource('5.14', CMB)).toContain('-EIO WARN_ON_ONCE(pfn_valid');
    expect(await resource('6.12', CMB)).toMatchObject({ dma_address: 0xf4000000n, type: 'NONE' });
  });

  it('is checked against the mask', async () => {
    const devices = withBits(31);
    expect(await resource('6.12', CMB, { devices })).toContain('-EIO !dma_capable');
  });

  it('under swiotlb=force maps until 6.12 and is refused in 7.2', async () => {
    const cmdline = 'swiotlb=force';
    expect(await resource('6.12', CMB, { cmdline })).toMatchObject({ dma_address: 0xf4000000n });
    expect(await resource('7.2', CMB, { cmdline })).toContain('-EIO is_swiotlb_force_bounce');
  });
});

describe('DMA masks', () => {
  it('of 24 bits reach ZONE_DMA, of 20 bits they do not', async () => {
    const bench = await PciBench.create({ devices: withBits(24) });
    expect(bench.state('nic0')).toBe('bound');
    expect(bench.world.need('dma_devices', '0000:04:00.0').dma_mask).toBe(0xffffffn);
    const small = { dev: 'nic0', mask: 0xfffffn };
    expect(bench.call(dma_set_mask_and_coherent, small)).toBe('-EIO !dma_supported(dev, mask)');
  });

  it.each([
    // RAM ends at 0x140000000: 33 bits.
    { bits: 32, limited: true },
    { bits: 33, limited: false },
  ])('$bits bits against RAM up to 5 GiB: limited $limited', async ({ bits, limited }) => {
    const bench = await PciBench.create({ devices: withBits(bits), ram: RAM });
    expect(bench.do('nic0', 'addressing')).toEqual({
      dma_mask: 2n ** BigInt(bits) - 1n,
      required_mask: 0x1ffffffffn,
      limited,
    });
  });

  it('behind an IOMMU 32 bits are enough', async () => {
    const devices = withBits(32).map((line) =>
      line.includes('pci-host-bridge') ? line.replace(' }', ', iommu: true }') : line,
    );
    const bench = await PciBench.create({ devices, ram: RAM });
    expect(bench.do('nic0', 'addressing')).toMatchObject({ limited: false });
  });

  it('4.14 has no such question', async () => {
    const bench = await PciBench.create({ version: '4.14', devices: withBits(32) });
    expect(bench.do('nic0', 'addressing')).toMatch(/^-ENOSYS/);
  });
});
