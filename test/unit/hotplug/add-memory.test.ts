import { describe, expect, it } from 'vitest';
import { BLOCK, HotplugMachine } from './hotplug-machine.ts';

const AT = 0x100000000n;
const PFN = 0x100000;

describe('add_memory', () => {
  it('makes offline sections and blocks, and moves max_pfn but no zone', () => {
    const machine = new HotplugMachine('6.12.117');
    expect(machine.add(AT, 2)).toBe('ok');
    expect(machine.world.at('sections', 32)).toMatchObject({ start: 32, end: 34, flags: 3 });
    expect(machine.block(32)).toBe('offline Normal Movable');
    expect(machine.number('max_pfn')).toBe(PFN + 65536);
    expect(machine.number('highest_memmap_pfn')).toBe(0x3ffff);
    expect(machine.zone(0, 'Normal')).toEqual([0, 0, 0, 0]);
    expect(machine.world.at('pages', PFN)).toMatchObject({ state: 'zero' });
  });

  it('refuses what is not whole blocks with -EINVAL, and gives the resource back', () => {
    const machine = new HotplugMachine('6.12.117');
    const before = machine.world.count('resources');
    expect(machine.do('add-memory', { start: AT, size: '2MiB' })).toMatch(/^EINVAL !size/);
    expect(machine.do('add-memory', { start: AT + 0x200000n, size: BLOCK })).toMatch(/^EINVAL/);
    const text = 'Block size [0x8000000] unaligned hotplug range: start 0x100000000, size 0x200000';
    expect(machine.logged(text)).toBe(true);
    expect(machine.world.count('resources')).toBe(before);
    expect(machine.world.at('sections', 32)).toBeUndefined();
  });

  it('answers -EEXIST where RAM is, -E2BIG out of range, -EINVAL for an impossible node', () => {
    const machine = new HotplugMachine('6.12.117');
    expect(machine.add(AT, 1)).toBe('ok');
    expect(machine.add(AT, 1)).toMatch(/^EEXIST/);
    expect(machine.add(0x20000000n, 1)).toMatch(/^EEXIST/);
    expect(machine.add(1n << 46n, 1)).toMatch(/^E2BIG/);
    expect(machine.add(AT + BLOCK, 1, { node: 5 })).toMatch(/^EINVAL !node_possible/);
  });

  it('onlines at once as memhp_default_state or the configuration says', () => {
    const auto = new HotplugMachine('6.12.117', '');
    auto.add(AT, 1);
    expect(auto.block(32)).toBe('online Normal');
    const movable = new HotplugMachine('6.12.117', 'memhp_default_state=online_movable');
    movable.add(AT, 1);
    expect(movable.block(32)).toBe('online Movable');
    const old = new HotplugMachine('6.1.192', '');
    old.add(AT, 1);
    expect(old.block(32)).toBe('offline Normal Movable');
  });

  it('knows online_movable as a default only since 5.7', () => {
    const machine = new HotplugMachine('5.3', 'memhp_default_state=online_movable');
    machine.add(AT, 1);
    expect(machine.block(32)).toBe('offline Normal Movable');
    expect(machine.do('auto-online', { type: 'online_kernel' })).toMatch(/^EINVAL/);
    expect(machine.do('auto-online', { type: 'online' })).toBe('ok');
    machine.add(AT + BLOCK, 1);
    expect(machine.block(33)).toBe('online Normal');
  });

  it('takes a name of a driver only in the form "System RAM (...)"', () => {
    const machine = new HotplugMachine('6.12.117');
    expect(machine.add(AT, 1, { name: 'kmem' })).toMatch(/^EINVAL resource_name/);
    expect(machine.add(AT, 1, { name: 'System RAM (kmem)' })).toBe('ok');
  });
});

describe('a node without memory', () => {
  const HIGH = 0x200000000n;
  const HIGH_BLOCK = 64;

  it('comes online with its first memory, and offline with its last when it has no CPU', () => {
    const machine = new HotplugMachine('6.12.117', 'memhp_default_state=offline', 0);
    expect(machine.world.need('nodes', 1).online).toBe(false);
    machine.add(HIGH, 2, { node: 1 });
    expect(machine.world.need('nodes', 1)).toMatchObject({ online: true, node_spanned_pages: 0 });
    machine.online(HIGH_BLOCK);
    expect(machine.world.need('nodes', 1)).toMatchObject({
      node_start_pfn: 0x200000,
      node_spanned_pages: 32768,
      node_present_pages: 32768,
    });
    machine.offline(HIGH_BLOCK);
    expect(machine.remove(HIGH, 2)).toBe('ok');
    expect(machine.world.need('nodes', 1)).toMatchObject({ online: false, node_present_pages: 0 });
  });

  it('stays online for its CPU', () => {
    const machine = new HotplugMachine('6.12.117');
    machine.add(HIGH, 1, { node: 1 });
    machine.remove(HIGH, 1);
    expect(machine.world.need('nodes', 1).online).toBe(true);
  });

  it('gets its zones with the memory before 5.18, when no boot allocated them', () => {
    const machine = new HotplugMachine('5.14', 'memhp_default_state=offline', 0);
    expect(machine.world.get('nodes', 1)).toBeUndefined();
    machine.add(HIGH, 1, { node: 1 });
    machine.online(HIGH_BLOCK, 'online_movable');
    expect(machine.zone(1, 'Movable')).toEqual([0x200000, 32768, 32768, 32768]);
  });
});
