import { describe, expect, it } from 'vitest';
import type { World } from '../../../src/main/engine/core/world/world.ts';
import { at, page, pfnOf, rss } from '../mm/looks.ts';
import type { Bench } from '../pgmap/small-machine.ts';
import { AT, ProcessBench } from '../mm/process-bench.ts';
import {
  came,
  daxEntry,
  DEVICE_PFN,
  mapDevice,
  mapPages,
  pin,
  withProcess,
} from './address-space.ts';
import { Trace, wanted, type ExpectedCall } from '../world/trace.ts';

const va = Number(AT);
const APP = at(1, va);
/** FOLL_PIN adds this to a small page's count (include/linux/mm.h: GUP_PIN_COUNTING_BIAS). */
const BIAS = 1024;

const count = (world: World) => page(APP)(world)?.refcount;
const dirty = (world: World) =>
  world.at('pages', pfnOf(world, APP))?.flags.split('|').includes('dirty');
const zone = (bench: ProcessBench) => (world: World) =>
  bench.facts.arch.zones[world.at('pages', pfnOf(world, APP))?.zone ?? -1];

/** Four pages of a process, written. */
function written(version: string): ProcessBench {
  const bench = new ProcessBench(version);
  bench.run('app', 'mmap', { at: va, size: '64KiB' });
  bench.run('app', 'write', { va, pages: 4, word: 1 });
  return bench;
}

/** Pins of each kind under 6.12, each given back before the next. */
function pins(): ProcessBench {
  const bench = written('6.12');
  bench.run('app', 'pin', { va, pages: 4, as: 'slow' });
  bench.run('app', 'unpin', { name: 'slow' });
  bench.run('app', 'pin', { va, pages: 4, as: 'fast', fast: true });
  bench.run('app', 'unpin', { name: 'fast', dirty: true });
  bench.run('app', 'pin', { va, pages: 8, as: 'half', fast: true, write: true });
  bench.run('app', 'unpin', { name: 'half' });
  bench.run('app', 'pin', { va, pages: 2, as: 'get', get: true });
  bench.run('app', 'unpin', { name: 'get' });
  bench.run('app', 'pin', { va, pages: 2, as: 'get-fast', get: true, fast: true });
  bench.run('app', 'unpin', { name: 'get-fast' });
  bench.run('other', 'mmap', { at: va, size: '4KiB' });
  bench.run('other', 'pin', { va, pages: 2, as: 'remote', task: 'app' });
  bench.run('other', 'unpin', { name: 'remote' });
  bench.run('other', 'pin', { va, pages: 2, as: 'remote-get', task: 'app', get: true });
  bench.run('other', 'unpin', { name: 'remote-get' });
  bench.run('app', 'mmap', { at: va + 0x100000, size: '4KiB', prot: 'r' });
  bench.run('app', 'pin', { va: va + 0x100000, pages: 1, as: 'refused', write: true });
  bench.run('app', 'direct-io', { va, size: '16KiB', dir: 'read' });
  return bench;
}

