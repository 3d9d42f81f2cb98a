import { describe, expect, it } from 'vitest';
import { memmapText } from '../../../src/main/engine/lab/inspect/memmap.ts';
import { modelOf } from '../../../src/main/engine/kernel/memmodel/models.ts';
import { boot } from './boot-lab.ts';

const GIB = 1n << 30n;
const MIB = 1n << 20n;

/** arm64 with 512 MiB at 1 GiB and 512 MiB at 3 GiB: a hole of 1.5 GiB, 393216 pages. */
const machine = (model: string, version = '4.18') =>
  boot({
    arch: 'arm64',
    version,
    model,
    hypothetical: true,
    config: { NUMA: 'n' },
    ram: [
      [GIB, GIB + 512n * MIB - 1n],
      [3n * GIB, 3n * GIB + 512n * MIB - 1n],
    ],
  });

describe('the memmap of holes on arm64 without VMEMMAP', () => {
  it('goes back to the page allocator with FLATMEM: 24 MiB for a hole of 1.5 GiB', () => {
    const b = machine('flatmem');
    // 262144 pages of RAM; the array of 655360 entries took 40 MiB, and 24 MiB of it came back.
    expect(b.world.need('vars', 'totalram_pages').value).toBe(262144 - (40 - 24) * 256);
    const hole = 0x60000;
    expect(b.world.at('pages', hole)).toBeUndefined();
    expect(b.world.at('pages', hole - 1)).toBeDefined();
    expect(modelOf(b).pfnValid(b, hole).valid).toBe(false);
    expect(memmapText(b.world, b.facts)).toContain('25165824 of these were given back');
  });

  it('does not touch sections that are not there with classic SPARSEMEM', () => {
    // 1 GiB sections: [1, 2) GiB and [3, 4) GiB are present, half of each is a hole
    const b = machine('sparsemem');
    expect(b.world.at('pages', 0x60000)).toBeUndefined();
    expect(b.world.at('pages', 0xe0000)).toBeUndefined();
    expect(b.world.at('pages', 0xc0000)).toBeDefined();
    // two memmaps of 16 MiB, half of each given back
    expect(Number(b.world.need('vars', 'totalram_pages').value)).toBeGreaterThan(262144 - 17 * 256);
  });

  it('stays where struct pages are behind one virtual array', () => {
    const b = machine('sparsemem-vmemmap');
    expect(b.world.at('pages', 0x60000)).toBeDefined();
  });
});
