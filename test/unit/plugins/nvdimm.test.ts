import { describe, expect, it } from 'vitest';
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

describe('nd_pfn_init: where the data of a namespace begins', () => {
  // Worked by hand: 8 KiB for the info block, 64 bytes for each of the (size - 8 KiB) / 4 KiB pages,
  // rounded up to the larger of the alignment and 2 MiB.
  it.each([
    {
      size: 16n * GIB,
      map: 'dev',
      align: '2MiB',
      dataoff: 0x10200000n,
      npfns: 4128256,
      free: 66046,
    },
    {
      size: 16n * GIB,
      map: 'mem',
      align: '2MiB',
      dataoff: 0x200000n,
      npfns: 4193792,
      free: undefined,
    },
    {
      size: 16n * GIB,
      map: 'dev',
      align: '1GiB',
      dataoff: 0x40000000n,
      npfns: 3932160,
      free: 262142,
    },
    { size: GIB, map: 'dev', align: '2MiB', dataoff: 0x1200000n, npfns: 257536, free: 4606 },
    { size: 16n * MIB, map: 'dev', align: '4KiB', dataoff: 0x200000n, npfns: 3584, free: 510 },
  ])('$size bytes, map=$map, align $align', async ({ size, map, align, dataoff, npfns, free }) => {
    const bench = await labelled({ size });
    expect(bench.do('create-namespace', { map, align })).toBe('ns0');
    expect(bench.register('info')).toMatchObject({ dataoff, npfns, version_minor: 4 });
    expect(bench.register('namespaces')).toMatchObject({
      usable: size - dataoff,
      data_offset: dataoff,
      npfns,
    });
    const [pgmap] = [...bench.world.rows('pgmaps')];
    expect(pgmap?.altmap?.free).toBe(free);
    expect(pgmap?.device).toBe('nvdimm0');
  });

  it('cannot align data to 1 GiB inside 1 GiB, and leaves no namespace behind', async () => {
    const bench = await labelled();
    const outcome = bench.do('create-namespace', { align: '1GiB' });
    expect(outcome).toBe('-ENXIO offset >= (size - end_trunc)');
    expect(bench.register('namespaces')).toBeUndefined();
    expect(bench.world.count('pgmaps')).toBe(0);
    expect(bench.do('create-namespace', { align: '2MiB' })).toBe('ns0');
  });

  it('refuses a start that is no multiple of 2 MiB where the kernel checks it', async () => {
    const start = 0x100100000n;
    const bench = await NvdimmBench.create({ start, label_size: '0' });
    expect(bench.do('create-namespace')).toBe(
      '-EINVAL !IS_ALIGNED(start, memremap_compat_align())',
    );
    const log = [...bench.world.rows('kernel_log')].map(({ text }) => text);
    expect(log.at(-1)).toContain('start 0x100100000 misaligned to 0x200000');
  });

  it('writes the info block of its era', async () => {
    const bench = await labelled({ version: '5.3' });
    expect(bench.do('create-namespace')).toBe('ns0');
    expect(bench.register('info')).toMatchObject({ version_minor: 3 });
  });
});

describe('what ndctl refuses before the kernel is asked', () => {
  it.each([
    [{ size: '33MiB' }, '-EINVAL region0: align setting is 0x1000000 size 0x2100000 is misaligned'],
    [
      { size: '128MiB', align: '1GiB' },
      "-EINVAL '--size=' must align to interleave-width: 1 and alignment: 1073741824; did you intend --size=1024M?",
    ],
    [
      { align: '16MiB' },
      '-EINVAL region0: alignment 16777216 is none of 4096, 2097152, 1073741824',
    ],
    [{ size: '2GiB' }, '-ENOSPC region0: insufficient capacity size: 0x80000000 avail: 0x40000000'],
    [{ mode: 'turbo' }, '`mode` takes one of raw, fsdax, sector, devdax'],
  ])('%o', async (args, message) => {
    const bench = await labelled();
    expect(bench.do('create-namespace', args)).toBe(message);
    expect(bench.register('namespaces')).toBeUndefined();
  });

  it('takes 33 MiB once the region is aligned to 2 MiB no more', async () => {
    const bench = await labelled();
    expect(bench.do('set-align', { align: '3MiB' })).toMatch(/^-EINVAL .*is_power_of_2/);
    expect(bench.do('set-align', { align: '4KiB' })).toBe(0);
    expect(bench.do('create-namespace', { size: '34MiB', map: 'mem' })).toBe('ns0');
    expect(bench.register('namespaces')).toMatchObject({ size: 34n * MIB, usable: 32n * MIB });
  });

  it('has no pfn devices in a 4.3 kernel without ZONE_DEVICE', async () => {
    const bench = await labelled({ version: '4.3' });
    expect(bench.do('create-namespace', { map: 'mem' })).toMatch(
      /^-EOPNOTSUPP region0: CONFIG_ZONE_DEVICE is not set/,
    );
  });
});