describe('pages held for devices', () => {
  const trace = new Trace(pins().log);

  it.each<ExpectedCall>([
    {
      // Each page: one mapping, and one pin: 1 + 1024.
      name: 'pin_user_pages',
      does: 'pins four pages',
      calls: ['__gup_longterm_locked'],
      ret: 4,
      look: count,
      from: 1,
      to: 1 + BIAS,
    },
    {
      name: '__gup_longterm_locked',
      does: 'goes straight on for a short pin',
      calls: ['__get_user_pages_locked'],
      ret: 4,
    },
    {
      name: '__get_user_pages_locked',
      does: 'needs one round',
      calls: ['__get_user_pages'],
      ret: 4,
    },
    {
      name: '__get_user_pages',
      does: 'checks the VMA and follows the entries that are there',
      calls: ['check_vma_flags', 'follow_page_mask'],
      ret: 4,
    },
    {
      name: 'follow_page_mask',
      does: 'ends at the lowest level of the page table',
      args: { pages: 4 },
      calls: ['follow_page_pte'],
    },
    {
      name: 'follow_page_pte',
      does: 'adds the pin to each page',
      look: count,
      from: 1,
      to: 1 + BIAS,
    },
    {
      name: 'unpin_user_pages',
      does: 'takes the pins away, and the array is nobody’s',
      look: (world) => [count(world), world.get('gup_pins', 'slow')?.id],
      from: [1 + BIAS, 'slow'],
      to: [1, undefined],
    },
    {
      name: 'pin_user_pages_fast',
      does: 'pins without mmap_lock',
      calls: ['gup_fast_fallback'],
      ret: 4,
      look: count,
      from: 1,
      to: 1 + BIAS,
    },
    {
      name: 'gup_fast_fallback',
      does: 'has nothing left to fall back for',
      calls: ['gup_fast'],
      ret: 4,
    },
    { name: 'gup_fast', does: 'walks all four pages', calls: ['gup_fast_pgd_range'], ret: 4 },
    {
      name: 'gup_fast_pgd_range',
      does: 'goes down to entries',
      calls: ['gup_fast_pte_range'],
      ret: 4,
    },
    {
      name: 'gup_fast_pte_range',
      does: 'grabs the pages, looks again, and keeps them',
      calls: ['try_grab_folio_fast'],
      ret: 4,
      look: count,
      from: 1,
      to: 1 + BIAS,
    },
    { name: 'try_grab_folio_fast', does: 'takes four', args: { pages: 4 }, ret: 4 },
    {
      name: 'unpin_user_pages_dirty_lock',
      does: 'marks the pages dirty under their lock, then unpins',
      calls: ['folio_lock', 'folio_mark_dirty', 'folio_unlock', 'unpin_user_pages'],
      look: (world) => [dirty(world), count(world)],
      from: [false, 1 + BIAS],
      to: [true, 1],
    },
    { name: 'folio_mark_dirty', does: 'sets PG_dirty', look: dirty, from: false, to: true },
    {
      // Four of the eight pages are there; the others are faulted in with mmap_lock.
      name: 'gup_fast_fallback',
      nth: 1,
      does: 'gets eight pages, four of them slowly',
      calls: ['gup_fast', '__gup_longterm_locked'],
      ret: 8,
    },
    { name: 'gup_fast', nth: 1, does: 'stops at the first empty entry', ret: 4 },
    {
      name: 'faultin_page',
      does: 'brings the four pages that are missing',
      args: { pages: 4 },
      calls: ['handle_mm_fault'],
      ret: 4,
      look: rss('app'),
      from: 4,
      to: 8,
    },
    {
      name: 'get_user_pages',
      does: 'takes plain references: one a page',
      calls: ['__get_user_pages_locked'],
      ret: 2,
      look: count,
      from: 1,
      to: 2,
    },
    { name: 'release_pages', does: 'puts them', look: count, from: 2, to: 1 },
    { name: 'get_user_pages_fast', does: 'takes the same', ret: 2, look: count, from: 1, to: 2 },
    {
      name: 'pin_user_pages_remote',
      does: 'pins pages of another task',
      ret: 2,
      look: count,
      from: 1,
      to: 1 + BIAS,
    },
    { name: 'get_user_pages_remote', does: 'references them', ret: 2, look: count, from: 1, to: 2 },
    {
      // mm/gup.c:check_vma_flags: a write without VM_WRITE and without FOLL_FORCE.
      name: 'check_vma_flags',
      nth: 5,
      does: 'refuses to write to a mapping for reading',
      errno: 'EFAULT',
    },
    {
      // From 6.5 on: block: Convert bio_iov_iter_get_pages to use iov_iter_extract_pages.
      name: 'bio_iov_iter_get_pages',
      does: 'holds the four pages of a buffer of 16 KiB',
      args: { to_disk: false },
      ret: 4,
      look: count,
      from: 1,
      to: 1 + BIAS,
    },
    {
      name: 'iomap_dio_rw',
      does: 'leaves no page held when the disk has written the buffer',
      look: count,
      from: 1,
      to: 1,
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});

/** Memory that may not be pinned for long lies in ZONE_MOVABLE; a long pin moves it first. */
function movable(): ProcessBench {
  const bench = written('6.12');
  const pfn = bench.world.at('ptes', APP)?.pfn ?? 0;
  // Part of the next step's diff.
  bench.world.update('pages', pfn, pfn + 4, { zone: bench.facts.arch.zones.indexOf('Movable') });
  bench.run('app', 'pin', { va, pages: 4, as: 'long', longterm: true });
  return bench;
}

describe('a long pin of movable memory', () => {
  const bench = movable();
  const trace = new Trace(bench.log);
  const place = (world: World) => [zone(bench)(world), count(world)];

  it.each<ExpectedCall>([
    {
      name: '__gup_longterm_locked',
      does: 'pins, moves, and pins again what may stay',
      calls: [
        '__get_user_pages_locked',
        'check_and_migrate_movable_pages',
        '__get_user_pages_locked',
        'check_and_migrate_movable_pages',
      ],
      ret: 4,
    },
    {
      name: 'check_and_migrate_movable_pages',
      does: 'answers EAGAIN when it has moved them',
      calls: ['collect_longterm_unpinnable_folios', 'migrate_longterm_unpinnable_folios'],
      errno: 'EAGAIN',
    },
    {
      name: 'check_and_migrate_movable_pages',
      nth: 1,
      does: 'answers 0 when there is nothing left to move',
      calls: ['collect_longterm_unpinnable_folios'],
      ret: 0,
      look: place,
      from: ['Normal', 1 + BIAS],
      to: ['Normal', 1 + BIAS],
    },
    {
      // Isolation takes a reference of its own: mapping, pin, isolation.
      name: 'collect_longterm_unpinnable_folios',
      does: 'isolates the pages',
      calls: ['folio_isolate_lru'],
      look: place,
      from: ['Movable', 1 + BIAS],
      to: ['Movable', 1 + BIAS + 1],
    },
    {
      name: 'migrate_longterm_unpinnable_folios',
      does: 'unpins all four and moves them out',
      args: { isolated: 4, coherent: 0 },
      errno: 'EAGAIN',
      look: place,
      from: ['Movable', 1 + BIAS + 1],
      to: ['Normal', 1],
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});

const deviceCount = (world: World) => world.at('pages', DEVICE_PFN)?.refcount;

/** A file, or a device, of 512 pages that a process has mapped by one entry of a level. */
function device(version: string, vm_ops: string, level = 'pte'): Bench {
  const bench = withProcess(version);
  mapDevice(bench, vm_ops === 'dev_dax' && version !== '4.20' ? 'GENERIC' : 'FS_DAX');
  const pages = level === 'pud' ? 512 * 512 : 512;
  mapPages(bench, { pages, pfn: DEVICE_PFN, vm_ops, entry: daxEntry(version), level });
  return bench;
}

describe('a long pin of DAX memory before the VMA was looked at first', () => {
  it.each([
    { name: 'check_dax_vmas', does: 'finds the file system', version: '5.3', ret: true },
    {
      // -EOPNOTSUPP: mm/gup.c:__gup_longterm_locked puts the pages back.
      name: '__gup_longterm_locked',
      does: 'refuses it then',
      version: '5.3',
      errno: 'EOPNOTSUPP',
      look: deviceCount,
      from: 1,
      to: 1,
    },
    {
      name: 'get_user_pages_longterm',
      does: 'refuses it in 4.20',
      version: '4.20',
      calls: ['__get_user_pages_locked', 'check_dax_vmas', 'put_page'],
      errno: 'EOPNOTSUPP',
    },
  ])('$name $does', ({ version, ...row }) => {
    const bench = device(version, 'ext4_dax');
    expect(came(pin(bench, 512, { longterm: true }))).toBe('EOPNOTSUPP');
    expect(new Trace(bench.log).seen(row)).toEqual(wanted(row));
  });

  it('check_dax_vmas lets a character device pass', () => {
    const bench = device('5.3', 'dev_dax');
    expect(came(pin(bench, 512, { longterm: true }))).toBe(512);
    expect(new Trace(bench.log).call('check_dax_vmas').ret).toBe(false);
  });
});

describe('large entries of device memory', () => {
  // Small pages under a large entry: each gets the pin of 1024 beside the one it has.
  it.each([
    { name: 'follow_devmap_pmd', version: '6.1', level: 'pmd', fast: false },
    { name: 'follow_devmap_pud', version: '6.1', level: 'pud', fast: false },
    { name: 'follow_huge_pud', version: '6.12', level: 'pud', fast: false },
    { name: 'gup_fast_devmap_pmd_leaf', version: '6.12', level: 'pmd', fast: true },
    { name: '__gup_device_huge_pud', version: '6.1', level: 'pud', fast: true },
    { name: 'gup_fast_devmap_pud_leaf', version: '6.12', level: 'pud', fast: true },
    { name: 'gup_fast_pud_leaf', version: '7.2', level: 'pud', fast: true },
  ])('$name pins four pages below a $level of $version', ({ name, version, level, fast }) => {
    const bench = device(version, 'dev_dax', level);
    expect(came(pin(bench, 4, { fast }))).toBe(4);
    const trace = new Trace(bench.log);
    const step = trace.call(name);
    expect(trace.around(step, deviceCount)).toEqual({ from: 1, to: 1 + BIAS });
    expect(bench.world.at('pages', DEVICE_PFN + 4)?.refcount).toBe(1);
  });
});

describe('huge pages of anonymous memory', () => {
  // Large folios count pins apart (_pincount); their references grow by one for each page pinned.
  it.each([
    { name: 'follow_trans_huge_pmd', version: '6.1', fast: false },
    { name: 'follow_huge_pmd', version: '6.12', fast: false },
    { name: 'gup_huge_pmd', version: '6.1', fast: true },
    { name: 'gup_fast_pmd_leaf', version: '6.12', fast: true },
  ])('$name takes 1 + 4 references for four pages in $version', ({ name, version, fast }) => {
    const bench = new ProcessBench(version, { TRANSPARENT_HUGEPAGE_ALWAYS: 'y' });
    bench.run('app', 'mmap', { at: va, size: '2MiB' });
    bench.run('app', 'write', { va, word: 1 });
    bench.run('app', 'pin', { va, pages: 4, as: 'p', fast });
    const trace = new Trace(bench.log);
    expect(trace.around(trace.call(name), count)).toEqual({ from: 1, to: 5 });
  });
});

describe('what the fast path leaves over', () => {
  it.each([
    { version: '4.14', name: 'get_user_pages_unlocked' },
    { version: '6.1', name: '__gup_longterm_unlocked' },
  ])('$name brings the other four of eight pages in $version', ({ version, name }) => {
    const bench = written(version);
    bench.run('app', 'pin', { va, pages: 8, as: 'p', fast: true, write: true });
    const trace = new Trace(bench.log);
    expect(trace.call(name).ret).toBe(4);
    expect(trace.around(trace.call(name), rss('app'))).toEqual({
      from: 4,
      to: 8,
    });
  });
});
