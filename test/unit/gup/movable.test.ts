import { describe, expect, it } from 'vitest';
import { pinsText } from '../../../src/main/engine/lab/inspect/pins.ts';
import { pinsOf } from '../../../src/main/engine/kernel/gup/pins.ts';
import {
  folio_isolate_lru,
  folio_putback_lru,
} from '../../../src/main/engine/kernel/migrate/isolate.ts';
import type { Bench } from '../pgmap/small-machine.ts';
import { AT, came, count, mapPages, pin, steps, unpin, withProcess } from './address-space.ts';

/** Where the process's memory lies: free pages of the small machine. */
const PFN = 0x8000;
const PRIVATE = ['read', 'write', 'mayread', 'maywrite', 'mayexec'] as const;

/** 16 anonymous pages, mapped once, in a zone. */
function anonymous(version: string, zone: string): Bench {
  const bench = withProcess(version);
  const { world, facts } = bench;
  const index = facts.arch.zones.indexOf(zone);
  const page = { state: 'init', nid: 0, zone: index, mapcount: 0, pgmap: null } as const;
  world.set('pages', PFN, PFN + 16, {
    ...page,
    flags: 'lru|swapbacked|uptodate',
    refcount: 1,
    buddy: false,
    compound_order: 0,
    migratetype: 'MOVABLE',
  });
  world.set('page_mappings', PFN, PFN + 16, { mapping: 'anon:driver/0', index: 0 });
  world.patch('mms', 'driver', { anonpages: 16 });
  mapPages(bench, { pages: 16, pfn: PFN, vm: PRIVATE, entry: 'write|dirty|anon_exclusive' });
  return bench;
}

const zoneOf = ({ world, facts }: Bench) => {
  const pfn = world.at('ptes', AT)?.pfn ?? 0;
  return facts.arch.zones[world.at('pages', pfn)?.zone ?? 0];
};

describe('a long pin of memory in ZONE_MOVABLE', () => {
  it('moves it out from 5.13 on, and leaves it there before', () => {
    for (const [version, zone] of [
      ['5.3', 'Movable'],
      ['5.14', 'DMA32'],
      ['6.1', 'DMA32'],
      ['7.2', 'DMA32'],
    ] as const) {
      const bench = anonymous(version, 'Movable');
      expect(came(pin(bench, 16, { longterm: true }))).toBe(16);
      expect([version, zoneOf(bench)]).toEqual([version, zone]);
      expect(bench.world.need('tasks', 'driver').flags).toBe('');
    }
  });

  it('takes the pins it has back where the pages cannot go', () => {
    const bench = anonymous('6.12', 'Movable');
    expect(came(pin(bench, 16, { pin: 'short' }))).toBe(16);
    expect(came(pin(bench, 16, { longterm: true, pin: 'long' }))).toBe('ENOMEM');
    expect(count(bench, PFN)).toBe(1025);
    expect(bench.world.get('gup_pins', 'long')).toBeUndefined();
    expect(zoneOf(bench)).toBe('Movable');
  });

  it.each(['5.14', '6.1', '7.2'])(
    'check_and_migrate_movable_pages in %s has them pinned again until who isolated them is done',
    (version) => {
      const bench = anonymous(version, 'Movable');
      const run = { pfn: PFN, end: PFN + 16 };
      bench.call(folio_isolate_lru, run, 'compaction');
      // folio_isolate_lru() fails: -EAGAIN, and no pin is left meanwhile.
      expect(() => pin(bench, 16, { longterm: true })).toThrow('blocks');
      expect(count(bench, PFN)).toBe(2);
      bench.call(folio_putback_lru, run, 'compaction');
      expect(bench.world.get('gup_pins', 'p')?.runs.reduce((n, { pages }) => n + pages, 0)).toBe(
        16,
      );
      expect(zoneOf(bench)).toBe('DMA32');
    },
  );

  it('is left to the slow path by GUP-fast, as the same of other zones is not', () => {
    const slow = (zone: string) => {
      const bench = anonymous('6.12', zone);
      const from = bench.log.length;
      pin(bench, 16, { longterm: true, fast: true });
      return steps(bench, from).includes('__gup_longterm_locked');
    };
    expect(slow('Movable')).toBe(true);
    expect(slow('DMA32')).toBe(false);
  });
});

describe('who holds a page', () => {
  it('is found by its PFN, and listed', () => {
    const bench = anonymous('6.12', 'DMA32');
    pin(bench, 4, { pin: 'a' });
    pin(bench, 16, { pin: 'b', get: true });
    expect(pinsOf(bench.world, PFN + 3).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(pinsOf(bench.world, PFN + 4).map(({ id }) => id)).toEqual(['b']);
    expect(count(bench, PFN)).toBe(1 + 1024 + 1);
    expect(pinsText(bench.world, bench.facts).split('\n')).toEqual([
      'a by=driver driver@7f0000000000 pages=4/4 FOLL_WRITE|FOLL_PIN: 8000-8003 x4 +1024',
      'b by=driver driver@7f0000000000 pages=16/16 FOLL_WRITE|FOLL_GET: 8000-800f x16 +1',
      '',
    ]);
    unpin(bench, 'a');
    unpin(bench, 'b');
    expect(pinsText(bench.world, bench.facts)).toBe('');
    expect(count(bench, PFN)).toBe(1);
  });
});

describe('copy on write', () => {
  it('is broken by a reading pin of a shared page from 5.19 on', () => {
    const shared = (version: string) => {
      const bench = anonymous(version, 'DMA32');
      bench.world.update('ptes', AT, AT + 16, { flags: '' });
      bench.world.update('pages', PFN, PFN + 16, { mapcount: 1, refcount: 2 });
      expect(came(pin(bench, 16, { write: false, fast: true }))).toBe(16);
      return bench.world.at('ptes', AT)?.pfn === PFN;
    };
    expect(['5.14', '5.19', '7.2'].map(shared)).toEqual([true, false, false]);
  });
});
