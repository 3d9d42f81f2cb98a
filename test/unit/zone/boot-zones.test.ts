import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/shared/world/step.ts';
import { boot, kernel, ONE_GIB, zones } from '../boot/booted.ts';

/** 1 GiB of RAM, less page 0 and the 97 pages from 0x9f000 to 1 MiB. */
const plain = boot(kernel('6.12') + ONE_GIB);
const PRESENT = 262144 - 1 - 97;

/** RAM up to 128 KiB below 768 MiB, ACPI tables behind it; its section ends at 768 MiB. */
const HOLE = `machine:
  memory:
    - { start: 0x0, end: 0x9ffff, type: usable }
    - { start: 0x100000, end: 0x2ffdffff, type: usable }
    - { start: 0x2ffe0000, end: 0x2fffffff, type: reserved }
  acpi_tables: [ { start: 0x2ffe0000, end: 0x2ffe1fff } ]
`;
const END = 0x2ffe0;
const holed = boot(kernel('6.12') + HOLE);

type Run = ReturnType<typeof boot>;
const calls = ({ steps }: Run, name: string): Step[] =>
  steps.filter(({ fn, kind }) => fn === name && kind === 'call');
const inside = ({ steps }: Run, name: string): string[] => {
  const [outer] = steps.filter(({ fn }) => fn === name);
  return steps
    .filter(({ parent, kind }) => kind === 'call' && parent === outer?.seq)
    .map(({ fn }) => fn);
};
const changed = (step: Step | undefined, table: string) =>
  (step?.diff ?? []).filter((change) => change.table === table).map(({ to }) => to);
const printed = ({ world }: Run) => [...world.rows('kernel_log')].map(({ text }) => text);

describe('zones and nodes at boot', () => {
  it('calculate_node_totalpages counts what the zones and the node span, and what is there of it', () => {
    const [step] = calls(plain, 'calculate_node_totalpages');
    expect(step?.args).toEqual({ nid: 0, start: 1, end: 262144 });
    expect(changed(step, 'nodes')).toMatchObject([
      { node_start_pfn: 1, node_spanned_pages: 262143, node_present_pages: PRESENT },
    ]);
    expect(changed(step, 'zones')).toMatchObject([
      // 158 pages below 0x9f000 and 3840 from 1 MiB to 16 MiB.
      { name: 'DMA', zone_start_pfn: 1, spanned_pages: 4095, present_pages: 158 + 3840 },
      { name: 'DMA32', zone_start_pfn: 4096, spanned_pages: 258048, present_pages: 258048 },
      { name: 'Normal', zone_start_pfn: 0, spanned_pages: 0, present_pages: 0 },
      { name: 'Movable', zone_start_pfn: 0, spanned_pages: 0, present_pages: 0 },
      { name: 'Device', zone_start_pfn: 0, spanned_pages: 0, present_pages: 0 },
    ]);
  });

  it('free_area_init_core takes all present pages for managed until the memory is freed', () => {
    const [step] = calls(plain, 'free_area_init_core');
    expect(changed(step, 'zones')).toMatchObject([
      { name: 'DMA', managed_pages: 3998 },
      { name: 'DMA32', managed_pages: 258048 },
    ]);
  });

  it('free_area_init_node says the range of the node, and then sizes it', () => {
    expect(printed(plain)).toContain(
      'Initmem setup node 0 [mem 0x0000000000001000-0x000000003fffffff]',
    );
    expect(calls(plain, 'free_area_init_node').map(({ args }) => args)).toEqual([{ nid: 0 }]);
    expect(inside(plain, 'free_area_init_node')).toEqual([
      'calculate_node_totalpages',
      'free_area_init_core',
    ]);
  });

  it('find_zone_movable_pfns_for_nodes rounds the start of Movable up to 1024 pages', () => {
    const run = boot(kernel('6.12', 'kernelcore=256M') + ONE_GIB);
    const [step] = calls(run, 'find_zone_movable_pfns_for_nodes');
    // 65536 pages, 3998 of them in DMA: 61538 from PFN 4096 on, 65634; the next multiple is 66560.
    expect(changed(step, 'vars')).toContainEqual({ name: 'zone_movable_pfn[0]', value: 66560 });
    // enum zone_type: DMA 0, DMA32 1: no memory above 4 GiB.
    expect(changed(step, 'vars')).toContainEqual({ name: 'movable_zone', value: 1 });
  });

  it('mm_core_init_early sets the zones up in 7.2, zone_sizes_init does in 6.18', () => {
    const now = boot(kernel('7.2') + ONE_GIB);
    const then = boot(kernel('6.18') + ONE_GIB);
    expect(inside(now, 'mm_core_init_early')).toEqual(['free_area_init']);
    expect(calls(now, 'zone_sizes_init')).toEqual([]);
    expect(inside(then, 'zone_sizes_init')).toEqual(['free_area_init']);
    expect(calls(then, 'mm_core_init_early')).toEqual([]);
    expect(zones(now.world)).toEqual(zones(then.world));
    expect(zones(now.world)).toEqual([
      ['DMA', 1, 4095, 3998],
      ['DMA32', 4096, 258048, 258048],
    ]);
  });

  it('set_zone_contiguous marks zones without a page of another zone or node', () => {
    const marked = calls(plain, 'set_zone_contiguous').flatMap((step) => changed(step, 'zones'));
    expect(marked).toMatchObject([
      { name: 'DMA', contiguous: true },
      { name: 'DMA32', contiguous: true },
    ]);
    const interleaved = boot(`${kernel('6.12')}machine:
  memory:
    - { start: 0x0, end: 0x9ffff, type: usable }
    - { start: 0x100000, end: 0x3fffffff, type: usable }
  nodes: [ { id: 0 }, { id: 1 } ]
  srat:
    - { start: 0x0, end: 0x1fffffff, node: 0 }
    - { start: 0x20000000, end: 0x2fffffff, node: 1 }
    - { start: 0x30000000, end: 0x3fffffff, node: 0 }
`);
    const names = calls(interleaved, 'set_zone_contiguous')
      .flatMap((step) => changed(step, 'zones'))
      .map((row) => `${String(row?.['nid'])} ${String(row?.['name'])}`);
    // Node 0's DMA32 spans node 1's memory.
    expect(names).toEqual(['0 DMA', '1 DMA32']);
  });
});

