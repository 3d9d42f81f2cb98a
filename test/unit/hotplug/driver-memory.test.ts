import { describe, expect, it } from 'vitest';
import {
  alloc_contig_range,
  free_contig_range,
} from '../../../src/main/engine/kernel/hotplug/contig-range.ts';
import { add_memory_driver_managed } from '../../../src/main/engine/kernel/hotplug/add-memory.ts';
import { merge_system_ram_resource } from '../../../src/main/engine/kernel/hotplug/memory-region.ts';
import {
  register_memory_notifier,
  restore_online_page_callback,
  set_online_page_callback,
  unregister_memory_notifier,
} from '../../../src/main/engine/kernel/hotplug/memory-notify.ts';
import { offline_and_remove_memory } from '../../../src/main/engine/kernel/hotplug/offline-and-remove.ts';
import { generic_online_page } from '../../../src/main/engine/kernel/hotplug/online-pages.ts';
import { insert_resource } from '../../../src/main/engine/kernel/resource/request.ts';
import type { World } from '../../../src/main/engine/core/world/world.ts';
import { BLOCK, HotplugMachine } from './hotplug-machine.ts';

const AT = 0x100000000n;
const PFN = 0x100000;
const PER = 32768;

/** Two blocks of memory, online in ZONE_MOVABLE. */
function online(version = '6.12.117'): HotplugMachine {
  const machine = new HotplugMachine(version);
  machine.add(AT, 2);
  machine.online(32, 'online_movable');
  machine.online(33, 'online_movable');
  return machine;
}

const decides = (world: World) =>
  [...world.rows('memory_notifiers')].find(({ online_page }) => online_page)?.device;

const managed = (machine: HotplugMachine) => machine.zone(0, 'Movable')[3];

describe('alloc_contig_range', () => {
  it('alloc_contig_range takes exactly these pages, and free_contig_range gives them back', () => {
    const machine = online();
    const run = { pfn: PFN + 512, end: PFN + 1024 };
    expect(machine.bench.call(alloc_contig_range, run)).toBeUndefined();
    expect(machine.world.at('pages', PFN + 512)).toMatchObject({
      ...{ start: PFN + 512, end: PFN + 1024, buddy: false, refcount: 1, migratetype: 'MOVABLE' },
    });
    // They are still the zone's: nothing is counted out.
    expect(managed(machine)).toBe(2 * PER);
    machine.bench.call(free_contig_range, run);
    expect(machine.world.at('pages', PFN + 512)).toMatchObject({ buddy: true, refcount: 0 });
  });

  it('test_pages_isolated looks once pages have moved, isolate_freepages_range takes them', () => {
    const machine = online();
    const run = { pfn: PFN + 512, end: PFN + 1024 };
    const from = machine.bench.log.length;
    machine.bench.call(alloc_contig_range, run);
    const { log } = machine.bench;
    const made = Array.from({ length: log.length - from }, (_, at) => log.step(from + at + 1));
    expect(made.find(({ fn }) => fn === 'test_pages_isolated')?.err).toBeUndefined();
    expect(made.find(({ fn }) => fn === 'isolate_freepages_range')).toMatchObject({ count: 512 });
    // What the driver holds now is not free: the same pages again are refused.
    expect(machine.bench.call(alloc_contig_range, run)).toMatchObject({ errno: 'EBUSY' });
    expect(log.step(log.length - 1)).toMatchObject({
      ...{ fn: 'test_pages_isolated', err: { errno: 'EBUSY' } },
    });
  });

  it('is -EBUSY for a page that cannot move: has_unmovable_pages finds it', () => {
    const machine = new HotplugMachine('6.12.117');
    machine.add(AT, 1);
    machine.online(32, 'online_kernel');
    machine.do('alloc-pages', { pfn: PFN + 600 });
    const run = { pfn: PFN + 512, end: PFN + 1024 };
    expect(machine.bench.call(alloc_contig_range, run)).toMatchObject({
      errno: 'EBUSY',
      check: expect.stringContaining(`0x${(PFN + 600).toString(16)}`) as string,
    });
    expect(machine.world.at('pages', PFN + 512)?.buddy).toBe(true);
  });

  it('moves pages of processes away first', () => {
    const machine = online();
    machine.do('alloc-pages', { pfn: PFN + 512, use: 'process' });
    const run = { pfn: PFN + 512, end: PFN + 1024 };
    expect(machine.bench.call(alloc_contig_range, run)).toBeUndefined();
    const moved = [...machine.world.rows('pages')].filter(({ flags }) => flags.includes('lru'));
    expect(moved.every(({ start }) => start < run.pfn || start >= run.end)).toBe(true);
    expect(moved).toHaveLength(1);
  });
});