describe('a region without labels', () => {
  it('is one raw namespace from the start, without struct pages', async () => {
    const bench = await NvdimmBench.create({ label_size: '0' });
    expect(bench.register('namespaces')).toMatchObject({
      name: 'namespace0.0',
      mode: 'raw',
      state: 'enabled',
      size: GIB,
    });
    expect(bench.world.count('pgmaps')).toBe(0);
    expect(bench.do('init-labels')).toMatch(/^-ENXIO nmem0 has no label area/);
  });

  it('can be made fsdax as a whole only', async () => {
    const bench = await NvdimmBench.create({ label_size: '0' });
    expect(bench.do('create-namespace', { size: '512MiB' })).toMatch(
      /^-EINVAL region0 has no labels/,
    );
    expect(bench.do('create-namespace')).toBe('ns0');
    expect(bench.register('namespaces')).toMatchObject({ mode: 'fsdax', state: 'enabled' });
  });
});

describe('binding and unbinding', () => {
  it('enters the functions the kernel enters, in its order', async () => {
    const bench = await labelled();
    const before = bench.log.length;
    bench.do('create-namespace', { map: 'mem', size: '16MiB' });
    const names = bench
      .calls(before)
      .filter((name) => !/^(pagemap_range|get_dev|region_int)/.test(name));
    expect(names.slice(0, 13)).toEqual([
      'create-namespace',
      'validate_namespace_options',
      'size_store',
      'nd_pmem_probe',
      'nvdimm_namespace_common_probe',
      'pmem_should_map_pages',
      'pmem_attach_disk',
      'nvdimm_setup_pfn',
      'nd_pfn_init',
      'nd_pfn_validate -ENODEV',
      '__nvdimm_setup_pfn',
      'request_mem_region',
      'devm_memremap_pages',
    ]);
  });

  it('finds the info block again: the raw probe leaves the namespace to the pfn device', async () => {
    const bench = await labelled();
    bench.do('create-namespace', { map: 'mem', size: '16MiB' });
    const info = bench.register('info');
    expect(bench.do('ns0.disable')).toBe(0);
    expect(bench.world.count('pgmaps')).toBe(0);
    const before = bench.log.length;
    expect(bench.do('ns0.enable')).toBe(0);
    expect(bench.calls(before).filter((name) => name.startsWith('nd_pmem_probe'))).toEqual([
      'nd_pmem_probe -ENXIO',
      'nd_pmem_probe',
    ]);
    expect(bench.register('info')).toEqual(info);
    expect(bench.world.count('pgmaps')).toBe(1);
  });

  it('leaves the span of ZONE_DEVICE as it was', async () => {
    const bench = await labelled();
    const device = () => [...bench.world.rows('zones')].find(({ name }) => name === 'Device');
    expect(device()?.spanned_pages).toBe(0);
    bench.do('create-namespace', { map: 'mem', size: '16MiB' });
    bench.do('ns0.unbind');
    expect(device()).toMatchObject({
      zone_start_pfn: 0x100000,
      spanned_pages: 4096,
      present_pages: 0,
    });
    expect(bench.do('ns0.unbind')).toBe('-ENODEV dev->driver != drv');
    expect(bench.do('ns1.bind')).toBe('-ENODEV !ndns');
    expect(bench.do('ns0.bind')).toBe(0);
    expect(bench.do('ns0.bind')).toBe('-EBUSY ndns->dev.driver');
    expect(bench.do('elsewhere.bind')).toBe('-ENODEV there is no elsewhere');
  });

  it('destroys an active namespace only when forced, and gives its place to the next', async () => {
    const bench = await labelled();
    bench.do('create-namespace', { map: 'mem', size: '512MiB' });
    expect(bench.do('ns0.destroy-namespace')).toMatch(/^-EBUSY namespace0\.0 is active/);
    expect(bench.do('ns0.destroy-namespace', { force: true })).toBe(0);
    expect([...bench.world.rows('registers')].filter(({ name }) => name === 'namespaces')).toEqual(
      [],
    );
    expect(bench.do('create-namespace')).toBe('ns0');
    expect(bench.register('namespaces')).toMatchObject({ size: GIB });
  });
});

describe('labels', () => {
  it('hold where each namespace lies, and nothing once it is destroyed', async () => {
    const bench = await labelled();
    const count = () =>
      [...bench.world.rows('registers')].filter(({ name }) => name === 'labels').length;
    const signature = count();
    expect(signature).toBe('NAMESPACE_INDEX'.length);
    bench.do('create-namespace', { map: 'mem', size: '512MiB' });
    bench.do('create-namespace', { map: 'mem', size: '256MiB' });
    // dpa of the second label: 512 MiB, so byte 3 of the eight holds 0x20.
    expect(bench.world.get('registers', `nvdimm0/labels/${512 + 256 + 104 + 3}`)?.value).toBe(0x20);
    bench.do('ns0.destroy-namespace', { force: true });
    bench.do('ns1.destroy-namespace', { force: true });
    expect(count()).toBe(signature);
  });
});
