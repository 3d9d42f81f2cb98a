import { describe, expect, it } from 'vitest';
import { boot, zones } from '../boot/booted.ts';

const memory = `
  memory:
    - { start: 0x0, end: 0x9ffff, type: usable }
    - { start: 0x100000, end: 0x3fffffff, type: usable }`;
const booted = (srat: string, kernel = '{ version: "6.12" }', nodes = '[ { id: 0 }, { id: 1 } ]') =>
  boot(`kernel: ${kernel}\nmachine:${memory}\n  nodes: ${nodes}\n  srat:${srat}\n`);
const log = ({ world }: ReturnType<typeof booted>) =>
  [...world.rows('kernel_log')].map(({ text }) => text);

describe('numa/x86_numa_init', () => {
  it('puts each range on its node, and lets nodes interleave', () => {
    const run = booted(`
    - { start: 0x0, end: 0x1fffffff, node: 0 }
    - { start: 0x20000000, end: 0x2fffffff, node: 1 }
    - { start: 0x30000000, end: 0x3fffffff, node: 0 }`);
    expect(zones(run.world, 0).at(-1)).toEqual(['DMA32', 4096, 258048, 258048 - 65536]);
    expect(zones(run.world, 1)).toEqual([['DMA32', 131072, 65536, 65536]]);
  });

  it('fakes one node without SRAT, and with numa=off', () => {
    const none = booted(' []');
    expect(log(none)).toContain('No NUMA configuration found');
    expect(log(none)).toContain('Faking a node at [mem 0x0000000000000000-0x000000003fffffff]');
    const off = booted(
      `
    - { start: 0x0, end: 0x1fffffff, node: 0 }
    - { start: 0x20000000, end: 0x3fffffff, node: 1 }`,
      '{ version: "6.12", cmdline: "numa=off" }',
    );
    expect([...off.world.rows('nodes')].map(({ nid }) => nid)).toEqual([0]);
  });

  it('does not use tables that leave more than 1 MiB of RAM on no node', () => {
    const run = booted(`
    - { start: 0x0, end: 0x1fffffff, node: 0 }`);
    expect(log(run)).toContain('NUMA: nodes only cover 511MB of your 1023MB e820 RAM. Not used.');
    expect([...run.world.rows('nodes')].map(({ nid }) => nid)).toEqual([0]);
    expect(run.steps.find(({ fn }) => fn === 'numa_init')?.err?.errno).toBe('EINVAL');
  });

  it('leaves nodes under 4 MiB down before 6.7', () => {
    const srat = `
    - { start: 0x0, end: 0x3fdfffff, node: 0 }
    - { start: 0x3fe00000, end: 0x3fffffff, node: 1 }`;
    const nids = (version: string) =>
      [
        ...booted(
          srat,
          `{ version: "${version}" }`,
          '[ { id: 0 }, { id: 1, cpus: 0 } ]',
        ).world.rows('nodes'),
      ]
        .filter(({ online }) => online)
        .map(({ nid }) => nid);
    expect(nids('5.14')).toEqual([0]);
    expect(nids('6.12')).toEqual([0, 1]);
  });

  it('raises max_possible_pfn to what SRAT says may be added', () => {
    const run = booted(`
    - { start: 0x0, end: 0x3fffffff, node: 0 }
    - { start: 0x100000000, end: 0x1ffffffff, node: 1, hotplug: true }`);
    expect(run.world.get('vars', 'max_possible_pfn')?.value).toBe(0x200000);
    expect(log(run)).toContain('Initmem setup node 1 as memoryless');
  });
});

describe('the steps of x86_numa_init', () => {
  const flagged = [
    '{ start: 0x0, end: 0x1fffffff, node: 0, hotplug: true }',
    '{ start: 0x20000000, end: 0x3fffffff, node: 1, hotplug: true }',
  ];
  const srat = (ranges: readonly string[]) => ranges.map((one) => `\n    - ${one}`).join('');
  const changes = (run: ReturnType<typeof booted>, name: string, table: string) =>
    run.steps
      .filter(({ fn }) => fn === name)
      .map(({ diff }) => diff.filter((change) => change.table === table).map(({ to }) => to));

  it('acpi_parse_memory_affinity tells each range and marks what may be unplugged', () => {
    const run = booted(srat(flagged));
    expect(log(run)).toContain('ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x1fffffff] hotplug');
    const marked = changes(run, 'acpi_parse_memory_affinity', 'memblock_memory');
    expect(marked).toHaveLength(2);
    // memblock_merge_regions(): with the second half marked too, RAM above 1 MiB is one region.
    const ram = { start: 0x100000n, flags: 'HOTPLUG' };
    expect(marked[0]).toContainEqual(expect.objectContaining({ ...ram, end: 0x20000000n }));
    expect(marked[1]).toContainEqual(expect.objectContaining({ ...ram, end: 0x40000000n }));
  });

  it('numa_clear_kernel_node_hotplug takes the mark from node 0, which holds boot reservations', () => {
    const run = booted(srat(flagged));
    const [cleared = []] = changes(run, 'numa_clear_kernel_node_hotplug', 'memblock_memory');
    const rows = cleared.flatMap((row) => (row ? [row] : []));
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toMatchObject({ nid: 0, flags: '' });
    const left = [...run.world.rows('memblock_memory')].filter(({ flags }) => flags === 'HOTPLUG');
    expect(left).toMatchObject([{ start: 0x20000000n, end: 0x40000000n, nid: 1 }]);
  });

  const ALL_ON_0 = [
    '{ start: 0x0, end: 0x3fffffff, node: 0 }',
    '{ start: 0x100000000, end: 0x13fffffff, node: 1, hotplug: true }',
  ];
  const nodes = (cpus: number) => `[ { id: 0 }, { id: 1, cpus: ${cpus} } ]`;
  const none = { node_start_pfn: 0, node_spanned_pages: 0, node_present_pages: 0 };

  it('init_memory_less_node brings up a node that has a CPU and no memory', () => {
    const run = booted(srat(ALL_ON_0), '{ version: "6.12" }', nodes(1));
    expect(changes(run, 'init_memory_less_node', 'nodes')).toMatchObject([
      [{ nid: 1, online: true, cpus: 1, ...none }],
    ]);
  });

  it('alloc_offline_node_data keeps one without either down, with its pg_data_t from 5.18 on', () => {
    const offline = (version: string) =>
      changes(
        booted(srat(ALL_ON_0), `{ version: "${version}" }`, nodes(0)),
        'alloc_offline_node_data',
        'nodes',
      );
    expect(offline('6.12')).toMatchObject([[{ nid: 1, online: false, cpus: 0, ...none }]]);
    expect(offline('5.14')).toEqual([]);
  });
});