describe('offline_and_remove_memory', () => {
  it('offline_and_remove_memory takes blocks away that are online', () => {
    const machine = online();
    const range = { start: AT, size: 2n * BLOCK };
    expect(machine.bench.call(offline_and_remove_memory, range)).toBeUndefined();
    expect([machine.block(32), machine.block(33)]).toEqual([undefined, undefined]);
  });

  it('brings the first back where the second stays, in its zone, and wants whole blocks', () => {
    const machine = new HotplugMachine('6.12.117');
    machine.add(AT, 2);
    machine.online(32, 'online_movable');
    machine.online(33, 'online_kernel');
    machine.do('alloc-pages', { pfn: PFN + PER });
    const range = { start: AT, size: 2n * BLOCK };
    expect(machine.bench.call(offline_and_remove_memory, range)).toMatchObject({ errno: 'EBUSY' });
    expect(machine.world.at('memory_blocks', 32)).toMatchObject({
      state: 'online',
      zone: 'Movable',
    });
    const part = { start: AT, size: BLOCK / 2n };
    expect(machine.bench.call(offline_and_remove_memory, part)).toMatchObject({ errno: 'EINVAL' });
  });
});

describe('merge_system_ram_resource', () => {
  it('merge_system_ram_resource joins equal neighbours on both sides, and no others', () => {
    const { bench, world } = new HotplugMachine('6.12.117');
    const put = (at: bigint, name: string) => {
      const range = { start: at << 28n, end: ((at + 1n) << 28n) - 1n };
      const flags = 'MEM|SYSTEM_RAM|BUSY';
      return bench.call(insert_resource, { ...range, name, flags, desc: 'NONE' }) as number;
    };
    const [a, b, c, d] = [put(16n, 'v'), put(17n, 'v'), put(18n, 'v'), put(19n, 'other')];
    bench.call(merge_system_ram_resource, { id: b });
    expect(world.get('resources', a)).toMatchObject({ start: 0x100000000n, end: 0x12fffffffn });
    expect([world.get('resources', b), world.get('resources', c)]).toEqual([undefined, undefined]);
    expect(world.get('resources', d)?.name).toBe('other');
  });

  it('is asked for by a driver that adds memory piece by piece, since 5.10', () => {
    const names = (version: string) => {
      const { bench, world } = new HotplugMachine(version);
      const resource_name = 'System RAM (virtio_mem)';
      for (const start of [AT, AT + BLOCK]) {
        const what = { nid: 0, start, size: BLOCK, resource_name, merged: true };
        bench.call(add_memory_driver_managed, what);
      }
      return [...world.rows('resources')].filter(({ name }) => name === resource_name).length;
    };
    expect(names('5.10')).toBe(1);
    expect(names('5.9')).toBe(2);
  });
});

describe('set_online_page_callback', () => {
  it('set_online_page_callback is one driver’s at a time, until restore_online_page_callback', () => {
    const { bench, world } = new HotplugMachine('6.12.117');
    expect(bench.call(set_online_page_callback, { device: 'a' })).toBeUndefined();
    expect(bench.call(set_online_page_callback, { device: 'b' })).toMatchObject({
      errno: 'EINVAL',
    });
    expect(bench.call(restore_online_page_callback, { device: 'b' })).toMatchObject({
      errno: 'EINVAL',
    });
    bench.call(restore_online_page_callback, { device: 'a' });
    expect(decides(world)).toBeUndefined();
  });

  it('register_memory_notifier and unregister_memory_notifier leave the other role alone', () => {
    const { bench, world } = new HotplugMachine('6.12.117');
    bench.call(set_online_page_callback, { device: 'a' });
    bench.call(register_memory_notifier, { device: 'a', priority: 3 });
    expect(world.get('memory_notifiers', 'a')).toMatchObject({ notified: true, online_page: true });
    bench.call(unregister_memory_notifier, { device: 'a' });
    expect(decides(world)).toBe('a');
    bench.call(restore_online_page_callback, { device: 'a' });
    expect(world.count('memory_notifiers')).toBe(0);
  });

  it('notifier_call_chain calls the highest priority first, before and after memory is online', () => {
    const machine = new HotplugMachine('6.12.117');
    machine.bench.call(register_memory_notifier, { device: 'low', priority: 1 });
    machine.bench.call(register_memory_notifier, { device: 'high', priority: 9 });
    machine.add(AT, 1);
    machine.online(32, 'online_movable');
    const { log } = machine.bench;
    const calls = Array.from({ length: log.length }, (_, at) => log.step(at + 1))
      .filter(({ fn, kind }) => fn === 'notifier_call_chain' && kind === 'call')
      .map(({ args }) => `${String(args['action'])} ${String(args['device'])}`);
    expect(calls).toEqual([
      ...['MEM_GOING_ONLINE high', 'MEM_GOING_ONLINE low'],
      ...['MEM_ONLINE high', 'MEM_ONLINE low'],
    ]);
  });

  it('keeps the pages of a block that generic_online_page is not called for', () => {
    // A device without code behind it decides: nothing goes online by itself.
    const machine = new HotplugMachine('6.12.117');
    machine.bench.call(set_online_page_callback, { device: 'nobody' });
    machine.add(AT, 1);
    machine.online(32, 'online_movable');
    expect(machine.zone(0, 'Movable')).toMatchObject([PFN, PER, PER, 0]);
    machine.bench.call(generic_online_page, { pfn: PFN, end: PFN + 512 });
    expect(managed(machine)).toBe(512);
  });
});
