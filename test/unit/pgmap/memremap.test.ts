import { describe, expect, it } from 'vitest';
import { memremap_pages } from '../../../src/main/engine/kernel/memremap/memremap.ts';
import { memunmap_pages } from '../../../src/main/engine/kernel/memremap/memunmap.ts';
import { failed } from '../../../src/main/engine/core/world/operation.ts';
import { range, smallMachine } from './small-machine.ts';

const MiB = 0x100000n;

describe('memremap_pages', () => {
  it('gives 2 MiB of device memory one sub-section, struct pages and a widened zone Device', () => {
    const bench = smallMachine();
    const made = bench.call(memremap_pages, {
      type: 'GENERIC',
      ranges: [range(0x200000000n, 2n * MiB)],
      nid: 0,
    });
    expect(made).toMatchObject({ pgmap: 'pgmap@0x200000000', address: 0xffff888200000000n });
    const { world } = bench;
    expect(world.at('sections', 64)).toMatchObject({ flags: 0x13, subsection_map: 1n });
    expect(world.get('zones', 4)).toMatchObject({ zone_start_pfn: 2097152, spanned_pages: 512 });
    expect(world.get('nodes', 0)).toMatchObject({ node_start_pfn: 1, node_spanned_pages: 2097663 });
    expect(world.at('pages', 2097152)).toMatchObject({
      start: 2097152,
      end: 2097664,
      zone: 4,
      flags: 'reserved',
      refcount: 1,
      mapcount: -1,
      pgmap: 'pgmap@0x200000000',
    });
    expect(world.at('vmemmap', 2097152)).toMatchObject({ mapping: 'PTE', source: 'ram' });
    expect(world.get('pgmaps', 'pgmap@0x200000000')).toMatchObject({ ref: 513, nr_range: 1 });
    expect(world.get('vars', 'highest_memmap_pfn')?.value).toBe(2097663);
    expect(world.get('vars', 'max_pfn_mapped')?.value).toBe(2097664);
    expect(world.get('vars', 'max_pfn')?.value).toBe(131040);
  });

  it('takes the memmap of whole sections from the altmap, whose reserve stays uninitialised', () => {
    const { world, call } = smallMachine();
    const made = call(memremap_pages, {
      type: 'GENERIC',
      ranges: [range(0x110000000n, 256n * MiB)],
      altmap: { base_pfn: 0x110000, reserve: 2, free: 1534 },
      nid: 0,
    });
    expect(made).toMatchObject({ altmap_alloc: 1024, altmap_align: 510 });
    expect(world.at('vmemmap', 1114112)).toMatchObject({ phys: 0x110200000n, mapping: 'PMD' });
    expect(world.at('pages', 1114113)).toMatchObject({ state: 'zero', end: 1114114 });
    expect(world.at('pages', 1114114)).toMatchObject({ state: 'init', pgmap: null, refcount: 1 });
    expect(world.at('pages', 1115648)).toMatchObject({ start: 1115648, end: 1179648 });
  });

  it('is undone by memunmap_pages except for spans and the highest PFNs', () => {
    const { world, call } = smallMachine();
    const made = call(memremap_pages, {
      type: 'FS_DAX',
      ranges: [range(0x200000000n, 192n * MiB)],
      nid: 0,
    });
    if (failed(made)) throw new Error(made.check);
    call(memunmap_pages, { pgmap: made.pgmap });
    expect(world.count('pgmaps')).toBe(0);
    expect(world.count('pgmap_array')).toBe(0);
    expect(world.count('completions')).toBe(0);
    expect(world.count('locks')).toBe(0);
    expect([...world.rows('sections')].map(({ end }) => end)).toEqual([4]);
    expect(world.at('pages', 2097152)).toBeUndefined();
    expect(world.at('direct_map', 2097152)).toBeUndefined();
    expect(world.get('zones', 4)).toMatchObject({ zone_start_pfn: 2097152, spanned_pages: 49152 });
  });
});
