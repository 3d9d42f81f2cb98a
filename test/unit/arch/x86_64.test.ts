import { describe, expect, it } from 'vitest';
import { debianAmd64Config } from '../../../src/main/engine/core/arch/config.ts';
import { x86_64 } from '../../../src/main/engine/core/arch/x86_64.ts';

const v = (major: number, minor: number) => ({ major, minor, point: 0 });

describe('arch/x86_64', () => {
  it('has the section table of 4-level paging: 2048 roots of 256 without page extension', () => {
    const arch = x86_64(v(6, 12), { ZONE_DMA: 'y', ZONE_DMA32: 'y' }, false);
    expect(arch).toMatchObject({
      nr_mem_sections: 524288,
      pages_per_section: 32768,
      sections_per_root: 256,
      nr_section_roots: 2048,
      subsections_per_section: 64,
      pages_per_subsection: 512,
      vmemmap_base: 0xffffea0000000000n,
      page_offset_base: 0xffff888000000000n,
    });
  });

  it('has 131072 roots and another vmemmap with 5-level paging', () => {
    const arch = x86_64(v(6, 12), {}, true);
    expect(arch).toMatchObject({
      max_physmem_bits: 52,
      nr_section_roots: 131072,
      vmemmap_base: 0xffd4000000000000n,
      page_offset_base: 0xff11000000000000n,
    });
  });

  it('doubles mem_section with CONFIG_PAGE_EXTENSION', () => {
    const arch = x86_64(v(6, 12), { PAGE_EXTENSION: 'y' }, false);
    expect([arch.sizeof_mem_section, arch.sections_per_root]).toEqual([32, 128]);
  });

  it('has zone Device where the configuration has it: not beside DMA in 4.3', () => {
    const zones = (major: number, minor: number) =>
      x86_64(v(major, minor), debianAmd64Config(v(major, minor)), false).zones;
    expect(zones(4, 3)).toEqual(['DMA', 'DMA32', 'Normal', 'Movable']);
    expect(zones(6, 1)).toEqual(['DMA', 'DMA32', 'Normal', 'Movable', 'Device']);
  });
});
