import { describe, expect, it } from 'vitest';
import { buddyinfoText } from '../../../src/main/engine/lab/inspect/buddyinfo.ts';
import { finalState } from '../../../src/main/engine/lab/inspect/final-state.ts';
import { iomemText } from '../../../src/main/engine/lab/inspect/iomem.ts';
import { zoneinfoText } from '../../../src/main/engine/lab/inspect/zoneinfo.ts';
import { boot, kernel, ONE_GIB } from '../boot/booted.ts';

describe('inspect/zoneinfo', () => {
  const text = (version: string) => {
    const { world, facts } = boot(kernel(version) + ONE_GIB);
    return zoneinfoText(world, facts);
  };

  it('prints spans and presents, and - for what belongs to the running kernel', () => {
    const lines = text('6.12').split('\n');
    expect(lines[0]).toBe('Node 0, zone      DMA');
    expect(lines).toContain('        spanned  4095');
    expect(lines).toContain('        present  3998');
    expect(lines).toContain('        managed  -');
    expect(lines).toContain('        promo    -');
    expect(lines).toContain('  start_pfn:           4096');
  });

  it('lists empty zones with figures of 0 since 4.14, and not at all before', () => {
    const device = text('6.12').split('Node 0, zone   Device\n')[1];
    expect(device?.split('\n').slice(0, 3)).toEqual([
      '  pages free     0',
      '        boost    0',
      '        min      0',
    ]);
    expect(text('4.3')).not.toContain('Movable');
    expect(text('4.3')).toContain('        scanned  -');
    expect(text('4.18')).not.toContain('boost');
  });
});

describe('inspect/buddyinfo', () => {
  it('has a column an order for populated zones only', () => {
    const { world, facts } = boot(kernel('6.12') + ONE_GIB);
    expect(buddyinfoText(world, facts)).toBe(
      `Node 0, zone      DMA ${'     - '.repeat(11)}\nNode 0, zone    DMA32 ${'     - '.repeat(11)}\n`,
    );
  });
});

describe('inspect/iomem', () => {
  it('indents children by two, and pads to eight digits', () => {
    const { world } = boot(`${kernel('6.12')}machine:
  memory:
    - { start: 0x0, end: 0x9ffff, type: usable }
    - { start: 0xf0000, end: 0xfffff, type: reserved }
    - { start: 0x100000, end: 0x3fffffff, type: usable }
    - { start: 0xb0000000, end: 0xbfffffff, type: reserved }
    - { start: 0x100000000, end: 0x13fffffff, type: pmem }
  resources:
    - { start: 0xf0000, end: 0xfffff, name: System ROM }
    - { start: 0xb0000000, end: 0xbfffffff, name: "PCI ECAM 0000 [bus 00-ff]" }
    - { start: 0xb0000000, end: 0xbfffffff, name: "pnp 00:05" }
`);
    expect(iomemText(world)).toBe(`00000000-00000fff : Reserved
00001000-0009ffff : System RAM
000f0000-000fffff : Reserved
  000f0000-000fffff : System ROM
00100000-3fffffff : System RAM
b0000000-bfffffff : PCI ECAM 0000 [bus 00-ff]
  b0000000-bfffffff : Reserved
    b0000000-bfffffff : pnp 00:05
100000000-13fffffff : Persistent Memory
`);
  });
});

describe('inspect/finalState', () => {
  it('is JSON: PFNs as numbers, addresses as texts, undetermined figures null', () => {
    const { world, facts } = boot(kernel('6.12') + ONE_GIB);
    const state = JSON.parse(JSON.stringify(finalState(world, facts))) as ReturnType<
      typeof finalState
    >;
    expect(state.vars).toMatchObject({ max_pfn: 262144, max_low_pfn: 262144 });
    expect(state.zones[1]).toEqual({
      key: 1,
      node: 0,
      index: 1,
      zone: 'DMA32',
      start_pfn: 4096,
      spanned: 258048,
      present: 258048,
      present_early_pages: 258048,
      managed: null,
      contiguous: true,
    });
    expect(state.zones[4]).toMatchObject({ zone: 'Device', spanned: 0, managed: 0 });
    expect(state.sections).toEqual([
      {
        ...{ start: 0, end: 8, flags: 15, node: 0, memmap: 'ram' },
        subsections: '0xffffffffffffffff',
      },
    ]);
    expect(state.memory_blocks).toHaveLength(8);
    expect(state.iomem[0]).toEqual({ start: '0x0', end: '0xfff', name: 'Reserved', depth: 0 });
  });
});
