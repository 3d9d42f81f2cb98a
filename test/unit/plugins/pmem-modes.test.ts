import { describe, expect, it } from 'vitest';
import { resourceLines } from '../../../src/main/engine/lab/inspect/iomem.ts';
import { NvdimmBench } from './nvdimm-bench.ts';

const GIB = 1n << 30n;
const MIB = 1n << 20n;

async function labelled(
  options: Parameters<typeof NvdimmBench.create>[0] = {},
): Promise<NvdimmBench> {
  const bench = await NvdimmBench.create(options);
  expect(bench.do('init-labels')).toBe(0);
  return bench;
}

/** Names and ranges in /proc/iomem below the persistent memory. */
function claimed(bench: NvdimmBench): string[] {
  return resourceLines(bench.world)
    .filter(({ name }) => /^(namespace|dax)/.test(name))
    .map(({ start, end, name }) => `${name} ${start.toString(16)}-${end.toString(16)}`);
}

function logged(bench: NvdimmBench): string[] {
  return [...bench.world.rows('kernel_log')].map(({ text }) => text);
}

describe('devdax: the namespace is split between metadata and a dax device', () => {
  // 1 GiB at 4 GiB, memmap on the device: 8 KiB + 64 bytes x 262142 pages, up to 2 MiB: 18 MiB.
  it('keeps its name on the first 18 MiB only, and its pagemap over all of it', async () => {
    const bench = await labelled();
    expect(bench.do('create-namespace', { mode: 'devdax' })).toBe('ns0');
    expect(bench.register('info')).toMatchObject({
      signature: 'NVDIMM_DAX_INFO',
      dataoff: 18n * MIB,
      npfns: 257536,
      mode: 2,
    });
    expect(claimed(bench)).toEqual([
      'namespace0.0 100000000-1011fffff',
      'dax0.0 101200000-13fffffff',
    ]);
    const [pgmap] = [...bench.world.rows('pgmaps')];
    expect(pgmap).toMatchObject({
      type: 'MEMORY_DEVICE_GENERIC',
      ranges: [{ start: 0x100000000n, end: 0x13fffffffn }],
      vmemmap_shift: 9,
    });
    // 8 sections of 512 pages of memmap each, and 510 pages to the first 2 MiB boundary.
    expect(pgmap?.altmap).toMatchObject({ reserve: 2, free: 4606, alloc: 4096, align: 510 });
    expect(bench.register('namespaces')).toMatchObject({
      mode: 'devdax',
      map: 'dev',
      usable: GIB - 18n * MIB,
      chardev: 'dax0.0',
      blockdev: '',
    });
  });

  it.each([
    { version: '6.12', align: '4KiB', type: 'MEMORY_DEVICE_GENERIC', vmemmap_shift: 0 },
    { version: '6.12', align: '2MiB', type: 'MEMORY_DEVICE_GENERIC', vmemmap_shift: 9 },
    { version: '5.10', align: '2MiB', type: 'MEMORY_DEVICE_GENERIC', vmemmap_shift: 0 },
    { version: '5.3', align: '2MiB', type: 'MEMORY_DEVICE_DEVDAX', vmemmap_shift: 0 },
  ])('$version, align $align: $type, order $vmemmap_shift', async (wanted) => {
    const { version, align, type, vmemmap_shift } = wanted;
    const bench = await labelled({ version });
    bench.do('create-namespace', { mode: 'devdax', map: 'mem', align });
    expect([...bench.world.rows('pgmaps')]).toMatchObject([{ type, vmemmap_shift }]);
  });

  it('shares the tail pages of the memmap in RAM, from 5.19 on, where pages are compound', async () => {
    const source = async (version: string, align: string, map: string) => {
      const bench = await labelled({ version });
      bench.do('create-namespace', { mode: 'devdax', map, align });
      return bench.world.at('vmemmap', 0x101200)?.source;
    };
    expect(await source('6.12', '2MiB', 'mem')).toBe('ram, tail pages shared');
    expect(await source('6.12', '4KiB', 'mem')).toBe('ram');
    expect(await source('6.12', '2MiB', 'dev')).toBe('altmap');
    expect(await source('5.10', '2MiB', 'mem')).toBe('ram');
  });

  // 1 GiB has 16 MiB of memmap, 4096 pages. Of each compound page two pages of memmap stay: its
  // head's and one of tails. 2 MiB: 512 of them. 1 GiB: sections 2 to 8 share the first one's.
  it.each([
    { size: GIB, align: '2MiB', notes: ['1024 pages of RAM hold 4096 pages of memmap'] },
    { size: 4n * GIB, align: '1GiB', notes: ['8 pages of RAM hold 16384 pages of memmap'] },
  ])('keeps two pages of memmap for each of its $align pages', async ({ size, align, notes }) => {
    const bench = await labelled({ size });
    const before = bench.log.length;
    bench.do('create-namespace', { mode: 'devdax', map: 'mem', align });
    expect(bench.notes(before, 'vmemmap_populate_compound_pages')).toEqual(notes);
  });

  it('with 1 GiB pages gives up the first GiB to the info block', async () => {
    const bench = await labelled({ size: 4n * GIB });
    expect(bench.do('create-namespace', { mode: 'devdax', map: 'mem', align: '1GiB' })).toBe('ns0');
    expect(bench.register('info')).toMatchObject({ dataoff: GIB, npfns: 3 * 262144, mode: 1 });
    expect([...bench.world.rows('pgmaps')]).toMatchObject([{ vmemmap_shift: 18, altmap: null }]);
    expect(claimed(bench)).toEqual([
      'namespace0.0 100000000-13fffffff',
      'dax0.0 140000000-1ffffffff',
    ]);
  });

  it('is found again by its info block, and gives everything back when it is unbound', async () => {
    const bench = await labelled();
    bench.do('create-namespace', { mode: 'devdax' });
    expect(bench.do('ns0.disable')).toBe(0);
    expect(claimed(bench)).toEqual([]);
    expect(bench.world.count('pgmaps')).toBe(0);
    const before = bench.log.length;
    expect(bench.do('ns0.enable')).toBe(0);
    expect(
      bench
        .calls(before)
        .filter((name) => /^(nd_.*_probe|dax_pmem_probe|dev_dax_probe)/.test(name)),
    ).toEqual([
      'nd_pmem_probe -ENXIO',
      'nd_btt_probe -ENODEV',
      'nd_pfn_probe -ENODEV',
      'nd_dax_probe',
      'dax_pmem_probe',
      'dev_dax_probe',
    ]);
    expect(bench.register('namespaces')).toMatchObject({ mode: 'devdax', align: 2n * MIB });
    expect(bench.do('ns0.bind')).toBe('-EBUSY ndns->dev.driver');
  });
});

