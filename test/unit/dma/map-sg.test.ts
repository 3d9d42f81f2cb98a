import { describe, expect, it } from 'vitest';
import { host, nic, nvme, oneSwitch, PciBench, type PciOptions } from '../p2pdma/pci-bench.ts';

const CMB = 0xf4000000;
const RAM = 0x1000000;
const KIB = 1024;
const SKYLAKE_E = 0x2030;
/** Both peers on the root bus: only the host bridge is common to them. */
const APART = [nvme('0000:00:02.0', 'host0'), nic('0000:00:03.0', 'host0')];
const UNLISTED = [host(), ...APART];

interface Mapping {
  readonly mapping: number | null;
  readonly nents: number;
  readonly segments: { dma_address: bigint; length: bigint; type: string; bounce: bigint | null }[];
}

async function mapped(
  options: PciOptions,
  segments: readonly (readonly [address: number, size: number])[],
  more = {},
): Promise<{ bench: PciBench; got: unknown; segments: readonly unknown[] }> {
  const bench = await PciBench.create(options);
  const list = segments.map(([address, size]) => ({ address, size }));
  const got = bench.do('nic0', 'map', { segments: list, ...more });
  const found = typeof got === 'object' ? (got as Mapping).segments : [];
  return {
    bench,
    got,
    segments: found.map(({ dma_address, length, type }) => [dma_address, length, type]),
  };
}

describe('dma_map_sgtable of a list that mixes RAM and peer memory', () => {
  const list = [
    [RAM, 8 * KIB],
    [CMB, 4 * KIB],
    [RAM + 0x200, 512],
  ] as const;

  it('types each entry by itself below a switch', async () => {
    const { segments, bench } = await mapped({ devices: oneSwitch() }, list);
    expect(segments).toEqual([
      [0x1000000n, 8192n, 'NONE'],
      [0xf4000000n, 4096n, 'BUS_ADDR'],
      [0x1000200n, 512n, 'NONE'],
    ]);
    expect([...bench.world.rows('dma_mappings')]).toMatchObject([
      {
        id: 1,
        dev: '0000:04:00.0',
        api: 'scatter-gather',
        sg: [
          { pfn: 0x1000, offset: 0n, length: 8192n },
          { pfn: 0xf4000, offset: 0n, length: 4096n },
          { pfn: 0x1000, offset: 0x200n, length: 512n },
        ],
      },
    ]);
  });

  it('with an IOMMU gives IOVAs to RAM and none to a bus address', async () => {
    const devices = oneSwitch(undefined, host(0x29c0, ', iommu: true'));
    const { segments, bench } = await mapped({ devices }, list);
    // 8 KiB and one page for the 512 bytes: 3 pages, rounded up to 4, below 4 GiB, aligned to 4.
    expect(segments).toEqual([
      [0xffffc000n, 8192n, 'NONE'],
      [0xf4000000n, 4096n, 'BUS_ADDR'],
      [0xffffe200n, 512n, 'NONE'],
    ]);
    expect(bench.world.need('dma_mappings', 1)).toMatchObject({
      iova_start: 0xffffc000n,
      iova_size: 0x4000n,
    });
  });

  it('gives peer memory an IOVA where it goes through the host bridge', async () => {
    const devices = [host(SKYLAKE_E, ', iommu: true'), ...APART];
    const { segments } = await mapped({ devices }, [[CMB, 4 * KIB]]);
    expect(segments).toEqual([[0xfffff000n, 4096n, 'THRU_HOST_BRIDGE']]);
  });

  it('adds the offset between CPU and bus addresses to bus addresses only', async () => {
    const devices = oneSwitch(undefined, host(0x29c0, ', bus_offset: 0x40000000'));
    const { segments } = await mapped({ devices }, list.slice(0, 2));
    expect(segments).toEqual([
      [0x1000000n, 8192n, 'NONE'],
      [0xb4000000n, 4096n, 'BUS_ADDR'],
    ]);
  });

  it('fails as a whole where one entry is of a peer out of reach, and leaves nothing mapped', async () => {
    const { got, bench } = await mapped({ devices: UNLISTED }, list);
    expect(got).toMatch(/^-EREMOTEIO/);
    expect([...bench.world.rows('dma_mappings')]).toEqual([]);
  });
});

describe('until 6.0 a driver maps by the first page of the list', () => {
  it('so RAM behind a peer page gets an address as if it were the peer’s', async () => {
    const devices = oneSwitch(undefined, host(0x29c0, ', bus_offset: 0x40000000'));
    const list = [
      [CMB, 4 * KIB],
      [RAM, 4 * KIB],
    ] as const;
    const old = await mapped({ version: '5.14', devices }, list);
    expect(old.segments).toEqual([
      [0xb4000000n, 4096n, 'BUS_ADDR'],
      [0xffffffffc1000000n, 4096n, 'BUS_ADDR'],
    ]);
  });

  it('and a peer page behind RAM is mapped as if it were RAM', async () => {
    const list = [
      [RAM, 4 * KIB],
      [CMB, 4 * KIB],
    ] as const;
    const { segments } = await mapped({ version: '5.14', devices: UNLISTED }, list);
    expect(segments).toEqual([
      [0x1000000n, 4096n, 'NONE'],
      [0xf4000000n, 4096n, 'NONE'],
    ]);
  });
});

