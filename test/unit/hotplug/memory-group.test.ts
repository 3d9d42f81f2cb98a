import { describe, expect, it } from 'vitest';
import { BLOCK, HotplugMachine } from './hotplug-machine.ts';

const AT = 0x100000000n;
const PAGES = 32768;
const AUTO =
  'memhp_default_state=offline memory_hotplug.online_policy=auto-movable memory_hotplug.auto_movable_numa_aware=0';

/** memory_groups as [nid, dynamic, pages, kernel, movable]. */
function groups(machine: HotplugMachine): unknown[][] {
  return [...machine.world.rows('memory_groups')].map((g) => [
    g.nid,
    g.is_dynamic,
    g.pages,
    g.present_kernel_pages,
    g.present_movable_pages,
  ]);
}

describe('memory groups', () => {
  it('are registered as drivers do, with the errors of drivers/base/memory.c', () => {
    const machine = new HotplugMachine('6.12.117');
    expect(machine.do('memory-group', { max_pages: 0 })).toMatch(/^EINVAL !max_pages/);
    expect(machine.do('memory-group', { unit_pages: 3 * PAGES })).toMatch(/^EINVAL .*power_of_2/);
    expect(machine.do('memory-group', { unit_pages: PAGES / 2 })).toMatch(/^EINVAL/);
    expect(machine.do('memory-group', { node: 9, max_pages: PAGES })).toMatch(/^EINVAL !node_poss/);
    expect(machine.do('memory-group', { unit_pages: 2 * PAGES })).toBe('ok');
    expect(machine.do('memory-group', { node: 1, max_pages: PAGES })).toBe('ok');
    expect(groups(machine)).toEqual([
      [0, true, 2 * PAGES, 0, 0],
      [1, false, PAGES, 0, 0],
    ]);
  });

  it('say which node memory joins, and count its pages by zone while it is online', () => {
    const machine = new HotplugMachine('6.12.117');
    machine.do('memory-group', { node: 1, max_pages: 2 * PAGES });
    expect(machine.add(0x200000000n, 2, { node: 0, group: 0 })).toBe('ok');
    expect(machine.world.at('memory_blocks', 64)?.nid).toBe(1);
    machine.online(64, 'online_movable');
    machine.online(65, 'online_kernel');
    expect(groups(machine)).toEqual([[1, false, 2 * PAGES, PAGES, PAGES]]);
    expect(machine.do('memory-group-unregister', { group: 0 })).toMatch(/^EBUSY/);
    machine.offline(64);
    expect(groups(machine)).toEqual([[1, false, 2 * PAGES, PAGES, 0]]);
    machine.offline(65);
    machine.remove(0x200000000n, 2);
    expect(machine.do('memory-group-unregister', { group: 0 })).toBe('ok');
    expect(machine.add(AT, 1, { group: 0 })).toBe('EINVAL no memory group 0');
  });

  it('come and go with a module', () => {
    const machine = new HotplugMachine('6.12.117');
    const dimm = { start: AT, size: 2n * BLOCK };
    machine.do('plug-dimm', dimm);
    expect(groups(machine)).toEqual([[0, false, 2 * PAGES, 0, 0]]);
    expect(machine.do('unplug-dimm', dimm)).toBe('ok');
    expect(groups(machine)).toEqual([]);
    const old = new HotplugMachine('5.14');
    old.do('plug-dimm', dimm);
    expect(groups(old)).toEqual([]);
  });

  it('of the kmem driver had their limit in bytes until 6.5', () => {
    const dax = { node: 1, start: 0x200000000n, size: 2n * BLOCK };
    const limit = (version: string): unknown => {
      const machine = new HotplugMachine(version);
      machine.do('kmem-bind', dax);
      return groups(machine)[0]?.[2];
    };
    expect(limit('6.12.117')).toBe(2 * PAGES);
    expect(limit('6.1')).toBe(2 * PAGES * 4096);
  });
});

// 1 GiB of RAM: 262046 early kernel pages (3998 of DMA, 258048 of DMA32), of which 301 % are 788758:
// 24 blocks of 32768 pages are 786432.
describe('the auto-movable policy', () => {
  it('puts memory into Movable while it stays within the ratio of early kernel memory', () => {
    const machine = new HotplugMachine('6.12.117', AUTO);
    machine.add(AT, 26);
    for (let block = 32; block < 58; block += 1) machine.online(block);
    expect(machine.block(55)).toBe('online Movable');
    expect(machine.block(56)).toBe('online Normal');
    expect(machine.zone(0, 'Movable')[2]).toBe(24 * PAGES);
  });

  it('takes another ratio, and 0 for none', () => {
    const half = new HotplugMachine('6.12.117', `${AUTO} memory_hotplug.auto_movable_ratio=50`);
    half.add(AT, 4);
    for (const block of [32, 33, 34, 35]) half.online(block);
    // 131023 pages: three blocks, not four
    expect(half.block(34)).toBe('online Movable');
    expect(half.block(35)).toBe('online Normal');
    const none = new HotplugMachine('6.12.117', `${AUTO} memory_hotplug.auto_movable_ratio=0`);
    none.add(AT, 1);
    none.online(32);
    expect(none.block(32)).toBe('online Normal');
  });

  it('looks at each node by itself unless told not to', () => {
    const aware = AUTO.replace('numa_aware=0', 'numa_aware=1');
    const machine = new HotplugMachine('6.12.117', aware);
    machine.add(0x200000000n, 1, { node: 1 });
    machine.online(64);
    // node 1 has no early kernel memory at all
    expect(machine.block(64)).toBe('online Normal');
    const unaware = new HotplugMachine('6.12.117', AUTO);
    unaware.add(0x200000000n, 1, { node: 1 });
    unaware.online(64);
    expect(unaware.block(64)).toBe('online Movable');
  });

  it('keeps a static group in one kind of zone', () => {
    const machine = new HotplugMachine('6.12.117', AUTO);
    machine.do('memory-group', { max_pages: 30 * PAGES });
    machine.add(AT, 2, { group: 0 });
    // thirty blocks would be more than the ratio allows, so none is movable
    expect(machine.block(32)).toBe('offline Normal Movable');
    machine.online(32);
    expect(machine.block(32)).toBe('online Normal');
    const fits = new HotplugMachine('6.12.117', AUTO);
    fits.do('memory-group', { max_pages: 20 * PAGES });
    fits.add(AT, 2, { group: 0 });
    fits.online(32, 'online_kernel');
    fits.online(33);
    expect(fits.block(33)).toBe('online Normal');
  });

  it('lets kernel memory of a dynamic group allow movable memory of that group only', () => {
    const ratio = `${AUTO} memory_hotplug.auto_movable_ratio=100`;
    const machine = new HotplugMachine('6.12.117', ratio);
    machine.do('memory-group', { unit_pages: PAGES });
    // 262046 early kernel pages allow 7 blocks; with one kernel block in the group, 8
    machine.add(AT, 10, { group: 0 });
    for (let block = 32; block < 39; block += 1) machine.online(block);
    expect(machine.block(38)).toBe('online Movable');
    expect(machine.block(39)).toBe('offline Normal Movable');
    machine.online(39, 'online_kernel');
    expect(machine.block(40)).toBe('offline Movable Normal');
    machine.online(40);
    expect(machine.block(41)).toBe('offline Normal Movable');
  });
});