describe('sector: a block translation table, no struct pages', () => {
  // 1 GiB less the first page, two info blocks, 16 KiB of log and a page of slack leaves
  // 1073709056 bytes: 261880 blocks of 4096 + 4 bytes, 256 of them kept free.
  it('offers 261624 sectors of 1 GiB', async () => {
    const bench = await labelled();
    expect(bench.do('create-namespace', { mode: 'sector' })).toBe('ns0');
    expect(bench.register('namespaces')).toMatchObject({
      mode: 'sector',
      usable: 261624n * 4096n,
      blockdev: 'pmem0s',
    });
    expect(bench.world.count('pgmaps')).toBe(0);
    expect(claimed(bench)).toEqual(['namespace0.0 100000000-13fffffff']);
    bench.do('ns0.disable');
    expect(bench.do('ns0.enable')).toBe(0);
    expect(bench.register('namespaces')).toMatchObject({ mode: 'sector', claim: 'btt0.0' });
  });

  it('needs 16 MiB behind its first page', async () => {
    const bench = await labelled();
    expect(bench.do('create-namespace', { mode: 'sector', size: '16MiB' })).toBe(
      '-ENXIO rawsize < ARENA_MIN_SIZE',
    );
    expect(claimed(bench)).toEqual([]);
    expect(bench.do('create-namespace', { mode: 'sector', size: '32MiB' })).toBe('ns0');
  });
});

describe('persistent memory of the e820 map', () => {
  const start = 0x100200000n;

  it('has struct pages already in raw mode, without an altmap', async () => {
    const bench = await NvdimmBench.create({ legacy: true, start, size: 126n * MIB });
    expect(claimed(bench)).toEqual(['namespace0.0 100200000-107ffffff']);
    expect([...bench.world.rows('pgmaps')]).toMatchObject([
      { type: 'MEMORY_DEVICE_FS_DAX', altmap: null, ranges: [{ start, end: 0x107ffffffn }] },
    ]);
    expect(bench.register('namespaces')).toMatchObject({
      mode: 'fsdax',
      map: 'mem',
      claim: '',
      usable: 126n * MIB,
      npfns: 32256,
    });
  });

  it('needs its region aligned to 2 MiB before ndctl takes its 126 MiB', async () => {
    const bench = await NvdimmBench.create({ legacy: true, start, size: 126n * MIB });
    expect(bench.do('create-namespace', { map: 'dev' })).toBe(
      '-EINVAL region0: align setting is 0x1000000 size 0x7e00000 is misaligned',
    );
    expect(bench.do('set-align', { align: '2MiB' })).toBe(0);
    expect(bench.do('create-namespace', { map: 'dev' })).toBe('ns0');
    expect(bench.register('namespaces')).toMatchObject({ claim: 'pfn0.0', usable: 124n * MIB });
    expect(bench.do('create-namespace', { map: 'mem' })).toBe('ns0');
    expect(bench.register('namespaces')).toMatchObject({ claim: '', usable: 126n * MIB });
  });

  it('is aligned to a page where it has not 16 MiB', async () => {
    const bench = await NvdimmBench.create({ legacy: true, start, size: 12n * MIB });
    expect(bench.world.get('registers', 'nvdimm0/align')?.value).toBe(4096n);
    expect(bench.do('create-namespace', { mode: 'devdax', align: '4KiB' })).toBe('ns0');
  });

  it('is not mapped from 5.7 on where it is aligned to 1 MiB: neither raw nor with an info block', async () => {
    const bench = await NvdimmBench.create({ legacy: true, start: 0x100100000n, size: 64n * MIB });
    expect(bench.register('namespaces')).toMatchObject({ state: 'disabled' });
    expect(logged(bench).at(-1)).toMatch(
      /\[mem 0x100100000-0x1040fffff flags 0x200\] misaligned, unable to map$/,
    );
    for (const mode of ['fsdax', 'devdax']) {
      expect(bench.do('create-namespace', { mode, map: 'dev' })).toMatch(
        /^-EINVAL !IS_ALIGNED\(start, memremap_compat_align/,
      );
      expect(logged(bench).at(-1)).toMatch(/start 0x100100000 misaligned to 0x200000$/);
    }
    expect(bench.world.count('pgmaps')).toBe(0);
  });

  it('is left to memremap_pages before 5.7', async () => {
    const bench = await NvdimmBench.create({
      ...{ legacy: true, start: 0x100100000n, size: 64n * MIB, version: '5.4' },
    });
    const calls = bench.calls(0);
    expect(calls).toContain('devm_memremap_pages -EINVAL');
    expect(claimed(bench)).toEqual([]);
  });
});
