import { describe, expect, it } from 'vitest';
import { BLOCK, HotplugMachine } from './hotplug-machine.ts';

const AT = 0x100000000n;
const PFN = 0x100000;
const PAGES = 32768;

describe('memory hotplug in 4.3', () => {
  it('grows Normal and reserves the pages when memory is added, before it is online', () => {
    const machine = new HotplugMachine('4.3');
    expect(machine.add(AT, 2)).toBe('ok');
    expect(machine.zone(0, 'Normal')).toEqual([PFN, 2 * PAGES, 0, 0]);
    expect(machine.world.at('pages', PFN)).toMatchObject({ state: 'init', flags: 'reserved' });
    expect(machine.online(32)).toBe('ok');
    expect(machine.zone(0, 'Normal')).toEqual([PFN, 2 * PAGES, PAGES, PAGES]);
  });

  it('lets only the last block of Normal go online as movable, which moves the boundary', () => {
    const machine = new HotplugMachine('4.3');
    machine.add(AT, 3);
    expect(machine.online(33, 'online_movable')).toMatch(/^EINVAL zone_end_pfn\(z1\) > end_pfn/);
    expect(machine.online(34, 'online_movable')).toBe('ok');
    expect(machine.zone(0, 'Normal')).toEqual([PFN, 2 * PAGES, 0, 0]);
    expect(machine.zone(0, 'Movable')).toEqual([PFN + 2 * PAGES, PAGES, PAGES, PAGES]);
  });

  it('adds memory above the start of Movable to Movable, whose first block can turn kernel', () => {
    const machine = new HotplugMachine('4.3');
    machine.add(AT, 1);
    expect(machine.online(32, 'online_movable')).toBe('ok');
    expect(machine.zone(0, 'Normal')).toEqual([0, 0, 0, 0]);
    expect(machine.add(AT + BLOCK, 1)).toBe('ok');
    expect(machine.zone(0, 'Movable')).toEqual([PFN, 2 * PAGES, PAGES, PAGES]);
    expect(machine.online(33, 'online_kernel')).toMatch(/^EINVAL start_pfn > z2->zone_start_pfn/);
    expect(machine.offline(32)).toBe('ok');
    expect(machine.online(32, 'online_kernel')).toBe('ok');
    expect(machine.zone(0, 'Normal')).toEqual([PFN, PAGES, PAGES, PAGES]);
    expect(machine.zone(0, 'Movable')).toEqual([PFN + PAGES, PAGES, 0, 0]);
  });
});

describe('memory hotplug in 4.8 to 4.12', () => {
  it('moves the last block of Normal to Movable, and back', () => {
    const machine = new HotplugMachine('4.10');
    machine.add(AT, 3);
    expect(machine.online(34, 'online_movable')).toBe('ok');
    expect(machine.zone(0, 'Normal')).toEqual([PFN, 2 * PAGES, 0, 0]);
    expect(machine.zone(0, 'Movable')).toEqual([PFN + 2 * PAGES, PAGES, PAGES, PAGES]);
    expect(machine.offline(34)).toBe('ok');
    expect(machine.online(34, 'online_kernel')).toBe('ok');
    expect(machine.zone(0, 'Normal')).toEqual([PFN, 3 * PAGES, PAGES, PAGES]);
  });

  it('refuses a block that is not at the end of its zone from 4.10 on', () => {
    const machine = new HotplugMachine('4.10');
    machine.add(AT, 3);
    expect(machine.online(33, 'online_movable')).toBe(
      'EINVAL pfn + nr_pages != zone_end_pfn(zone)',
    );
    expect(machine.block(33)).toMatch(/^offline/);
  });

  it('puts such a block online where it is, and says nothing, in 4.8 and 4.9', () => {
    const machine = new HotplugMachine('4.9');
    machine.add(AT, 3);
    expect(machine.online(33, 'online_movable')).toBe('ok');
    expect(machine.block(33)).toBe('online Normal');
    expect(machine.zone(0, 'Movable')).toEqual([0, 0, 0, 0]);
  });

  it('means ZONE_NORMAL by online_kernel: a block inside DMA32 cannot go there', () => {
    const machine = new HotplugMachine('4.12');
    expect(machine.offline(6)).toBe('ok');
    expect(machine.online(6, 'online_kernel')).toBe('EINVAL pfn + nr_pages != zone_end_pfn(zone)');
    expect(machine.online(6)).toBe('ok');
    expect(machine.block(6)).toBe('online DMA32');
  });
});
