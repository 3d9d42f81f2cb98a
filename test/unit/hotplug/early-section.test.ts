import { describe, expect, it } from 'vitest';
import {
  memremap_pages,
  type MappedPages,
} from '../../../src/main/engine/kernel/memremap/memremap.ts';
import { memunmap_pages } from '../../../src/main/engine/kernel/memremap/memunmap.ts';
import { failed } from '../../../src/main/engine/core/world/operation.ts';
import { range, smallMachine, type Bench } from '../pgmap/small-machine.ts';

/** RAM ends in the middle of section 3: its upper 32 sub-sections have a memmap but no bit. */
function halfSection(): Bench {
  const bench = smallMachine();
  bench.world.update('sections', 3, 4, { subsection_map: 0xffffffffn });
  for (const row of [...bench.world.rows('resources')]) {
    if (row.name === 'Reserved' && row.start < 0x20000000n) bench.world.remove('resources', row.id);
    if (row.start === 0x100000n) bench.world.patch('resources', row.id, { end: 0x1bffffffn });
  }
  return bench;
}

const PFN = 0x1c000;
const RANGE = [range(0x1c000000n, 0x4000000n)];

describe('device memory in the rest of an early section', () => {
  it('uses the boot memmap, whatever altmap it brings', () => {
    const { world, call } = halfSection();
    const before = world.at('vmemmap', PFN);
    const made = call(memremap_pages, {
      type: 'FS_DAX',
      ranges: RANGE,
      altmap: { base_pfn: PFN, reserve: 2, free: 1022 },
      nid: 0,
    });
    expect(made).toMatchObject({ altmap_alloc: 0, altmap_align: 0 });
    expect(world.at('vmemmap', PFN)).toEqual(before);
    expect(world.at('sections', 3)).toMatchObject({
      flags: 0x1f,
      subsection_map: (1n << 64n) - 1n,
      memmap: 'boot',
    });
  });

  it('leaves the memmap, its stale struct pages and the taint behind when it goes', () => {
    const { world, call } = halfSection();
    const { pgmap } = call(memremap_pages, {
      type: 'FS_DAX',
      ranges: RANGE,
      nid: 0,
    }) as MappedPages;
    call(memunmap_pages, { pgmap });
    expect(world.at('sections', 3)).toMatchObject({ flags: 0x1f, subsection_map: 0xffffffffn });
    expect(world.at('vmemmap', PFN)).toMatchObject({ source: 'memblock' });
    expect(world.at('pages', PFN)).toMatchObject({ zone: 4, refcount: 1, pgmap });
  });

  it('cannot take sub-sections that RAM has', () => {
    const { world, call } = halfSection();
    world.remove('resources', 3);
    const made = call(memremap_pages, {
      type: 'FS_DAX',
      ranges: [range(0x1b000000n, 0x2000000n)],
      nid: 0,
    });
    expect(failed(made) && made.errno).toBe('EEXIST');
  });
});