describe('struct pages at boot', () => {
  it('memmap_init calls memmap_init_zone_range for each range of memory, zone by zone', () => {
    expect(calls(holed, 'memmap_init')).toHaveLength(1);
    const ranges = calls(holed, 'memmap_init_zone_range').map(({ args, ret }) => [
      args['zone'],
      args['start'],
      args['end'],
      ret,
    ]);
    // Each returns where the next hole begins: the end of its part of the zone.
    expect(ranges).toEqual([
      ['DMA', 1, 0xa0, 0xa0],
      ['DMA', 0x100, END, 0x1000],
      ['DMA32', 0x100, END, END],
    ]);
  });

  it('memmap_init_range raises highest_memmap_pfn to the last page of each range', () => {
    const highest = calls(holed, 'memmap_init_range').map((step) => [
      step.args['start_pfn'],
      step.args['size'],
      changed(step, 'vars')[0]?.['value'],
    ]);
    expect(highest).toEqual([
      [1, 0x9f, 0x9f],
      [0x100, 0xf00, 0xfff],
      [0x1000, END - 0x1000, END - 1],
    ]);
  });

  it('init_unavailable_range returns the pages of each hole that has a memmap', () => {
    const holes = calls(holed, 'init_unavailable_range').map(({ args, ret }) => [
      args['spfn'],
      args['epfn'],
      ret,
    ]);
    expect(holes).toEqual([
      [0, 1, 1],
      [0xa0, 0x100, 96],
      // Up to the end of the section, 0x30000.
      [END, 0x30000, 32],
    ]);
    expect(printed(holed)).toContain('On node 0, zone DMA32: 32 pages in unavailable ranges');
  });

  it('__SetPageReserved marks the pages of the holes', () => {
    const marked = calls(holed, '__SetPageReserved').slice(0, 3);
    expect(marked.map(({ range }) => [range?.start, range?.end])).toEqual([
      [0, 1],
      [0xa0, 0x100],
      [END, 0x30000],
    ]);
    const [, hole] = marked;
    expect(changed(hole, 'pages')).toContainEqual(
      expect.objectContaining({ start: 0xa0, end: 0x100, flags: 'reserved', refcount: 1 }),
    );
  });

  it.each([
    { name: 'init_reserved_page', version: '6.12' },
    { name: '__init_page_from_nid', version: '7.2' },
  ])('$name in $version: pages that no zone spans get zone number MAX_NR_ZONES, 5', (row) => {
    const run = boot(kernel(row.version) + HOLE);
    const [step] = calls(run, row.name).filter(({ args }) => args['pfn'] === END);
    expect(step?.args).toMatchObject({ pfn: END, end: END + 2, zone: 5, nid: 0 });
    expect(changed(step, 'pages')).toContainEqual(
      expect.objectContaining({ start: END, end: END + 2, zone: 5, refcount: 1 }),
    );
  });

  it('zero_resv_unavail clears the pages of holes in 4.18, and returns their number', () => {
    const old = boot(kernel('4.18') + HOLE);
    const [step] = calls(old, 'zero_resv_unavail');
    // Page 0, 0xa0 to 0xff, and 0x2ffe0 to the end of the section: 1 + 96 + 32.
    expect(step?.ret).toBe(129);
    const { state, flags, refcount } = old.world.at('pages', END + 2) ?? {};
    expect({ state, flags, refcount }).toEqual({ state: 'zero', flags: '', refcount: 0 });
  });

  it.each([
    { name: '__free_pages_core', version: '6.12' },
    { name: '__free_pages_boot_core', version: '4.18' },
  ])('$name counts in $version every page it frees as managed', ({ name, version }) => {
    const run = boot(kernel(version) + ONE_GIB);
    const freed = calls(run, name);
    const pages = freed.reduce(
      (sum, { range }) => sum + (range?.end ?? 0) - (range?.start ?? 0),
      0,
    );
    expect(freed.length).toBeGreaterThan(1);
    expect(run.world.get('vars', 'totalram_pages')?.value).toBe(pages);
    const last = changed(freed.at(-1), 'pages');
    expect(last).toMatchObject([{ flags: '', refcount: 0, buddy: true }]);
  });
});
