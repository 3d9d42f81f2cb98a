import { describe, expect, it } from 'vitest';
import { sleepOn, operation } from '../../../src/main/engine/core/world/operation.ts';
import {
  put_devmap_managed_page,
  zone_device_page_init,
} from '../../../src/main/engine/kernel/page/device-page.ts';
import {
  countQueue,
  free_zone_device_page,
} from '../../../src/main/engine/kernel/page/free-zone-device.ts';
import { folio_trylock } from '../../../src/main/engine/kernel/page/page-lock.ts';
import { __put_page } from '../../../src/main/engine/kernel/page/put-page-slow.ts';
import { memremap_pages } from '../../../src/main/engine/kernel/memremap/memremap.ts';
import { percpu_ref_kill } from '../../../src/main/engine/kernel/pgmap/pgmap-ref.ts';
import { brought, range, smallMachine, type Bench } from '../pgmap/small-machine.ts';

/** 128 MiB from 12 GiB: a section of 32768 pages from PFN 0x300000 on. */
const PFN = 0x300000;
const PAGES = 32768;
const PGMAP = 'pgmap@0x300000000';

function device(version: string, type: string): Bench {
  const bench = smallMachine(version, { DEVICE_PRIVATE: 'y' });
  const made = bench.call(memremap_pages, {
    type,
    ranges: [range(0x300000000n, 0x8000000n)],
    nid: 0,
    owner: 'gpu',
    ...brought(bench, ['migrate_to_ram', 'page_free', 'folio_free', 'page_fault']),
  });
  expect(made).toMatchObject({ pgmap: PGMAP });
  return bench;
}

const steps = ({ log }: Bench) => Array.from({ length: log.length }, (_, at) => log.step(at + 1));
const ran = (bench: Bench) => steps(bench).map(({ fn }) => fn);
const page = ({ world }: Bench, pfn = PFN) => world.at('pages', pfn);
const printed = ({ world }: Bench) => [...world.rows('kernel_log')].map(({ text }) => text);
const refOf = ({ world }: Bench) => world.get('pgmaps', PGMAP)?.ref;

describe('device pages nobody holds any more', () => {
  it('free_zone_device_page gives up a reference on the pagemap for each PRIVATE page in 6.1', () => {
    const bench = device('6.1', 'PRIVATE');
    // mm/memremap.c:memmap_init_zone_device of 6.1 leaves private pages at 0, the pagemap at 1.
    const before = refOf(bench) ?? 0;
    bench.call(zone_device_page_init, { pfn: PFN, end: PFN + 4 });
    expect(refOf(bench)).toBe(before + 4);
    bench.world.update('pages', PFN, PFN + 4, { refcount: 0, flags: 'reserved' });
    bench.call(free_zone_device_page, { pfn: PFN, end: PFN + 3 });
    expect(refOf(bench)).toBe(before + 1);
    expect(page(bench)?.refcount).toBe(0);
    expect(ran(bench)).not.toContain('set_page_count');
  });

  it('set_page_count puts a GENERIC page back to 1 in 7.2, whose free_zone_device_folio is no callback', () => {
    const bench = device('7.2', 'GENERIC');
    const before = refOf(bench);
    bench.world.update('pages', PFN, PFN + 2, { refcount: 0 });
    bench.call(free_zone_device_page, { pfn: PFN, end: PFN + 2 });
    expect(ran(bench).slice(-2)).toEqual(['free_zone_device_folio', 'set_page_count']);
    expect(page(bench)?.refcount).toBe(1);
    expect(steps(bench).at(-1)?.args).toEqual({ pfn: PFN, end: PFN + 2, v: 1 });
    expect(refOf(bench)).toBe(before);
  });

  it('wake_up_var wakes who waits for an FS_DAX page in 7.2, which stays at 0', () => {
    const bench = device('7.2', 'FS_DAX');
    const wait = operation<Record<string, never>, void>('waits', 'test', function* () {
      yield* sleepOn(countQueue(PFN + 1));
    });
    expect(() => bench.call(wait, {}, 'truncate')).toThrow('the call blocks');
    bench.world.update('pages', PFN, PFN + 3, { refcount: 0 });
    const waiting = steps(bench).find(({ fn }) => fn === 'waits');
    // The events of its neighbours: the waiter of this page still sleeps.
    for (const pfn of [PFN, PFN + 2]) {
      const neighbour = { pfn, end: pfn + 1 };
      expect(() => bench.call(free_zone_device_page, neighbour)).toThrow('the call blocks');
      expect(waiting?.end).toBeUndefined();
    }
    bench.call(free_zone_device_page, { pfn: PFN + 1, end: PFN + 2 });
    expect(waiting?.end).toBeGreaterThan(0);
    expect(ran(bench).filter((fn) => fn === 'wake_up_var')).toHaveLength(3);
    expect(page(bench, PFN + 1)?.refcount).toBe(0);
  });

  it('zone_device_page_init hands a page out at 1, locked, and warns on a dead pagemap', () => {
    const bench = device('6.12', 'PRIVATE');
    const before = refOf(bench) ?? 0;
    bench.call(zone_device_page_init, { pfn: PFN, end: PFN + 1 });
    expect(page(bench)).toMatchObject({ end: PFN + 1, refcount: 1 });
    expect(page(bench)?.flags).toContain('locked');
    expect(bench.call(folio_trylock, { pfn: PFN, end: PFN + 1 })).toBe(false);
    expect(refOf(bench)).toBe(before + 1);
    bench.call(percpu_ref_kill, { pgmap: PGMAP });
    // WARN_ON_ONCE(!percpu_ref_tryget_live(...)): the page is handed out all the same.
    bench.call(zone_device_page_init, { pfn: PFN + 8, end: PFN + 9 });
    expect(page(bench, PFN + 8)?.refcount).toBe(1);
    expect(refOf(bench)).toBe(before);
    expect(printed(bench).some((text) => text.includes('zone_device_page_init'))).toBe(true);
  });

  it('put_zone_device_private_or_public_page frees a PRIVATE page at 1 to its driver in 4.14', () => {
    const bench = device('4.14', 'PRIVATE');
    // Idle at 1 before 5.18, so 2 is one user.
    bench.world.update('pages', PFN, PFN + 1, { refcount: 2 });
    bench.world.takeChanges();
    const before = refOf(bench);
    bench.call(put_devmap_managed_page, { pfn: PFN, end: PFN + 1 });
    const [entered] = steps(bench).filter(
      ({ fn }) => fn === 'put_zone_device_private_or_public_page',
    );
    expect(entered?.args).toMatchObject({ pfn: PFN, end: PFN + 1 });
    expect(page(bench)).toMatchObject({ refcount: 1, pgmap: PGMAP });
    expect(refOf(bench)).toBe(before);
  });
});

