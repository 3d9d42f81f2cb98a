import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/shared/world/step.ts';
import { section_deactivate } from '../../../src/main/engine/kernel/memmodel/sparse-hotplug-remove.ts';
import { sparse_remove_section } from '../../../src/main/engine/kernel/memmodel/sparse-hotplug-remove.ts';
import { sparse_add_section } from '../../../src/main/engine/kernel/memmodel/sparse-hotplug.ts';
import { memremap_pages } from '../../../src/main/engine/kernel/memremap/memremap.ts';
import { range, smallMachine, type Bench } from '../pgmap/small-machine.ts';

/** 8 GiB: section 64, which has no memory; 2 MiB of it are its first sub-section. */
const PFN = 0x200000;
const PART = { pfn: PFN, nr_pages: 512, nid: 0, altmap: null, pgmap: null };
const WHOLE = { ...PART, nr_pages: 32768 };
const PART_GONE = { pfn: PFN, nr_pages: 512, altmap: null };

const calls = ({ log }: Bench, name: string): Step[] =>
  Array.from({ length: log.length }, (_, at) => log.step(at + 1)).filter(
    ({ fn, kind }) => fn === name && kind === 'call',
  );
const changed = (step: Step | undefined, table: string) =>
  (step?.diff ?? []).filter((change) => change.table === table).map(({ to }) => to);
const printed = ({ world }: Bench) => [...world.rows('kernel_log')].map(({ text }) => text);

/** Under 6.12, with these chunks added. */
function added(...chunks: (typeof PART)[]): Bench {
  const bench = smallMachine();
  for (const chunk of chunks) expect(bench.call(sparse_add_section, chunk)).toBeUndefined();
  return bench;
}

describe('sections that are added', () => {
  it('sparse_add_section makes a section present with the memmap of its part', () => {
    const bench = added(PART);
    // PRESENT 1 and HAS_MEM_MAP 2; neither online nor early.
    expect(bench.world.at('sections', 64)).toMatchObject({ flags: 3, subsection_map: 1n, nid: 0 });
    expect(bench.world.at('vmemmap', PFN)).toMatchObject({ start: PFN, end: PFN + 512 });
    expect(bench.world.at('pages', PFN)).toMatchObject({ end: PFN + 512, state: 'zero' });
    expect(bench.world.get('vars', '__highest_present_section_nr')?.value).toBe(64);
  });

  it('section_activate fails as fill_subsection_map does where a sub-section is in use: -EEXIST', () => {
    const bench = added(PART);
    const refused = { errno: 'EEXIST', check: 'bitmap_intersects(map, subsection_map)' };
    expect(bench.call(sparse_add_section, PART)).toMatchObject(refused);
    expect(calls(bench, 'section_activate').at(-1)?.err).toEqual(refused);
    expect(calls(bench, 'fill_subsection_map').at(-1)?.err).toEqual(refused);
    expect(bench.world.at('sections', 64)).toMatchObject({ flags: 3, subsection_map: 1n });
  });

  it('fill_subsection_map adds the bits of the second and third 2 MiB to those that are set', () => {
    const bench = added(PART, { ...PART, pfn: PFN + 512, nr_pages: 1024 });
    const steps = calls(bench, 'fill_subsection_map');
    expect(steps.flatMap((step) => changed(step, 'sections'))).toMatchObject([
      { start: 64, end: 65, subsection_map: 0b1n },
      { start: 64, end: 65, subsection_map: 0b111n },
    ]);
  });

  it('sparse_index_init adds the root page of a section beyond those that are there', () => {
    const { facts, ...bench } = smallMachine();
    // One page of the root array holds as many sections as its size allows; number 0 is there.
    const root = Math.floor(4096 / facts.arch.sections_per_root);
    bench.call(sparse_add_section, { ...PART, pfn: 4096 * 32768, nid: 1 });
    expect(calls({ facts, ...bench }, 'sparse_index_init').at(-1)?.args).toMatchObject({ nid: 1 });
    expect([...bench.world.rows('section_roots')]).toEqual([
      { start: 0, end: 1, nid: 0 },
      { start: root, end: root + 1, nid: 1 },
    ]);
  });

  it('populate_section_memmap takes 512 pages of RAM for a whole section, 8 for a part', () => {
    const bench = added(WHOLE, { ...PART, pfn: PFN + 32768 });
    expect(calls(bench, 'populate_section_memmap').map(({ args }) => args['nr_pages'])).toEqual([
      32768, 512,
    ]);
    // 32768 * 64 bytes are one PMD; 512 * 64 bytes are 8 base pages.
    expect(bench.world.at('vmemmap', PFN)).toMatchObject({ mapping: 'PMD', source: 'ram' });
    expect(bench.world.at('vmemmap', PFN + 32768)).toMatchObject({ mapping: 'PTE', source: 'ram' });
    expect(bench.world.get('vars', 'nr_memmap_pages')?.value).toBe(512 + 8);
  });

  it.each([
    ['5.2', ['kmalloc_section_memmap', 'sparse_mem_map_populate', 'vmemmap_populate']],
    ['6.12', ['populate_section_memmap', '__populate_section_memmap', 'vmemmap_populate']],
  ])('populate_section_memmap has its names in %s: %j', (version, names) => {
    const bench = smallMachine(version);
    bench.call(sparse_add_section, WHOLE);
    expect(names.map((name) => calls(bench, name).length)).toEqual([1, 1, 1]);
  });

  it.each([
    { config: {}, state: 'zero', runs: 0 },
    { config: { DEBUG_VM: 'y' }, state: 'poison', runs: 1 },
  ])('page_init_poison runs $runs times with $config: struct pages are $state', (row) => {
    const bench = smallMachine('6.12', row.config as Record<string, string>);
    bench.call(sparse_add_section, PART);
    expect(calls(bench, 'page_init_poison')).toHaveLength(row.runs);
    expect(bench.world.at('pages', PFN)?.state).toBe(row.state);
  });

  it('vmemmap_populate_compound_pages keeps two pages of memmap for each 2 MiB page', () => {
    const bench = smallMachine('6.12');
    bench.call(memremap_pages, {
      type: 'GENERIC',
      ranges: [range(0x200000000n, 0x8000000n)],
      nid: 0,
      vmemmap_shift: 9,
    });
    const [step] = calls(bench, 'vmemmap_populate_compound_pages');
    // 64 compound pages, each with a head page and one tail page that stands for the other seven.
    expect(step?.note).toBe('128 pages of RAM hold 512 pages of memmap');
    expect(changed(step, 'vmemmap')).toMatchObject([
      { start: PFN, end: PFN + 32768, mapping: 'PTE' },
    ]);
  });
});

