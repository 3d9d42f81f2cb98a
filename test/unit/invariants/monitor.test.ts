import { describe, expect, test } from 'vitest';
import { Monitor } from '../../../src/main/engine/lab/invariants/monitor.ts';
import { SECTION_IS_ONLINE } from '../../../src/main/engine/core/section-flags.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import type { Step } from '../../../src/shared/world/step.ts';
import type { RowOf } from '../../../src/shared/world/tables.ts';
import { smallFacts } from '../pgmap/small-machine.ts';

const PAGE: Omit<RowOf<'pages'>, 'start' | 'end'> = {
  state: 'init',
  nid: 0,
  zone: 2,
  flags: '',
  refcount: 1,
  mapcount: -1,
  pgmap: null,
  buddy: false,
  compound_order: 0,
  migratetype: 'MOVABLE',
};
const DEVICE = 4;
const FREE = { ...PAGE, refcount: 0, buddy: true };
const PGMAP: RowOf<'pgmaps'> = {
  id: 'pgmap0',
  type: 'MEMORY_DEVICE_FS_DAX',
  type_value: 2,
  ranges: [{ start: 0x8000_0000n, end: 0x8fff_ffffn }],
  nr_range: 1,
  flags: 0,
  ops: '',
  owner: '',
  vmemmap_shift: 0,
  altmap: null,
  ref: 1,
  ref_dead: false,
  external_ref: '',
  device: 'nvdimm0',
  nid: 0,
};
const PFN = 0x80000;
const PTE = { mm: 'app', level: 'pte', kind: 'present', flags: 'write' } as const;

/** What a run of writes breaks: `before` happens first and breaks nothing itself. */
function broken(
  write: (world: World) => void,
  before: (world: World) => void = () => undefined,
  version = '5.14',
): string[] {
  const world = new World();
  const monitor = new Monitor(world, smallFacts(version));
  let seq = 0;
  const step = (): void => {
    seq += 1;
    monitor.step({ seq, fn: 'fn', actor: 'app', diff: world.takeChanges() } as unknown as Step);
  };
  before(world);
  step();
  expect(monitor.violations).toEqual([]);
  write(world);
  step();
  monitor.returned('app', true);
  return monitor.violations.map(({ invariant, sentence }) => `${invariant}: ${sentence}`);
}

const devicePages = (world: World): void => {
  world.put('pgmaps', PGMAP);
  world.set('pages', PFN, PFN + 512, { ...PAGE, zone: DEVICE, pgmap: 'pgmap0', flags: 'reserved' });
};

