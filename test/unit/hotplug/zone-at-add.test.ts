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