describe('sections that are removed', () => {
  it('sparse_remove_section of the last part forgets the section and its memmap', () => {
    const bench = added(PART);
    bench.call(sparse_remove_section, PART_GONE);
    expect(bench.world.at('sections', 64)).toBeUndefined();
    expect(bench.world.at('vmemmap', PFN)).toBeUndefined();
    expect(bench.world.at('pages', PFN)).toBeUndefined();
    const [emptied] = calls(bench, 'clear_subsection_map');
    expect(emptied?.ret).toBe(true);
    expect(changed(emptied, 'sections')).toMatchObject([{ start: 64, subsection_map: 0n }]);
  });

  it('depopulate_section_memmap clears the part, and the section keeps the rest', () => {
    const bench = added(PART, { ...PART, pfn: PFN + 512 });
    bench.call(sparse_remove_section, PART_GONE);
    expect(calls(bench, 'depopulate_section_memmap')[0]?.args).toMatchObject({
      pfn: PFN,
      nr_pages: 512,
    });
    expect(bench.world.at('vmemmap', PFN)).toBeUndefined();
    expect(bench.world.at('vmemmap', PFN + 512)).toMatchObject({ end: PFN + 1024 });
    expect(bench.world.at('sections', 64)).toMatchObject({ flags: 3, subsection_map: 0b10n });
    expect(bench.world.get('vars', 'nr_memmap_pages')?.value).toBe(8);
  });

  it('clear_subsection_map warns of a part that is not there, and section_deactivate stops', () => {
    const bench = added(PART);
    const before = bench.world.at('sections', 64);
    bench.call(section_deactivate, { ...PART_GONE, pfn: PFN + 512 });
    expect(calls(bench, 'clear_subsection_map')[0]?.ret).toBe(false);
    // mm/sparse.c: WARN(..., "section already deactivated (%#lx + %ld)\n", pfn, nr_pages).
    expect(printed(bench)).toEqual(['section already deactivated (0x200200 + 512)']);
    expect(bench.world.at('sections', 64)).toEqual(before);
  });

  it('free_map_bootmem frees the memmap of an early section when all of it has gone', () => {
    const bench = smallMachine();
    // Section 3 of the boot: PFNs 98304 to 131071. Half of it first.
    const half = { pfn: 98304, nr_pages: 16384, altmap: null };
    bench.call(section_deactivate, half);
    expect(calls(bench, 'free_map_bootmem')).toEqual([]);
    expect(bench.world.at('vmemmap', 98304)).toMatchObject({ source: 'memblock' });
    bench.call(section_deactivate, { ...half, pfn: 98304 + 16384 });
    expect(calls(bench, 'free_map_bootmem')[0]?.args).toEqual({ pfn: 98304, nr_pages: 32768 });
    expect(bench.world.at('vmemmap', 98304)).toBeUndefined();
    expect(bench.world.at('vmemmap', 98303)).toMatchObject({ end: 98304 });
    expect(bench.world.at('sections', 3)).toBeUndefined();
    expect(bench.world.at('sections', 2)).toMatchObject({ end: 3 });
  });
});
