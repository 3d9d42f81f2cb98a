import { describe, expect, it } from 'vitest';
import { boot, kernel, ONE_GIB } from '../boot/booted.ts';

const HOLE = `machine:
  memory:
    - { start: 0x0, end: 0x9ffff, type: usable }
    - { start: 0x100000, end: 0x2ffdffff, type: usable }
    - { start: 0x2ffe0000, end: 0x2fffffff, type: reserved }
  acpi_tables: [ { start: 0x2ffe0000, end: 0x2ffe1fff } ]
`;
const END = 0x2ffe0;

const page = (version: string, pfn: number) => {
  const { world, facts } = boot(kernel(version) + HOLE);
  const row = world.at('pages', pfn);
  return (
    row && { state: row.state, zone: facts.arch.zones[row.zone] ?? row.zone, flags: row.flags }
  );
};

describe('page/holes between the end of memory and the end of its section', () => {
  it('5.12 and later: reserved, in the zone of the walk', () => {
    expect(page('6.12', END + 2)).toEqual({ state: 'init', zone: 'DMA32', flags: 'reserved' });
    expect(page('5.14', END + 2)).toEqual({ state: 'init', zone: 'DMA32', flags: 'reserved' });
  });

  it('5.8 to 5.11: reserved, in zone 0', () => {
    expect(page('5.10', END + 2)).toEqual({ state: 'init', zone: 'DMA', flags: 'reserved' });
  });

  it('4.18: cleared, for no zone spans them', () => {
    expect(page('4.18', END + 2)).toMatchObject({ state: 'zero', flags: '' });
  });

  it('ACPI tables up there get zone number MAX_NR_ZONES: their init was deferred, no zone spans them', () => {
    expect(page('6.12', END)).toEqual({ state: 'init', zone: 5, flags: 'reserved' });
    expect(page('6.12', END + 1)).toEqual({ state: 'init', zone: 5, flags: 'reserved' });
  });

  it('has no struct pages beyond the section', () => {
    expect(page('6.12', 0x30000)).toBeUndefined();
  });
});

describe('page/__init_single_page', () => {
  it('is one step for a run of pages', () => {
    const { steps } = boot(kernel('6.12') + ONE_GIB);
    const runs = steps.filter(({ fn }) => fn === '__init_single_page');
    expect(runs.map(({ count }) => count)).toContain(3840);
    const step = runs.find(({ count }) => count === 3840);
    expect(step?.range).toEqual({ start: 256, end: 4096, unit: 'pfn' });
    expect(step?.source).toBe('mm/mm_init.c:__init_single_page');
  });

  it('leaves every page of memory initialised after the boot, free pages at refcount 0', () => {
    for (const version of ['4.3', '4.14', '4.18', '5.3', '5.14', '6.1', '6.12', '6.18', '7.2']) {
      const { world } = boot(kernel(version) + ONE_GIB);
      for (const row of world.overlapping('pages', 256, 262144)) {
        expect([version, row.state, row.buddy ? row.refcount : 1 - row.refcount]).toEqual([
          version,
          'init',
          0,
        ]);
      }
    }
  });
});
