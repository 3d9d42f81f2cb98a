import { describe, expect, it } from 'vitest';
import { modelOf } from '../../../src/main/engine/kernel/memmodel/models.ts';
import { pageToNid } from '../../../src/main/engine/kernel/memmodel/sparsemem.ts';
import { boot, type Booted } from './boot-lab.ts';

const LOW = [0n, 0x9fbffn] as const;
const text = (steps: readonly { what: string; text: string }[]) =>
  steps.map((step) => `${step.what}: ${step.text}`);
const there = (b: Booted, pfn: number) => modelOf(b).pfnToPage(b, pfn);
const back = (b: Booted, page: bigint) => modelOf(b).pageToPfn(b, page);
const valid = (b: Booted, pfn: number) => modelOf(b).pfnValid(b, pfn).valid;
const variable = (b: Booted, name: string) => b.world.get('vars', name)?.value;
const bytesOf = (b: Booted, what: RegExp) =>
  modelOf(b)
    .overhead(b)
    .filter((line) => what.test(line.what))
    .map(({ bytes }) => bytes);

describe('FLATMEM: 1 GiB under a 32-bit kernel of 4.3', () => {
  const b = boot({
    version: '4.3',
    arch: 'x86_32',
    model: 'flatmem',
    ram: [LOW, [0x100000n, 0x3fffffffn]],
  });

  it('has one array of 262144 entries of 32 bytes, 8 MiB, at the end of low memory', () => {
    // Low memory ends at 0x37bfe000; 8 MiB below that is 0x373fe000, mapped at 0xc0000000 above.
    const row = b.world.need('node_mem_maps', 0);
    expect([row.start_pfn, row.end_pfn, row.phys]).toEqual([0, 0x40000, 0x373fe000n]);
    expect(bytesOf(b, /^mem_map/)).toEqual([8n << 20n]);
  });

  it('moves mem_map back by the pages before the node: PFN 1 begins it', () => {
    expect(b.world.need('node_mem_maps', 0).node_mem_map).toBe(0xf73fe020n);
    expect(variable(b, 'mem_map')).toBe(0xf73fe000n);
  });

  it('converts by adding: 0x1000 is 0x20000 bytes into the array', () => {
    const { steps, page } = there(b, 0x1000);
    expect(page).toBe(0xf741e000n);
    expect(text(steps)).toEqual([
      'ARCH_PFN_OFFSET: 0x0',
      'pfn_to_page: mem_map 0xf73fe000 + (0x1000 \u2212 0x0) \u00d7 32 = 0xf741e000',
    ]);
    expect(back(b, 0xf741e000n).pfn).toBe(0x1000);
  });

  it('says that every hole below max_mapnr is valid', () => {
    expect([0, 0x9f, 0xff, 0x3ffff, 0x40000].map((pfn) => valid(b, pfn))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it('has nothing to allocate from before mem_init() and memblock_free_all()', () => {
    const first = { free: 0, buddy: 0 };
    for (let seq = 1; seq <= b.log.length; seq += 1) {
      const step = b.log.step(seq);
      if (step.fn === 'mem_init') first.free = seq;
      const given = step.diff.some(({ table, to }) => table === 'pages' && to?.['buddy'] === true);
      if (given && first.buddy === 0) first.buddy = seq;
    }
    expect(first.free).toBeGreaterThan(0);
    expect(first.buddy).toBeGreaterThan(first.free);
  });

  it('begins at ARCH_PFN_OFFSET on arm64: the array of memory at 2 GiB has no entries below', () => {
    const arm = boot({
      version: '5.3',
      arch: 'arm64',
      model: 'flatmem',
      ram: [[0x80000000n, 0xbfffffffn]],
    });
    expect(variable(arm, 'max_mapnr')).toBe(0x40000);
    expect(there(arm, 0x80000).page).toBe(variable(arm, 'mem_map'));
    expect(back(arm, variable(arm, 'mem_map') as bigint).pfn).toBe(0x80000);
    expect([0x7ffff, 0x80000, 0xbffff, 0xc0000].map((pfn) => valid(arm, pfn))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('DISCONTIGMEM: two nodes under a 32-bit kernel of 4.3', () => {
  const b = boot({
    version: '4.3',
    arch: 'x86_32',
    model: 'discontigmem',
    ram: [LOW, [0x100000n, 0x7fffffffn], [0x100000000n, 0x17fffffffn]],
    nodes: [0, 0, 1],
  });

  it('fills physnode_map in units of 64 MiB', () => {
    expect([...b.world.rows('physnode_map')]).toEqual([
      { start: 0, end: 32, nid: 0 },
      { start: 64, end: 96, nid: 1 },
    ]);
  });

  it('keeps both arrays, of 16 MiB each, in low memory', () => {
    const rows = [...b.world.rows('node_mem_maps')];
    expect(rows.map(({ start_pfn, end_pfn }) => [start_pfn, end_pfn])).toEqual([
      [0, 0x80000],
      [0x100000, 0x180000],
    ]);
    for (const { phys } of rows) expect(phys + (16n << 20n)).toBeLessThanOrEqual(0x37bfe000n);
    expect(bytesOf(b, /^node_mem_map/)).toEqual([16n << 20n, 16n << 20n]);
    // Low memory is node 0's: it pays for both.
    const payers = modelOf(b)
      .overhead(b)
      .map(({ charged }) => charged);
    expect(payers).toEqual(['node 0, RAM', 'node 0, RAM', 'kernel image']);
  });

  it('finds the node of a PFN in the table, that of a page in its flags', () => {
    const { node_mem_map } = b.world.need('node_mem_maps', 1);
    const { steps, page } = there(b, 0x100010);
    expect(page).toBe(node_mem_map + 0x10n * 32n);
    expect(text(steps)[0]).toBe(
      'pfn_to_nid: physnode_map[0x100010 / 16384] = physnode_map[64] = 1',
    );
    // 32 bits: node above zone, and zone 2 is HighMem: 1 << 29 | 2 << 27.
    expect(text(back(b, page as bigint).steps)[0]).toBe(
      'page_to_nid: flags 0x30000000 >> 29: node 1',
    );
    expect(back(b, page as bigint).pfn).toBe(0x100010);
  });

  it('is valid up to the end of a unit\u2019s node, in units that have one', () => {
    expect(
      [0xa0, 0x7ffff, 0x80000, 0xfffff, 0x100000, 0x17ffff, 0x180000].map((p) => valid(b, p)),
    ).toEqual([true, true, false, false, true, true, false]);
  });

  it('4.3 misses a last unit that a range only begins, as its steps start at the range', () => {
    // Steps of 0x4000 from 0x100: the last is 0xc100, past 0xc010; unit 3 stays -1.
    const odd = { arch: 'x86_32', model: 'discontigmem', ram: [[0x100000n, 0xc00ffffn]] as const };
    expect(valid(boot({ version: '4.3', ...odd }), 0xc000)).toBe(false);
    expect(valid(boot({ version: '4.14', ...odd }), 0xc000)).toBe(true);
  });
});

describe('classic SPARSEMEM: 4.3 x86_64 with a hole below 4 GiB', () => {
  const ram = [LOW, [0x100000n, 0xbfffffffn], [0x100000000n, 0x13fffffffn]] as const;
  const b = boot({ version: '4.3', model: 'sparsemem', ram });
  const coded = (nr: number) => b.world.at('section_mem_maps', nr)?.coded ?? 0n;

  it('codes a memmap\u2019s address less its section\u2019s first PFN', () => {
    // One block holds all memmaps: above the hole each lies eight sections\u2019 worth, 16 MiB, lower.
    expect(coded(0) - coded(32)).toBe(8n * (2n << 20n));
    expect(coded(23)).toBe(coded(0));
    expect(b.world.at('section_mem_maps', 24)).toBeUndefined();
  });

  it('converts through the section, and back through the section in the flags', () => {
    const { steps, page } = there(b, 0x108001);
    expect(page).toBe(coded(33) + 0x108001n * 64n);
    expect(text(steps).slice(0, 2)).toEqual([
      'pfn_to_section_nr: 0x108001 >> 15 = 33',
      '__nr_to_section: mem_section[0][33]',
    ]);
    const returned = back(b, page as bigint);
    expect(returned.pfn).toBe(0x108001);
    expect(text(returned.steps)[0]).toMatch(
      /^page_to_section: flags 0x[0-9a-f]+ >> 45: section 33$/,
    );
  });

  it('pays 2 MiB for each of 32 sections', () => {
    expect(bytesOf(b, /^memmap/)).toEqual([64n << 20n]);
    expect(bytesOf(b, /root pointers/)).toEqual([4096n * 8n]);
  });

  it('32-bit PAE has no room for the node in the flags: the section says it', () => {
    const pae = boot({
      version: '4.3',
      arch: 'x86_32',
      model: 'sparsemem',
      config: { NUMA: 'y' },
      ram: [LOW, [0x100000n, 0x7fffffffn], [0x100000000n, 0x17fffffffn]],
      nodes: [0, 0, 1],
    });
    expect(pageToNid(pae, 0x100000).text).toBe(
      'NODE_NOT_IN_PAGE_FLAGS: section_to_node_table[8] = 1',
    );
    expect(there(pae, 0x100000).steps[1]?.text).toBe('mem_section[8]');
    // STATIC: all 128 records of 8 bytes are in the kernel image; 4 MiB of memmap a section.
    expect(bytesOf(pae, /^mem_section\[/)).toEqual([1024n]);
    expect(bytesOf(pae, /^memmap/)).toEqual([16n << 20n, 16n << 20n]);
  });
});

describe('SPARSEMEM_VMEMMAP: what a TiB costs', () => {
  it('16 GiB of struct pages, 1/64 of the memory', () => {
    const b = boot({
      version: '6.12',
      ram: [LOW, [0x100000n, 0x7fffffffn], [0x100000000n, 0x1007fffffffn]],
    });
    expect(bytesOf(b, /^memmap/)).toEqual([16n << 30n]);
    expect(there(b, 0x100000).page).toBe(0xffffea0004000000n);
    expect(back(b, 0xffffea0004000000n).pfn).toBe(0x100000);
  });

  it('is biased on riscv64: the array begins with the first page of memory', () => {
    const b = boot({ version: '6.12', arch: 'riscv64', ram: [[0x80000000n, 0x17fffffffn]] });
    expect(there(b, 0x80000).page).toBe(0xffff8d8000000000n);
  });

  it('has the memmap of 16 KiB a section on ppc64, four to a page of 64 KiB', () => {
    const b = boot({ version: '6.12', arch: 'ppc64', ram: [[0n, 0xffffffffn]] });
    expect(bytesOf(b, /^memmap/)).toEqual([256n * 16384n]);
    expect(b.world.at('vmemmap', 0)?.mapping).toBe('pte');
    expect(there(b, 0xffff).page).toBe(0xc00c0000003fffc0n);
  });
});

describe('zones of other architectures', () => {
  const zones = (b: Booted) =>
    [...b.world.rows('zones')]
      .filter((zone) => zone.spanned_pages > 0)
      .map((zone) => [zone.name, zone.zone_start_pfn, zone.spanned_pages]);

  it('riscv64: DMA32 ends at 4 GiB, and there is no DMA', () => {
    const b = boot({ version: '6.12', arch: 'riscv64', ram: [[0x80000000n, 0x17fffffffn]] });
    expect(zones(b)).toEqual([
      ['DMA32', 0x80000, 0x80000],
      ['Normal', 0x100000, 0x80000],
    ]);
  });

  it('s390x: DMA is what 31 bits reach', () => {
    const b = boot({ version: '6.12', arch: 's390x', ram: [[0n, 0xffffffffn]] });
    expect(zones(b)).toEqual([
      ['DMA', 0, 0x80000],
      ['Normal', 0x80000, 0x80000],
    ]);
  });

  it('arm64: RAM that begins above 4 GiB is all DMA', () => {
    const b = boot({ version: '6.12', arch: 'arm64', ram: [[0x8000000000n, 0x80ffffffffn]] });
    expect(zones(b)).toEqual([['DMA', 0x8000000, 0x100000]]);
  });

  it('arm64 of 5.5 to 5.10: DMA is the first GiB of 30 bits', () => {
    const b = boot({ version: '5.10', arch: 'arm64', ram: [[0n, 0x17fffffffn]] });
    expect(zones(b)).toEqual([
      ['DMA', 0, 0x40000],
      ['DMA32', 0x40000, 0xc0000],
      ['Normal', 0x100000, 0x80000],
    ]);
  });

  it('arm64 with 64 KiB pages counts them in pages of 64 KiB', () => {
    const b = boot({
      version: '6.12',
      arch: 'arm64',
      config: { ARM64_64K_PAGES: 'y' },
      ram: [[0x40000000n, 0x13fffffffn]],
    });
    expect(zones(b)).toEqual([
      ['DMA', 0x4000, 0xc000],
      ['Normal', 0x10000, 0x4000],
    ]);
  });
});

describe('32-bit x86: low and high memory', () => {
  const ram = [LOW, [0x100000n, 0x7fffffffn]] as const;

  it('has 891 MiB of low memory with PAE and 887 MiB without', () => {
    const low = (config: Record<string, string>) =>
      variable(
        boot({ version: '4.3', arch: 'x86_32', model: 'flatmem', config, ram }),
        'max_low_pfn',
      );
    expect(low({ X86_PAE: 'y' })).toBe(0x37bfe);
    expect(low({ X86_PAE: 'n' })).toBe(0x377fe);
  });

  it('frees high memory before low memory, until 6.15 frees both at once', () => {
    const calls = (version: string) => {
      const b = boot({ version, arch: 'x86_32', model: 'flatmem', ram });
      const names = Array.from({ length: b.log.length }, (_, at) => b.log.step(at + 1).fn);
      expect(b.world.get('zones', 2)?.managed_pages).toBe(0x80000 - 0x37bfe);
      return names.filter((fn) => ['free_highmem_page', 'memblock_free_all'].includes(fn));
    };
    expect(calls('4.3')).toEqual(['free_highmem_page', 'memblock_free_all']);
    expect(calls('6.18')).toEqual(['memblock_free_all']);
  });
});
