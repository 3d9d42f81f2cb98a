import { describe, expect, it } from 'vitest';
import { boot, type Booted } from './boot-lab.ts';

const MIB = 1n << 20n;
const GIB = 1n << 30n;

const stepsOf = ({ log }: Booted, name: string) =>
  Array.from({ length: log.length }, (_, at) => log.step(at + 1)).filter(
    ({ fn, kind }) => fn === name && kind === 'call',
  );
const changed = (b: Booted, name: string, table: string) =>
  stepsOf(b, name).flatMap(({ diff }) =>
    diff.filter((change) => change.table === table).map(({ to }) => to),
  );

describe('memory models at boot', () => {
  it('alloc_node_mem_map makes one array with FLATMEM, holes included', () => {
    const b = boot({
      arch: 'arm64',
      version: '4.18',
      model: 'flatmem',
      hypothetical: true,
      config: { NUMA: 'n' },
      ram: [
        [GIB, GIB + 512n * MIB - 1n],
        [3n * GIB, 3n * GIB + 512n * MIB - 1n],
      ],
    });
    // 1 GiB is PFN 0x40000, 3.5 GiB PFN 0xe0000: 655360 entries of 64 bytes, 40 MiB.
    const [map] = changed(b, 'alloc_node_mem_map', 'node_mem_maps');
    expect(map).toMatchObject({ nid: 0, start_pfn: 0x40000, end_pfn: 0xe0000 });
    const [reserved] = changed(b, 'alloc_node_mem_map', 'memblock_reserved').filter(
      (row) => row?.['owner'] === 'node_mem_map',
    );
    expect(reserved).toMatchObject({ start: map?.['phys'] });
    expect(BigInt(reserved?.['end'] as bigint) - BigInt(map?.['phys'] as bigint)).toBe(40n * MIB);
  });

  it('sparse_memory_present_with_active_regions marks the 64 MiB units of every range of memory', () => {
    const b = boot({
      version: '4.14',
      arch: 'x86_32',
      model: 'discontigmem',
      ram: [
        [0n, 0x9ffffn],
        [MIB, 0xcffffffn],
      ],
    });
    const [walk] = stepsOf(b, 'sparse_memory_present_with_active_regions');
    const ranges = stepsOf(b, 'memory_present').filter(({ parent }) => parent === walk?.seq);
    // Page 0 is reserved on every PC; 208 MiB are three units and a quarter.
    expect(ranges.map(({ args }) => args)).toEqual([
      { nid: 0, start: 1, end: 0xa0 },
      { nid: 0, start: 0x100, end: 0xd000 },
    ]);
    expect([...b.world.rows('physnode_map')]).toEqual([{ start: 0, end: 4, nid: 0 }]);
  });

  it.each([
    // struct rcu_head 16, subsection_map 8, pageblock_flags 64 * 4 bits = 32.
    { version: '6.12', bytes: 16 + 8 + 32 },
    // No rcu_head before "mm/sparsemem: fix race in accessing memory_section->usage" (6.8).
    { version: '6.1', bytes: 8 + 32 },
  ])('sparse_early_usemaps_alloc_pgdat_section: $bytes bytes a section in $version', (row) => {
    const b = boot({ version: row.version, ram: [[MIB, GIB - 1n]] });
    const usage = changed(b, 'sparse_early_usemaps_alloc_pgdat_section', 'memblock_reserved');
    const [taken] = usage.filter((one) => one?.['owner'] === 'mem_section_usage');
    // 1 GiB has 8 sections.
    expect(Number(taken?.['end']) - Number(taken?.['start'])).toBe(8 * row.bytes);
  });

  it.each([
    { name: 'subsection_map_init', version: '6.12' },
    { name: 'sparse_init_subsection_map', version: '7.2' },
  ])('$name sets in $version the sub-sections that have memory, rounded outward', (row) => {
    const b = boot({ version: row.version, ram: [[MIB, 515n * MIB - 1n]] });
    const [step] = stepsOf(b, row.name);
    // 1 MiB to 515 MiB: sub-sections 0 to 257, the last of them half full.
    expect(step?.range).toEqual({ start: 0, end: 258, unit: 'subsection' });
    const maps = changed(b, row.name, 'sections').map((section) => [
      section?.['start'],
      section?.['end'],
      section?.['subsection_map'],
    ]);
    expect(maps).toContainEqual([0, 4, (1n << 64n) - 1n]);
    expect(maps).toContainEqual([4, 5, 0b11n]);
  });
});
