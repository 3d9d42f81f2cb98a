import { describe, expect, it } from 'vitest';
import {
  altmap_alloc_block_buf,
  altmapBlocksLeft,
  vmem_altmap_free,
  vmem_altmap_offset,
  type VmemAltmap,
} from '../../../src/main/engine/kernel/pgmap/altmap.ts';
import { smallMachine, type Bench } from './small-machine.ts';

const ALTMAP: VmemAltmap = {
  base_pfn: 0x110000,
  end_pfn: 0x11ffff,
  reserve: 2,
  free: 1534,
  align: 0,
  alloc: 0,
};

function withAltmap(altmap: VmemAltmap): Bench {
  const bench = smallMachine();
  bench.world.put('pgmaps', {
    id: 'p',
    type: 'MEMORY_DEVICE_GENERIC',
    type_value: 4,
    ranges: [],
    nr_range: 0,
    flags: 1,
    ops: '',
    owner: '',
    vmemmap_shift: 0,
    altmap,
    ref: 1,
    ref_dead: false,
    external_ref: '',
    device: '',
    nid: 0,
  });
  return bench;
}

describe('vmem_altmap', () => {
  it('altmap_alloc_block_buf pads the first block to its own size, once', () => {
    const bench = withAltmap(ALTMAP);
    const take = (): number | null =>
      bench.call(altmap_alloc_block_buf, { owner: 'p', nr_pfns: 512, blocks: 1 });
    // 0x110002 is padded by 510 to 0x110200.
    expect([take(), take(), take()]).toEqual([0x110200, 0x110400, null]);
    expect(bench.world.get('pgmaps', 'p')?.altmap).toMatchObject({ alloc: 1024, align: 510 });
  });

  it('altmap_alloc_block_buf gives several blocks in one step what it gives one by one', () => {
    const bench = withAltmap(ALTMAP);
    expect(altmapBlocksLeft(ALTMAP, 512)).toBe(2);
    expect(bench.call(altmap_alloc_block_buf, { owner: 'p', nr_pfns: 512, blocks: 2 })).toBe(
      0x110200,
    );
    expect(bench.world.get('pgmaps', 'p')?.altmap).toMatchObject({ alloc: 1024, align: 510 });
  });

  it('has no block left where the pad takes the last pages', () => {
    expect(altmapBlocksLeft({ ...ALTMAP, free: 1021 }, 512)).toBe(0);
    expect(altmapBlocksLeft({ ...ALTMAP, free: 1022 }, 512)).toBe(1);
    expect(altmapBlocksLeft({ ...ALTMAP, reserve: 0, free: 511 }, 512)).toBe(0);
  });

  it('altmap_alloc_block_buf needs a pad of the lowest set bit only: 24 pages are aligned to 8', () => {
    const bench = withAltmap({ ...ALTMAP, reserve: 1 });
    expect(bench.call(altmap_alloc_block_buf, { owner: 'p', nr_pfns: 24, blocks: 1 })).toBe(
      0x110008,
    );
    expect(bench.world.get('pgmaps', 'p')?.altmap).toMatchObject({ alloc: 24, align: 7 });
  });

  it('vmem_altmap_free takes pages back but not pads', () => {
    const bench = withAltmap({ ...ALTMAP, alloc: 512, align: 510 });
    bench.call(vmem_altmap_free, { owner: 'p', nr_pfns: 512 });
    expect(bench.world.get('pgmaps', 'p')?.altmap).toMatchObject({ alloc: 0, align: 510 });
  });

  it('vmem_altmap_offset puts the first data page behind reserve and free', () => {
    expect(vmem_altmap_offset(ALTMAP)).toBe(1536);
    expect(vmem_altmap_offset(null)).toBe(0);
  });
});
