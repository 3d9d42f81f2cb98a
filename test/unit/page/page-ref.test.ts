import { describe, expect, it } from 'vitest';
import { alloc_pages } from '../../../src/main/engine/kernel/buddy/page-alloc.ts';
import { parseGfp } from '../../../src/main/engine/kernel/buddy/gfp.ts';
import { zone_device_page_init } from '../../../src/main/engine/kernel/page/device-page.ts';
import { countQueue } from '../../../src/main/engine/kernel/page/free-zone-device.ts';
import {
  folio_put,
  get_page,
  put_page,
  try_get_page,
} from '../../../src/main/engine/kernel/page/page-ref.ts';
import {
  memremap_pages,
  type MappedPages,
} from '../../../src/main/engine/kernel/memremap/memremap.ts';
import { prepareToWait } from '../../../src/main/engine/core/world/sync.ts';
import { range, smallMachine, type Bench } from '../pgmap/small-machine.ts';

const PFN = 0x200000;
const SIZE = 0x8000000n;
const PAGES = 32768;

function mapped(bench: Bench, type: string, more: object = {}): string {
  const ops = ['page_free', 'folio_free', 'migrate_to_ram'];
  const owner = 'test';
  const request = { type, ranges: [range(0x200000000n, SIZE)], nid: 0, ops, owner, ...more };
  const result = bench.call(memremap_pages, request) as MappedPages;
  return result.pgmap;
}

const count = ({ world }: Bench, pfn = PFN) => world.at('pages', pfn)?.refcount;
const ref = ({ world }: Bench, pgmap: string) => world.get('pgmaps', pgmap)?.ref;

function names({ log }: Bench, from: number): string[] {
  return Array.from({ length: log.length - from }, (_, at) => log.step(from + at + 1).fn);
}

function put(bench: Bench, pages = 1): string[] {
  const from = bench.log.length;
  expect(bench.call(put_page, { pfn: PFN, end: PFN + pages })).toBeUndefined();
  return names(bench, from);
}

describe('get_page and put_page of ordinary pages', () => {
  it('frees a page nobody holds to the buddy allocator, and only then', () => {
    const bench = smallMachine('6.12');
    const gfp = parseGfp(bench.facts, 'GFP_KERNEL');
    if (!gfp) throw new Error('no GFP_KERNEL');
    const [run] = bench.call(alloc_pages, { order: 0, gfp, nid: 0, count: 8 });
    if (!run) throw new Error('nothing allocated');
    const before = bench.log.length;
    bench.call(get_page, run);
    expect(bench.log.step(before + 1)).toMatchObject({ fn: 'get_page', count: 8 });
    expect(count(bench, run.pfn)).toBe(2);
    bench.call(put_page, run);
    expect(bench.world.at('pages', run.pfn)).toMatchObject({ refcount: 1, buddy: false });
    const from = bench.log.length;
    bench.call(put_page, run);
    expect(names(bench, from)).toEqual([
      'put_page',
      '__folio_put',
      'free_unref_page',
      '__free_one_page',
    ]);
    expect(bench.world.at('pages', run.pfn)).toMatchObject({ refcount: 0, buddy: true });
  });

  it('reports a reserved page at 0 and keeps it off the free lists', () => {
    const bench = smallMachine('6.12');
    bench.call(put_page, { pfn: 131040, end: 131041 });
    expect(bench.world.at('pages', 131040)).toMatchObject({ refcount: 0, buddy: false });
    const lines = [...bench.world.rows('kernel_log')].map(({ text }) => text);
    expect(lines).toContain('BUG: Bad page state in process pfnlab  pfn:1ffe0');
  });

  it('counts a page of a compound page on its head', () => {
    const bench = smallMachine('6.12');
    mapped(bench, 'GENERIC', { vmemmap_shift: 9 });
    bench.call(get_page, { pfn: PFN + 3, end: PFN + 5 });
    expect(count(bench)).toBe(3);
    expect(count(bench, PFN + 512)).toBe(1);
    bench.call(get_page, { pfn: PFN + 510, end: PFN + 1026 });
    expect([0, 512, 1024].map((at) => count(bench, PFN + at))).toEqual([5, 513, 3]);
    bench.call(folio_put, { pfn: PFN, end: PFN + 1024 });
    expect([0, 512, 1024].map((at) => count(bench, PFN + at))).toEqual([4, 512, 3]);
  });
});

describe('try_get_page', () => {
  it('takes nothing where one page of the run is free', () => {
    const bench = smallMachine('6.12');
    expect(bench.call(try_get_page, { pfn: 131038, end: 131042 })).toBe(false);
    expect(count(bench, 131041)).toBe(1);
    expect(bench.call(try_get_page, { pfn: 131040, end: 131042 })).toBe(true);
    expect(count(bench, 131041)).toBe(2);
    expect(bench.call(try_get_page, { pfn: PFN, end: PFN + 1 })).toBe(false);
  });
});

