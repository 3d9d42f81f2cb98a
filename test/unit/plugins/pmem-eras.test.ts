import { describe, expect, it } from 'vitest';
import { state_store } from '../../../src/main/engine/kernel/hotplug/memory-block.ts';
import { NvdimmBench } from './nvdimm-bench.ts';

const GIB = 1n << 30n;
const MIB = 1n << 20n;
const EARLY = { ZONE_DMA: 'n', ZONE_DEVICE: 'y' };

async function labelled(
  options: Parameters<typeof NvdimmBench.create>[0] = {},
): Promise<NvdimmBench> {
  const bench = await NvdimmBench.create(options);
  expect(bench.do('init-labels')).toBe(0);
  return bench;
}

const info = (bench: NvdimmBench) => bench.register('info') ?? {};

describe('the info block of a namespace with struct pages, by era', () => {
  it('begins data after 8 KiB in 4.3, which keeps the memmap in RAM', async () => {
    const bench = await labelled({ version: '4.3', config: EARLY });
    expect(bench.do('create-namespace', { map: 'mem' })).toBe('ns0');
    // (1 GiB - 8 KiB) / 4 KiB
    expect(info(bench)).toMatchObject({ version_minor: 0, dataoff: 8192n, npfns: 262142 });
    expect(info(bench)).toMatchObject({ start_pad: 0n, end_trunc: 0n });
    const other = await labelled({ version: '4.3', config: EARLY });
    expect(other.do('create-namespace', { map: 'dev' })).toMatch(/^-EOPNOTSUPP mode_store/);
  });

  it('must start at a section of 128 MiB in 4.3, and have one', async () => {
    const start = 0x104000000n;
    const bench = await NvdimmBench.create({
      ...{ version: '4.3', config: EARLY, start, label_size: '0' },
    });
    expect(bench.do('create-namespace', { map: 'mem' })).toMatch(/^-ENODEV start is not at/);
  });

  it('fills up sections with memmap in 4.14: minor version 2', async () => {
    const bench = await labelled({ version: '4.14' });
    expect(bench.do('create-namespace')).toBe('ns0');
    // 1 GiB is 8 sections: 262144 x 64 B = 16 MiB, behind 8 KiB, up to 2 MiB: 18 MiB.
    expect(info(bench)).toMatchObject({ version_minor: 2, dataoff: 18n * MIB, npfns: 257536 });
    const [pgmap] = [...bench.world.rows('pgmaps')];
    expect(pgmap).toMatchObject({ type: 'MEMORY_DEVICE_HOST' });
    expect(pgmap?.altmap).toMatchObject({ reserve: 2, free: 4606 });
  });

  it('cuts the end to the alignment and the start by nothing where no memory collides', async () => {
    const size = GIB + 64n * MIB;
    const bench = await labelled({ version: '5.1', size });
    bench.do('set-align', { align: '2MiB' });
    expect(bench.do('create-namespace', { map: 'mem' })).toBe('ns0');
    expect(info(bench)).toMatchObject({ start_pad: 0n, end_trunc: 0n, dataoff: 2n * MIB });
    // One section more than 1 GiB is mapped, though half of it is not the namespace's.
    const zone = [...bench.world.rows('zones')].find(({ name }) => name === 'Device');
    expect(zone?.spanned_pages).toBe((1024 + 128) * 256);
  });

  it('keeps 128 KiB for labels in dax devices of 4.14 and 5.1, and none from 5.3 on', async () => {
    const dataoff = async (version: string) => {
      const bench = await labelled({ version });
      expect(bench.do('create-namespace', { mode: 'devdax', map: 'mem', align: '4KiB' })).toBe(
        'ns0',
      );
      return info(bench)['dataoff'];
    };
    expect(await dataoff('4.14')).toBe(8192n + 131072n);
    expect(await dataoff('5.1')).toBe(8192n + 131072n);
    expect(await dataoff('5.3')).toBe(2n * MIB);
  });

  it('maps devdax in every era', async () => {
    for (const version of ['4.14', '4.20', '5.1', '5.3', '5.14', '5.19', '6.0', '7.2']) {
      const bench = await labelled({ version });
      expect([version, bench.do('create-namespace', { mode: 'devdax' })]).toEqual([version, 'ns0']);
      expect(bench.do('ns0.unbind')).toBe(0);
      expect(bench.world.count('pgmaps')).toBe(0);
      expect(bench.world.count('percpu_refs')).toBe(0);
    }
  });
});

