import { describe, expect, it } from 'vitest';
import { HotplugMachine } from './hotplug-machine.ts';

const AT = 0x100000000n;
const PFN = 0x100000;

function plugged(version = '6.12.117', cmdline?: string): HotplugMachine {
  const machine = new HotplugMachine(version, cmdline);
  machine.add(AT, 4);
  return machine;
}

describe('zone_for_pfn_range', () => {
  it('puts a block between two movable ones into Movable, beside them into Normal', () => {
    const machine = plugged();
    machine.online(32, 'online_movable');
    machine.online(34, 'online_movable');
    expect(machine.block(33)).toBe('offline Movable Normal');
    expect(machine.block(35)).toBe('offline Normal Movable');
    machine.online(33);
    expect(machine.block(33)).toBe('online Movable');
  });

  it('prefers Movable where nothing decides with movable_node', () => {
    const machine = plugged('6.12.117', 'memhp_default_state=offline movable_node');
    expect(machine.block(32)).toBe('offline Movable Normal');
  });

  it('auto-movable stops at the ratio of movable to early kernel pages', () => {
    // 1 GiB of boot memory: 262046 early pages. 25 % of them are 65511, room for one block.
    const policy = 'memory_hotplug.online_policy=auto-movable memory_hotplug.auto_movable_ratio=25';
    const machine = plugged('6.12.117', `memhp_default_state=online ${policy}`);
    expect([32, 33, 34].map((id) => machine.block(id))).toEqual([
      'online Movable',
      'online Normal',
      'online Normal',
    ]);
  });

  it('knows no auto-movable before 5.15', () => {
    const policy = 'memory_hotplug.online_policy=auto-movable';
    const machine = plugged('5.14', `memhp_default_state=online ${policy}`);
    expect(machine.block(32)).toBe('online Normal');
  });
});

describe('state_store', () => {
  it('answers -EINVAL for the state a block is in already, whatever the zone', () => {
    const machine = plugged();
    expect(machine.offline(32)).toMatch(/^EINVAL memory32 is offline already/);
    expect(machine.online(32, 'online_kernel')).toBe('ok');
    expect(machine.online(32, 'online_movable')).toMatch(/^EINVAL memory32 is online already/);
    expect(machine.online(99)).toMatch(/^ENOENT/);
  });
});

describe('online_pages', () => {
  it('widens zone and node, frees every page, and sets IS_ONLINE', () => {
    const machine = plugged();
    const free = machine.number('totalram_pages');
    machine.online(33);
    expect(machine.zone(0, 'Normal')).toEqual([PFN + 32768, 32768, 32768, 32768]);
    expect(machine.world.need('nodes', 0)).toMatchObject({
      node_start_pfn: 1,
      node_spanned_pages: PFN + 65535,
    });
    expect(machine.number('totalram_pages')).toBe(free + 32768);
    expect(machine.world.at('sections', 33)?.flags).toBe(7);
    expect(machine.world.at('pages', PFN + 32768)).toMatchObject({ buddy: true, refcount: 0 });
    expect(machine.number('highest_memmap_pfn')).toBe(PFN + 65535);
  });

  it('makes the pages offline first, reserved in kernels before 6.11', () => {
    for (const [version, flags] of [
      ['6.12.117', 'offline'],
      ['6.1.192', 'reserved'],
    ] as const) {
      const machine = plugged(version);
      machine.online(32);
      const init = Array.from({ length: machine.bench.log.length }, (_, at) =>
        machine.bench.log.step(at + 1),
      ).findLast((step) => step.fn === '__init_single_page');
      expect(
        init?.diff.find(({ table, key }) => table === 'pages' && key === PFN)?.to,
      ).toMatchObject({ flags });
    }
  });
});