describe('__put_page', () => {
  it.each([
    { version: '4.14', name: 'put_dev_pagemap', given: PAGES },
    { version: '5.10', name: 'put_dev_pagemap', given: PAGES },
  ])('__put_page of all pages of a device gives $given references back in $version', (row) => {
    const bench = device(row.version, 'FS_DAX');
    const before = refOf(bench) ?? 0;
    bench.world.update('pages', PFN, PFN + PAGES, { refcount: 0 });
    bench.call(__put_page, { pfn: PFN, end: PFN + PAGES });
    expect(ran(bench).at(-1)).toBe(row.name);
    expect(before - (refOf(bench) ?? 0)).toBe(row.given);
  });

  it.each([
    { name: 'free_hot_cold_page', version: '4.14' },
    { name: 'free_unref_page', version: '5.10' },
    { name: 'free_frozen_pages', version: '6.18' },
  ])('$name hands a page of RAM at 0 to the free lists in $version', ({ name, version }) => {
    const bench = smallMachine(version);
    bench.world.update('pages', 0x2000, 0x2001, { buddy: false });
    bench.call(__put_page, { pfn: 0x2000, end: 0x2001 });
    expect(ran(bench)).toContain(name);
    expect(bench.world.at('pages', 0x2000)).toMatchObject({ buddy: true, refcount: 0 });
    expect(printed(bench)).toEqual([]);
  });

  it.each([
    { page: { flags: 'reserved' }, reason: 'PAGE_FLAGS_CHECK_AT_FREE flag(s) set' },
    { page: { mapcount: 0 }, reason: 'nonzero mapcount' },
  ])('bad_page reports $reason and keeps the page', ({ page: fields, reason }) => {
    const bench = smallMachine('6.12');
    bench.world.update('pages', 0x2000, 0x2001, { buddy: false, refcount: 0, ...fields });
    bench.call(__put_page, { pfn: 0x2000, end: 0x2001 });
    expect(ran(bench).at(-1)).toBe('bad_page');
    expect(printed(bench)).toEqual([
      'BUG: Bad page state in process pfnlab  pfn:02000',
      `page dumped because: ${reason}`,
    ]);
    expect(bench.world.at('pages', 0x2000)?.buddy).toBe(false);
  });
});