describe('whose reference the pagemap of fsdax has', () => {
  const unbound = async (version: string) => {
    const bench = await labelled({ version });
    expect(bench.do('create-namespace')).toBe('ns0');
    const [pgmap] = [...bench.world.rows('pgmaps')];
    const since = bench.log.length;
    expect(bench.do('ns0.unbind')).toBe(0);
    expect(bench.world.count('percpu_refs')).toBe(0);
    const order = ['blk_freeze_queue_start', 'mem_hotplug_begin', 'blk_cleanup_queue'];
    return {
      ref: pgmap?.external_ref,
      calls: bench.calls(since).filter((fn) => order.includes(fn)),
    };
  };

  it('is the request queue until 5.16: frozen before, and waited for after in 4.14', async () => {
    for (const version of ['4.14', '4.20', '5.1']) {
      expect(await unbound(version)).toEqual({
        ref: 'pmem0 q_usage_counter',
        calls: ['blk_freeze_queue_start', 'mem_hotplug_begin', 'blk_cleanup_queue'],
      });
    }
  });

  it('is waited for before the memory goes from 5.2 on', async () => {
    for (const version of ['5.2', '5.3', '5.14']) {
      expect(await unbound(version)).toEqual({
        ref: 'pmem0 q_usage_counter',
        calls: ['blk_freeze_queue_start', 'blk_cleanup_queue', 'mem_hotplug_begin'],
      });
    }
  });

  it("is the pagemap's own from 5.17 on", async () => {
    expect(await unbound('5.19')).toEqual({ ref: '', calls: ['mem_hotplug_begin'] });
  });
});

describe('a devdax namespace as system RAM', () => {
  it('loses its pagemap, and the data is RAM of kmem in whole memory blocks', async () => {
    const bench = await labelled({ version: '6.12' });
    expect(bench.do('create-namespace', { mode: 'devdax' })).toBe('ns0');
    expect(bench.do('ns0.reconfigure', { mode: 'system-ram' })).toBe(0);
    expect(bench.world.count('pgmaps')).toBe(0);
    const names = [...bench.world.rows('resources')].map(({ name }) => name);
    expect(names).toContain('System RAM (kmem)');
    // 1 GiB less 18 MiB, inward to blocks of 128 MiB: 7 of them.
    const added = [...bench.world.rows('memory_blocks')].filter(({ end }) => end > 32);
    expect(added.map(({ start, end }) => end - start)).toEqual([7]);
    expect(bench.register('namespaces')).toMatchObject({ mode: 'system-ram', chardev: '' });
    expect(bench.do('ns0.reconfigure', { mode: 'system-ram' })).toMatch(
      /^-EINVAL dax device is al/,
    );
    // RAM in use does not go: it stays until its blocks are offline.
    expect(bench.do('ns0.reconfigure', { mode: 'devdax' })).toBe('-EBUSY memory33 is online');
    for (let block = 33; block < 40; block += 1) bench.run(state_store, { block, buf: 'offline' });
    expect(bench.do('ns0.reconfigure', { mode: 'devdax' })).toBe(0);
    expect(bench.register('namespaces')).toMatchObject({ mode: 'devdax', chardev: 'dax0.0' });
    expect(bench.world.count('pgmaps')).toBe(1);
    expect(bench.do('ns0.unbind')).toBe(0);
  });

  it('is refused to anything but an enabled devdax namespace', async () => {
    const bench = await labelled();
    expect(bench.do('create-namespace')).toBe('ns0');
    expect(bench.do('ns0.reconfigure', { mode: 'system-ram' })).toMatch(/^-ENODEV ns0 has no dax/);
  });

  it('goes back to the device where no memory block fits', async () => {
    const bench = await labelled({ size: 128n * MIB });
    expect(bench.do('create-namespace', { mode: 'devdax' })).toBe('ns0');
    expect(bench.do('ns0.reconfigure', { mode: 'system-ram' })).toMatch(/^-EINVAL/);
    expect(bench.register('namespaces')).toMatchObject({ mode: 'devdax', chardev: 'dax0.0' });
    expect(bench.world.count('pgmaps')).toBe(1);
  });
});

describe('direct access to pmem', () => {
  const access = async (version: string, args: object) => {
    const bench = await labelled({ version });
    bench.do('create-namespace', { map: 'mem' });
    bench.do('ns0.inject-error', { block: 80, count: 8 });
    return bench.do('ns0.direct-access', { pgoff: 0, pages: 8, ...args });
  };

  it('reaches the pages asked for where the namespace has bad blocks elsewhere', async () => {
    // Data of 1 GiB in RAM mode begins 2 MiB in.
    expect(await access('6.12', {})).toEqual({ pages: 8, pfn: 0x100200 });
    expect(await access('6.12', { pgoff: 11 })).toEqual({ pages: 8, pfn: 0x10020b });
  });

  it('fails on a bad block by era, and not for a write over it', async () => {
    const check = 'badblocks_check(bb, sector, num, &first_bad, &num_bad)';
    expect(await access('6.12', { pages: 11 })).toBe(`-EHWPOISON ${check}`);
    expect(await access('6.1', { pages: 11 })).toBe(`-EIO ${check}`);
    // A write may go up to the bad page, the 11th, and then takes it alone.
    expect(await access('6.12', { pages: 11, recovery: true })).toEqual({
      pages: 10,
      pfn: 0x100200,
    });
  });

  it('reaches all pages up to the end where there is no bad block', async () => {
    const bench = await labelled();
    bench.do('create-namespace', { map: 'mem' });
    expect(bench.do('ns0.direct-access', { pgoff: 1 })).toEqual({ pages: 261631, pfn: 0x100201 });
  });
});

describe('nvdimm_namespace_common_probe', () => {
  it('refuses every namespace of a locked DIMM', async () => {
    const bench = await NvdimmBench.create({ device: { locked: true } });
    bench.do('init-labels');
    expect(bench.do('create-namespace')).toBe('-EACCES test_bit(NDD_LOCKED, &nvdimm->flags)');
  });
});