describe('invariants', () => {
  test('negative-count: a reference given back twice', () => {
    expect(broken((world) => world.set('pages', 8, 9, { ...PAGE, refcount: -1 }))).toEqual([
      'negative-count: refcount of pages 8 is -1',
    ]);
    expect(broken((world) => world.set('pages', 8, 9, { ...PAGE, mapcount: -2 }))).toEqual([
      'negative-count: mapcount of pages 8 is -2',
    ]);
    expect(broken((world) => world.put('pgmaps', { ...PGMAP, ref: -1 }))).toEqual([
      'negative-count: ref of pgmaps pgmap0 is -1',
    ]);
  });

  test('device-page-free: a device page in the buddy allocator', () => {
    expect(broken((world) => world.set('pages', 16, 32, { ...FREE, zone: DEVICE }))).toEqual([
      'device-page-free: pfns 0x10-0x1f of ZONE_DEVICE lie on a free list',
    ]);
    expect(broken((world) => world.set('pages', 16, 32, FREE))).toEqual([]);
  });

  test('free-page-held: a page freed under somebody', () => {
    expect(broken((world) => world.set('pages', 16, 17, { ...FREE, refcount: 2 }))).toEqual([
      'free-page-held: pfn 0x10 are free with _refcount 2 and _mapcount -1',
    ]);
  });

  test('mapped-page-held: a mapping without its reference', () => {
    const once = { ...PAGE, mapcount: 0 };
    expect(broken((world) => world.set('pages', 16, 17, once))).toEqual([]);
    expect(broken((world) => world.set('pages', 16, 17, { ...once, mapcount: 1 }))).toEqual([
      'mapped-page-held: pfn 0x10 are mapped 2 times with _refcount 1',
    ]);
  });

  test('lost-page: neither free nor held once nothing runs', () => {
    expect(broken((world) => world.set('pages', 16, 17, { ...PAGE, refcount: 0 }))).toEqual([
      'lost-page: pfn 0x10 are neither free nor held by anybody',
    ]);
    const reserved = { ...PAGE, refcount: 0, flags: 'reserved' };
    expect(broken((world) => world.set('pages', 16, 17, reserved))).toEqual([]);
  });

  test('freed-memmap-referenced: a pin outlives the memmap, by removal or by poison', () => {
    const pinned = (world: World): void => {
      devicePages(world);
      world.update('pages', PFN, PFN + 512, { refcount: 0 });
      world.update('pages', PFN + 7, PFN + 8, { refcount: 1 });
    };
    const clear = (world: World): void => world.clear('pages', PFN, PFN + 512);
    expect(broken(clear, pinned)).toEqual([
      'freed-memmap-referenced: the memmap of pfn 0x80007 goes away with _refcount 1 and _mapcount -1',
    ]);
    const poison = (world: World): void =>
      world.update('pages', PFN, PFN + 512, { state: 'poison' });
    expect(broken(poison, pinned)).toHaveLength(1);
  });

  test('freed-memmap-referenced: the count of an idle page is no reference where it is not taken back', () => {
    const clear = (world: World): void => world.clear('pages', PFN, PFN + 512);
    expect(broken(clear, devicePages, '6.12')).toEqual([]);
    const pinned = (world: World): void => {
      devicePages(world);
      world.update('pages', PFN, PFN + 1, { refcount: 2 });
    };
    expect(broken(clear, pinned, '6.12')).toHaveLength(1);
  });

  test('pagemap-removed-in-use and page-of-removed-pagemap', () => {
    const gone = (world: World): void => world.remove('pgmaps', 'pgmap0');
    const section = { nid: 0, flags: 3, subsection_map: 1n, memmap: 'vmemmap' };
    const here = (world: World): void => {
      devicePages(world);
      world.set('sections', PFN / 32768, PFN / 32768 + 1, section);
    };
    expect(broken(gone, here)).toEqual([
      'page-of-removed-pagemap: pfns 0x80000-0x801ff still point to pagemap pgmap0, which is gone',
      'pagemap-removed-in-use: pagemap pgmap0 goes away with 1 references held',
    ]);
  });

  test('pte-to-no-page: an entry into what was removed, whichever comes last', () => {
    const map = (world: World): void => world.set('ptes', 100, 104, { ...PTE, pfn: PFN });
    expect(broken(map)).toEqual([
      'pte-to-no-page: a page table entry refers to pfns 0x80000-0x80003, which has no struct page',
    ]);
    const unused = (world: World): void => {
      devicePages(world);
      world.update('pages', PFN, PFN + 512, { refcount: 0 });
      map(world);
    };
    const clear = (world: World): void => world.clear('pages', PFN, PFN + 512);
    expect(broken(clear, unused).map((text) => text.split(':')[0])).toEqual(['pte-to-no-page']);
    const special = (world: World): void =>
      world.set('ptes', 100, 104, { ...PTE, flags: 'special', pfn: PFN });
    expect(broken(special)).toEqual([]);
  });

  test('pte-to-free-page: an entry left behind', () => {
    const used = (world: World): void => {
      world.set('pages', 64, 68, PAGE);
      world.set('ptes', 100, 104, { ...PTE, pfn: 64 });
    };
    expect(broken((world) => world.set('pages', 66, 68, FREE), used)).toEqual([
      'pte-to-free-page: a page table entry refers to pfns 0x42-0x43, which are free',
    ]);
  });

  test('device-section-online: never, unless RAM shares the section', () => {
    const online = (world: World): void =>
      world.set('sections', 16, 17, {
        nid: 0,
        flags: SECTION_IS_ONLINE | 3,
        subsection_map: 1n,
        memmap: 'vmemmap',
      });
    expect(broken(online, devicePages)).toEqual([
      'device-section-online: section 16 is online, and all its pages are of ZONE_DEVICE',
    ]);
    const shared = (world: World): void => {
      devicePages(world);
      world.set('pages', PFN + 512, PFN + 1024, PAGE);
    };
    expect(broken(online, shared)).toEqual([]);
  });

  test('lock-left-behind: whoever returns has given its locks back', () => {
    const take = (world: World): void =>
      world.put('locks', { name: 'L', kind: 'mutex', owner: 'app', readers: [], waiters: [] });
    expect(broken(take)).toEqual(['lock-left-behind: app has returned and still holds L']);
  });
});
