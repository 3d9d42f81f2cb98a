import { describe, expect, it } from 'vitest';
import { freeLists } from '../../../src/main/engine/kernel/buddy/free-lists.ts';
import { memremap_pages } from '../../../src/main/engine/kernel/memremap/memremap.ts';
import { memunmap_pages } from '../../../src/main/engine/kernel/memremap/memunmap.ts';
import { failed } from '../../../src/main/engine/core/world/operation.ts';
import { range, smallMachine, type Bench } from '../pgmap/small-machine.ts';

const SECTION = 128n << 20n;
const START = 1n << 33n;
const PFN = Number(START >> 12n);

/** Maps `sections` sections of device memory whose memmap is to come from RAM. */
function map(bench: Bench, size: bigint) {
  return bench.call(memremap_pages, {
    type: 'GENERIC',
    ops: [],
    ranges: [range(START, size)],
    nid: 0,
  });
}

const freePages = ({ world, facts }: Bench): number =>
  [0, 1, 2].reduce((sum, zone) => sum + freeLists(world, facts).nrFreePages(zone), 0);

describe('the memmap of device memory on RAM', () => {
  it('takes 512 pages a section from the page allocator, and gives them back', () => {
    const bench = smallMachine();
    const before = freePages(bench);
    const made = map(bench, 2n * SECTION);
    if (failed(made)) throw new Error(made.check);
    // 32,768 struct pages of 64 bytes: 2 MiB, one block of order 9, for each of two sections.
    expect(freePages(bench)).toBe(before - 1024);
    const memmap = bench.world.at('vmemmap', PFN);
    expect(memmap).toMatchObject({ mapping: 'PMD', source: 'ram', end: PFN + 65536 });
    // DMA32 begins at PFN 4096, and the block at its start is the first of its list.
    expect(memmap?.phys).toBe(4096n << 12n);
    expect(bench.world.at('pages', 4096)).toMatchObject({
      end: 5120,
      buddy: false,
      refcount: 1,
      compound_order: 9,
      migratetype: 'UNMOVABLE',
    });
    bench.call(memunmap_pages, { pgmap: made.pgmap });
    expect(freePages(bench)).toBe(before);
    expect(bench.world.at('pages', 4096)).toMatchObject({ buddy: true, compound_order: 0 });
  });

  it('is made of base pages for a part of a section: 8 for each 2 MiB', () => {
    const bench = smallMachine();
    const before = freePages(bench);
    const made = map(bench, 6n << 20n);
    expect(failed(made)).toBe(false);
    expect(freePages(bench)).toBe(before - 24);
    expect(bench.world.at('vmemmap', PFN)).toMatchObject({ mapping: 'PTE', source: 'ram' });
  });

  it('falls back to base pages where no block of 2 MiB is free', () => {
    const bench = smallMachine();
    for (let pfn = 0; pfn < 131040; pfn += 512) {
      bench.world.update('pages', pfn, pfn + 1, { buddy: false, refcount: 1 });
    }
    expect(failed(map(bench, SECTION))).toBe(false);
    expect(bench.world.at('vmemmap', PFN)?.mapping).toBe('PTE');
  });

  it('is refused with ENOMEM when RAM has no room, and nothing of the section stays', () => {
    const bench = smallMachine();
    const before = freePages(bench);
    // 512 GiB of device memory want 8 GiB of struct pages; the machine has 512 MiB of RAM.
    const made = map(bench, 4096n * SECTION);
    expect(made).toMatchObject({ errno: 'ENOMEM' });
    // As in the kernel, the sections before the one that failed stay; none is half there.
    const added = [...bench.world.rows('sections')].filter(({ start }) => start >= 64);
    const sections = added.reduce((sum, { start, end }) => sum + end - start, 0);
    expect(sections).toBeGreaterThan(200);
    expect(freePages(bench)).toBe(before - sections * 512);
  });
});