describe('what a failed mapping looks like', () => {
  const peer = [[CMB, 4 * KIB]] as const;
  it.each([
    { version: '6.12', api: 'dma_map_sgtable', got: /^-EREMOTEIO pci_p2pdma_state/ },
    { version: '5.14', api: 'dma_map_sgtable', got: /^-EIO pci_p2pdma_map_sg\(\) == 0/ },
  ])('$api of an unreachable peer in $version', async ({ version, api, got }) => {
    expect((await mapped({ version, devices: UNLISTED }, peer, { api })).got).toMatch(got);
  });

  it('dma_map_sg maps 0 segments, whatever the reason', async () => {
    const { got } = await mapped({ devices: UNLISTED }, peer, { api: 'dma_map_sg' });
    expect(got).toMatchObject({ mapping: null, nents: 0, segments: [] });
  });

  // A mask of 32 bits and no swiotlb: RAM above 4 GiB cannot be mapped.
  it.each([
    { version: '4.20', got: /^-EIO nents == 0/ },
    { version: '5.14', got: /^-EINVAL nents == 0/ },
    { version: '6.12', got: /^-EIO dma_capable/ },
  ])('an address past the mask in $version', async ({ version, got }) => {
    const devices = [
      ...oneSwitch().slice(0, 6),
      `${nic('0000:04:00.0', 'dn1').slice(0, -2)}, dma_bits: 32 }`,
    ];
    const options = { version, devices, ram: 0x140000000n, cmdline: 'swiotlb=noforce' };
    expect((await mapped(options, [[0x100000000, 4 * KIB]])).got).toMatch(got);
  });

  it('memory without struct pages cannot be in a list at all', async () => {
    const bench = await PciBench.create({ devices: oneSwitch() });
    bench.do('nvme0', 'unbind');
    const segments = [{ address: CMB, size: 4096 }];
    expect(bench.do('nic0', 'map', { segments })).toContain('-EINVAL sg_page(sg): PFN 999424');
    expect(bench.do('nic0', 'map-resource', { address: CMB, size: 4096 })).toMatchObject({
      dma_address: 0xf4000000n,
    });
  });

  it('every page of an entry needs one: the last of the BAR is past the pagemap', async () => {
    const bench = await PciBench.create({ devices: oneSwitch() });
    const segments = [{ address: CMB + 0x4000000 - 4096, size: 8192 }];
    expect(bench.do('nic0', 'map', { segments })).toContain('PFN 1015808 has no page');
  });
});

describe('an IOMMU joins entries that follow on each other', () => {
  const iommu = oneSwitch(undefined, host(0x29c0, ', iommu: true'));
  it('where one ends and the next begins on a page', async () => {
    const { segments } = await mapped({ devices: iommu }, [
      [RAM, 4 * KIB],
      [RAM + 0x10000, 8 * KIB],
      [RAM + 0x20100, 256],
    ]);
    // 1 + 2 + 1 pages; the third entry begins inside its page.
    expect(segments).toEqual([
      [0xffffc000n, 12288n, 'NONE'],
      [0xfffff100n, 256n, 'NONE'],
    ]);
  });

  it('and takes the next range below one in use', async () => {
    const { bench } = await mapped({ devices: iommu }, [[RAM, 4 * KIB]]);
    const again = bench.do('nic0', 'map', { segments: [{ address: RAM, size: 4096 }] });
    expect(again).toMatchObject({ mapping: 2, segments: [{ dma_address: 0xffffe000n }] });
    bench.do('nic0', 'unmap', { mapping: 1 });
    const third = bench.do('nic0', 'map', { segments: [{ address: RAM, size: 4096 }] });
    expect(third).toMatchObject({ segments: [{ dma_address: 0xfffff000n }] });
  });
});

describe('unmapping and syncing', () => {
  it('sync passes bus addresses over', async () => {
    const { bench } = await mapped({ devices: oneSwitch() }, [
      [RAM, 4 * KIB],
      [CMB, 4 * KIB],
    ]);
    expect(bench.do('nic0', 'sync', { mapping: 1 })).toEqual({ synced: 1 });
    expect(bench.do('nic0', 'unmap', { mapping: 1 })).toBeUndefined();
    expect([...bench.world.rows('dma_mappings')]).toEqual([]);
    expect(bench.do('nic0', 'unmap', { mapping: 1 })).toMatch(/^-EINVAL/);
    expect(bench.do('nic0', 'sync', { mapping: 1 })).toMatch(/^-EINVAL/);
  });
});