describe('put_page of device pages', () => {
  it('calls page_free when a private page falls to 1 in 4.14', () => {
    const bench = smallMachine('4.14', { DEVICE_PRIVATE: 'y' });
    mapped(bench, 'PRIVATE');
    bench.call(get_page, { pfn: PFN, end: PFN + 1 });
    expect(put(bench)).toEqual(['put_page', 'put_zone_device_private_or_public_page']);
    expect(count(bench)).toBe(1);
  });

  it('wakes who waits for an idle fsdax page: at 1 until 6.14, at 0 from 6.15 on', () => {
    for (const [version, idle] of [
      ['5.14', 1],
      ['6.1', 1],
      ['6.12', 1],
      ['6.18', 0],
    ] as const) {
      const bench = smallMachine(version);
      mapped(bench, 'FS_DAX');
      expect([version, count(bench)]).toEqual([version, idle]);
      bench.world.update('pages', PFN, PFN + 1, { refcount: idle + 1 });
      prepareToWait(bench.world, countQueue(PFN), 'truncate');
      expect(put(bench)).toContain('wake_up_var');
      expect([version, count(bench)]).toEqual([version, idle]);
      expect(bench.world.get('wait_queues', countQueue(PFN))).toBeUndefined();
    }
  });

  it('gives the pagemap up page by page at 0 in 5.14', () => {
    const bench = smallMachine('5.14');
    const pgmap = mapped(bench, 'GENERIC');
    expect(ref(bench, pgmap)).toBe(PAGES + 1);
    expect(put(bench, 512)).toEqual(['put_page', '__put_page', 'put_dev_pagemap']);
    expect(ref(bench, pgmap)).toBe(PAGES + 1 - 512);
    expect(count(bench)).toBe(0);
  });

  it('frees a private page at 0 and sets it back to 1 in 5.19 and 6.0', () => {
    for (const version of ['5.19', '6.0']) {
      const bench = smallMachine(version, { DEVICE_PRIVATE: 'y' });
      const pgmap = mapped(bench, 'PRIVATE');
      const before = ref(bench, pgmap);
      expect(put(bench)).toEqual([
        'put_page',
        version === '6.0' ? '__folio_put' : '__put_page',
        'free_zone_device_page',
        'set_page_count',
      ]);
      expect([count(bench), ref(bench, pgmap)]).toEqual([1, before]);
    }
  });

  it('ties the pagemap to allocated private pages from 6.1 on', () => {
    for (const version of ['6.1', '6.12', '6.18', '7.2']) {
      const bench = smallMachine(version, { DEVICE_PRIVATE: 'y' });
      const pgmap = mapped(bench, 'PRIVATE');
      expect([count(bench), ref(bench, pgmap)]).toEqual([0, 1]);
      bench.call(zone_device_page_init, { pfn: PFN, end: PFN + 4 });
      expect([count(bench), ref(bench, pgmap)]).toEqual([1, 5]);
      expect(bench.world.at('pages', PFN)?.flags).toBe('locked|reserved');
      expect(put(bench, 4)).toContain('put_dev_pagemap');
      expect([count(bench), ref(bench, pgmap)]).toEqual([0, 1]);
    }
  });

  it('makes folios of an order in 7.2, which hold a reference for each of their pages', () => {
    const bench = smallMachine('7.2', { DEVICE_PRIVATE: 'y' });
    const pgmap = mapped(bench, 'PRIVATE');
    bench.call(zone_device_page_init, { pfn: PFN, end: PFN + 512, order: 9 });
    expect([count(bench), ref(bench, pgmap)]).toEqual([1, 513]);
    bench.call(folio_put, { pfn: PFN, end: PFN + 512 });
    expect([count(bench), ref(bench, pgmap)]).toEqual([0, 1]);
  });

  it('only warns about a generic page at 0 in 5.19, and resets it in 6.18', () => {
    const old = smallMachine('5.19');
    mapped(old, 'GENERIC', { ops: [] });
    put(old);
    expect(count(old)).toBe(0);
    const now = smallMachine('6.18');
    mapped(now, 'GENERIC', { ops: [] });
    expect(put(now)).toContain('set_page_count');
    expect(count(now)).toBe(1);
  });

  it('hands a device page at 0 to the buddy allocator in 4.4, which finds it reserved', () => {
    const bench = smallMachine('4.4', { ZONE_DMA: 'n', ZONE_DEVICE: 'y' });
    mapped(bench, 'HOST');
    expect(put(bench)).toEqual(['put_page', '__put_page', 'free_hot_cold_page', 'bad_page']);
    expect(bench.world.at('pages', PFN)).toMatchObject({ refcount: 0, buddy: false });
  });

  it('is an oops where the memmap is gone', () => {
    const bench = smallMachine('6.12');
    expect(bench.call(put_page, { pfn: PFN, end: PFN + 1 })).toMatchObject({ errno: 'EFAULT' });
  });
});
