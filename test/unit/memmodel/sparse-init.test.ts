import { describe, expect, it } from 'vitest';
import { boot, kernel } from '../boot/booted.ts';

/** 515 MiB: four sections and 3 MiB of a fifth. */
const MACHINE = `machine:
  memory:
    - { start: 0x0, end: 0x9ffff, type: usable }
    - { start: 0x100000, end: 0x202fffff, type: usable }
`;
const sections = (version: string) =>
  [...boot(kernel(version) + MACHINE).world.rows('sections')].map(
    ({ start, end, flags, subsection_map }) => [start, end, flags, subsection_map.toString(16)],
  );

describe('memmodel/sparse_init', () => {
  it('sets the sub-sections with RAM only, though the whole section has a memmap', () => {
    expect(sections('6.12')).toEqual([
      [0, 4, 0xf, 'ffffffffffffffff'],
      [4, 5, 0xf, '3'],
    ]);
    const { world } = boot(kernel('6.12') + MACHINE);
    expect(world.at('vmemmap', 5 * 32768 - 1)?.mapping).toBe('pmd');
    expect(world.at('pages', 5 * 32768 - 1)?.flags).toBe('reserved');
  });

  it('has the flag bits of the era: no ONLINE before 4.13, no EARLY and no sub-sections before 5.3', () => {
    expect(sections('4.3')).toEqual([[0, 5, 0x3, '0']]);
    expect(sections('4.18')).toEqual([[0, 5, 0x7, '0']]);
  });

  it('takes the memmap from memory of its node: 2 MiB a section', () => {
    const { world, steps } = boot(kernel('6.12') + MACHINE);
    const step = steps.find(({ fn }) => fn === 'sparse_buffer_init');
    expect(step?.args).toEqual({ nid: 0, size: 10n << 20n });
    const memmap = [...world.rows('memblock_reserved')].find(({ owner }) => owner === 'memmap');
    expect(memmap && memmap.end - memmap.start).toBe(10n << 20n);
  });

  it('runs under sparse_init_nid, before 4.19 under alloc_usemap_and_memmap, in 7.2 in free_area_init', () => {
    const parentOf = (version: string, fn: string) => {
      const { steps } = boot(kernel(version) + MACHINE);
      const step = steps.find((s) => s.fn === fn);
      return steps.find(({ seq }) => seq === step?.parent)?.fn;
    };
    expect(parentOf('6.12', 'sparse_buffer_init')).toBe('sparse_init_nid');
    expect(parentOf('4.14', 'sparse_buffer_init')).toBe('alloc_usemap_and_memmap');
    expect(parentOf('6.18', 'sparse_init')).toBe('paging_init');
    expect(parentOf('7.2', 'sparse_init')).toBe('free_area_init');
  });

  it('vmemmap_populate_hugepages asks vmemmap_populate_basepages where no 2 MiB are in one piece', () => {
    // 5 MiB of RAM, none of it 2 MiB long between multiples of 2 MiB: 512 pages hold the memmap.
    const pieces = [0x100000, 0x300000, 0x500000, 0x700000, 0x900000]
      .map((at) => `    - { start: ${at}, end: ${at + 0xfffff}, type: usable }\n`)
      .join('');
    const { world, steps } = boot(`${kernel('6.12')}machine:\n  memory:\n${pieces}`);
    const huge = steps.find(({ fn }) => fn === 'vmemmap_populate_hugepages');
    const base = steps.find(({ fn }) => fn === 'vmemmap_populate_basepages');
    expect(base?.parent).toBe(huge?.seq);
    const rows = world.overlapping('vmemmap', 0, 32768);
    expect(rows.reduce((pages, { start, end }) => pages + end - start, 0)).toBe(32768);
    expect(new Set(rows.map(({ mapping }) => mapping))).toEqual(new Set(['pte']));
    expect(world.at('sections', 0)?.flags).toBe(0xf);
  });
});