describe('offline_pages', () => {
  it('shrinks the zone at the end that went, and not over a hole', () => {
    const machine = plugged();
    for (const id of [32, 33, 34, 35]) machine.online(id);
    machine.offline(33);
    expect(machine.zone(0, 'Normal')).toEqual([PFN, 131072, 98304, 98304]);
    machine.offline(35);
    expect(machine.zone(0, 'Normal')).toEqual([PFN, 98304, 65536, 65536]);
    machine.offline(32);
    expect(machine.zone(0, 'Normal')).toEqual([PFN + 65536, 32768, 32768, 32768]);
    machine.offline(34);
    expect(machine.zone(0, 'Normal')).toEqual([0, 0, 0, 0]);
    expect(machine.world.need('nodes', 0).node_spanned_pages).toBe(0x3ffff);
  });

  it('leaves the span as it is before 5.4: there a zone shrinks when the memory is removed', () => {
    const machine = plugged('5.3');
    machine.online(32);
    machine.online(33);
    machine.offline(33);
    expect(machine.zone(0, 'Normal')).toEqual([PFN, 65536, 32768, 32768]);
    machine.remove(AT + 0x8000000n, 1);
    expect(machine.zone(0, 'Normal')).toEqual([PFN, 32768, 32768, 32768]);
  });

  it('answers -EBUSY for a page of the kernel, and leaves block, zone and pages as they were', () => {
    const machine = plugged();
    machine.online(32);
    machine.do('alloc-pages', { pfn: PFN + 5, pages: 3 });
    const zone = machine.zone(0, 'Normal');
    expect(machine.offline(32)).toMatch(/^EBUSY .*unmovable page at pfn 0x100005.*isolate range/);
    expect(machine.logged('page dumped because: unmovable page')).toBe(true);
    expect([machine.block(32), machine.zone(0, 'Normal')]).toEqual(['online Normal', zone]);
    expect(machine.world.at('pages', PFN)).toMatchObject({ buddy: true, migratetype: 'MOVABLE' });
    machine.do('free-pages', { pfn: PFN + 5, pages: 3 });
    expect(machine.offline(32)).toBe('ok');
  });

  it('moves pages of a process to free pages of the node, highest zone first', () => {
    const machine = plugged();
    machine.online(32, 'online_movable');
    machine.online(33, 'online_kernel');
    machine.do('alloc-pages', { pfn: PFN + 100, pages: 10, use: 'process' });
    const managed = machine.number('totalram_pages');
    expect(machine.offline(32)).toBe('ok');
    expect(machine.world.at('pages', PFN + 32768)).toMatchObject({
      end: PFN + 32768 + 10,
      flags: 'lru',
      buddy: false,
      zone: 2,
    });
    expect(machine.number('totalram_pages')).toBe(managed - 32768);
  });

  it('gives up with -EINTR on pinned pages, which never move, and undoes the isolation', () => {
    const machine = plugged();
    machine.online(32, 'online_movable');
    machine.do('alloc-pages', { pfn: PFN, pages: 1, use: 'pinned' });
    expect(machine.offline(32)).toMatch(/^EINTR .*signal backoff/);
    expect(machine.block(32)).toBe('online Movable');
    expect(machine.world.at('pages', PFN + 1)).toMatchObject({ migratetype: 'MOVABLE' });
  });

  it('gives up with -EBUSY on pinned pages before 4.15, when its 120 seconds are over', () => {
    const machine = plugged('4.14');
    machine.online(32, 'online_movable');
    machine.do('alloc-pages', { pfn: PFN, pages: 1, use: 'pinned' });
    expect(machine.offline(32)).toMatch(/^EBUSY time_after\(jiffies, expire\)/);
    expect(machine.block(32)).toBe('online Movable');
  });

  it('the kernel takes no page for itself from Movable, and nobody takes a page twice', () => {
    const machine = plugged();
    machine.online(32, 'online_movable');
    expect(machine.do('alloc-pages', { pfn: PFN, use: 'kernel' })).toMatch(/^EINVAL gfp_zone/);
    machine.do('alloc-pages', { pfn: PFN, use: 'process' });
    expect(machine.do('alloc-pages', { pfn: PFN, use: 'process' })).toMatch(/^EBUSY/);
    expect(machine.do('free-pages', { pfn: PFN + 1 })).toMatch(/^EINVAL/);
  });

  it('does not offline memory of the boot with its reserved pages, nor a block of two zones', () => {
    const machine = plugged();
    expect(machine.offline(0)).toMatch(/^EINVAL !mem->zone/);
    // The memmap of the boot lies at the top of the node: block 7.
    expect(machine.offline(7)).toMatch(/^EBUSY/);
    expect(machine.offline(3)).toBe('ok');
    expect(machine.world.at('sections', 3)?.flags).toBe(0xb);
  });
});

describe('remove_memory', () => {
  it('answers -EBUSY while a block is online, and names it', () => {
    const machine = plugged();
    machine.online(34);
    expect(machine.remove(AT, 4)).toMatch(/^EBUSY memory34 is online/);
    const text = 'because memory [0x0000000110000000-0x0000000117ffffff] is onlined';
    expect(machine.logged(text)).toBe(true);
    expect(machine.block(32)).toBe('offline Normal Movable');
  });

  it('cuts a part out of the resource', () => {
    const machine = plugged();
    expect(machine.remove(AT + 0x8000000n, 1)).toBe('ok');
    const ram = [...machine.world.rows('resources')]
      .filter(({ start, name }) => start >= AT && name === 'System RAM')
      .map(({ start, end }) => [start, end]);
    expect(ram).toEqual([
      [0x100000000n, 0x107ffffffn],
      [0x110000000n, 0x11fffffffn],
    ]);
  });

  it('takes memory of the boot too; added again, its section is no longer an early one', () => {
    const machine = plugged();
    const BOOT = 0x18000000n;
    expect(machine.remove(BOOT, 1)).toMatch(/^EBUSY memory3 is online/);
    machine.offline(3);
    expect(machine.remove(BOOT, 1)).toBe('ok');
    expect(machine.world.at('sections', 3)).toBeUndefined();
    expect(machine.world.at('pages', 3 * 32768)).toBeUndefined();
    expect(machine.add(BOOT, 1)).toBe('ok');
    expect(machine.world.at('sections', 3)?.flags).toBe(3);
    expect(machine.block(3)).toBe('offline DMA32 Movable');
    machine.online(3);
    // Present again, but not early any more: 262046 pages at boot, less 32768.
    const zone = [...machine.world.rows('zones')].find(({ name }) => name === 'DMA32');
    expect([zone?.present_pages, zone?.present_early_pages]).toEqual([258048, 225280]);
  });
});
