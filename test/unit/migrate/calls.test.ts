import { describe, expect, it } from 'vitest';
import type { World } from '../../../src/main/engine/core/world/world.ts';
import { at, entry as entryAt, OWN, pfnOf } from '../mm/looks.ts';
import { AT, NODE_PAGES, ProcessBench } from '../mm/process-bench.ts';
import { Trace, wanted, type ExpectedCall } from '../world/trace.ts';

const va = Number(AT);
const APP = at(1, va);

const entry = entryAt(APP);
const node = (world: World) => world.at('pages', pfnOf(world, APP))?.nid;
const page = (pfn: number) => (world: World) => {
  const row = world.at('pages', pfn);
  return row && `${row.refcount} ${row.mapcount} ${row.flags}`;
};

function written(version: string, pages: number, config: Record<string, string> = {}) {
  const bench = new ProcessBench(version, config);
  bench.run('app', 'mmap', { at: va, size: '4MiB' });
  bench.run('app', 'write', { va, pages, word: 1 });
  return { bench, old: bench.world.at('ptes', APP)?.pfn ?? 0 };
}

describe('move_pages of four pages to another node', () => {
  const { bench, old } = written('6.12', 4);
  bench.run('app', 'move-pages', { va, pages: 4, node: 1 });
  const trace = new Trace(bench.log);
  const now = bench.world.at('ptes', APP)?.pfn ?? 0;

  it.each<ExpectedCall>([
    {
      name: 'do_pages_move',
      does: 'isolates the pages and migrates them to node 1',
      calls: ['add_folio_for_migration', 'migrate_pages'],
      args: { node: 1, pages: 4 },
      look: node,
      from: 0,
      to: 1,
    },
    {
      name: 'migrate_pages',
      does: 'moves all four, whose old places are free then',
      args: { nid: 1, reason: 'SYSCALL', pfn: old, end: old + 4 },
      look: (world) => [node(world), world.at('pages', old)?.buddy, world.at('pages', now)?.buddy],
      from: [0, false, true],
      to: [1, true, false],
    },
    {
      name: 'migrate_pages_batch',
      does: 'locks both, unmaps, moves, maps and unlocks, then puts both',
      calls: [
        'folio_trylock',
        'folio_trylock',
        'try_to_migrate',
        'move_to_new_folio',
        'remove_migration_ptes',
        'folio_unlock',
        'folio_unlock',
        'folio_put',
        'folio_put',
      ],
      look: entry,
      from: OWN,
      to: OWN,
    },
    {
      name: 'try_to_migrate',
      does: 'puts migration entries for the one mapping',
      calls: ['try_to_migrate_one'],
      look: entry,
      from: OWN,
      to: 'migration_write young|dirty',
    },
    {
      // The mapping's reference goes, the isolation's stays; the entry's dirty bit is the page's now.
      name: 'try_to_migrate_one',
      does: 'gives the reference of the entry up: 2 - 1',
      look: page(old),
      from: '2 0 locked|swapbacked|uptodate',
      to: '1 -1 dirty|locked|swapbacked|uptodate',
    },
    {
      name: 'move_to_new_folio',
      does: 'clears page->mapping of the old page when the new one has it',
      calls: ['migrate_folio'],
      errno: undefined,
      look: (world) => [old, now].map((pfn) => world.at('page_mappings', pfn) !== undefined),
      from: [true, false],
      to: [false, true],
    },
    {
      name: 'migrate_folio',
      does: 'copies first (6.11), then moves the mapping and the flags',
      calls: ['folio_mc_copy', 'folio_migrate_mapping', 'folio_migrate_flags'],
      errno: undefined,
    },
    {
      name: 'folio_mc_copy',
      does: 'copies the contents',
      look: (world) => world.at('page_contents', now)?.word,
      from: undefined,
      to: 1,
    },
    {
      name: 'folio_migrate_flags',
      does: 'carries the dirty bit over, and not the lock, which the new page has of its own',
      look: (world) => world.at('pages', now)?.flags.split('|').includes('dirty'),
      from: false,
      to: true,
    },
    {
      // The allocation's reference and the entry's: 1 + 1.
      name: 'remove_migration_ptes',
      does: 'maps the new page where the old one was',
      look: (world) => [entry(world), world.at('pages', now)?.refcount],
      from: ['migration_write young|dirty', 1],
      to: [OWN, 2],
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});

describe('a page that somebody holds', () => {
  const { bench, old } = written('6.12', 1);
  // Part of the next step's diff.
  bench.world.update('pages', old, old + 1, { refcount: 2 });
  bench.run('app', 'move-pages', { va, pages: 1, node: 1 });
  const trace = new Trace(bench.log);

  it.each<ExpectedCall>([
    {
      // mm/migrate.c:folio_migrate_mapping: folio_ref_count(folio) != expected_count.
      name: 'migrate_pages_batch',
      does: 'answers EAGAIN and maps it as it was',
      errno: 'EAGAIN',
      look: entry,
      from: OWN,
      to: OWN,
    },
    {
      // Mapping, holder and isolation: 3; the isolation's goes with the way back to the list.
      name: 'folio_putback_lru',
      does: 'puts it back on its list',
      look: page(old),
      from: '3 0 dirty|swapbacked|uptodate',
      to: '2 0 dirty|lru|swapbacked|uptodate',
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});

describe('a huge page before huge pages could migrate', () => {
  it('split_huge_page makes 512 pages of 4.3 of it, each with a reference of its own', () => {
    const { bench, old } = written('4.3', 512, { TRANSPARENT_HUGEPAGE_ALWAYS: 'y' });
    bench.run('app', 'move-pages', { va, pages: 1, node: 1 });
    const trace = new Trace(bench.log);
    const step = trace.call('split_huge_page');
    const look = (world: World) => {
      const row = world.at('pages', old + 511);
      return [world.at('ptes', APP)?.level, row?.compound_order, row?.refcount];
    };
    expect(step.err).toBeUndefined();
    expect(trace.around(step, look).to).toEqual(['pte', 0, 1]);
    expect(trace.around(step, look).from).toMatchObject({ 0: 'pmd', 1: 9 });
  });
});

describe('compaction of node 0', () => {
  const { bench, old } = written('6.12', 128);
  // The last pageblock of the node is in use in part: there pages go.
  const block = NODE_PAGES - 512;
  bench.run('admin', 'alloc-pages', { pfn: block, pages: 100, use: 'kernel' });
  bench.run('admin', 'compact', { node: 0 });
  const trace = new Trace(bench.log);
  const zones = bench.facts.arch.zones;

  it.each<ExpectedCall>([
    {
      name: 'compact_node',
      does: 'looks at every zone, compacts the one that has memory, and moves 128 pages',
      calls: zones.flatMap((zone) =>
        zone === 'Normal' ? ['populated_zone', 'compact_zone'] : ['populated_zone'],
      ),
      ret: 128,
    },
    { name: 'populated_zone', does: 'is false of ZONE_DMA, which is empty here', ret: false },
    {
      name: 'populated_zone',
      nth: zones.indexOf('Normal'),
      does: 'is true of ZONE_NORMAL',
      args: { zone: 'Normal' },
      ret: true,
    },
    {
      name: 'compact_zone',
      does: 'returns what it moved',
      args: { nid: 0, zone: 'Normal' },
      ret: 128,
    },
    {
      name: 'isolate_migratepages',
      does: 'takes the lowest pages off their list',
      ret: true,
      look: page(old),
      from: '1 0 lru|swapbacked|uptodate',
      to: '2 0 swapbacked|uptodate',
    },
    {
      name: 'isolate_freepages',
      does: 'takes the highest free pages out of the buddy lists',
      look: (world) => world.at('pages', NODE_PAGES - 1)?.buddy,
      from: true,
      to: false,
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});

it('migrate_folio of 6.1 moves the mapping first; folio_migrate_copy brings contents and flags', () => {
  const { bench } = written('6.1', 1);
  bench.run('app', 'move-pages', { va, pages: 1, node: 1 });
  const trace = new Trace(bench.log);
  const callees = trace.callees(trace.call('migrate_folio'));
  expect(callees).toEqual(['folio_migrate_mapping', 'folio_migrate_copy']);
  const now = pfnOf(bench.world, APP);
  const look = (world: World) => [
    world.at('page_contents', now)?.word,
    world.at('pages', now)?.flags.includes('dirty'),
  ];
  const copy = trace.call('folio_migrate_copy');
  expect(trace.around(copy, look)).toEqual({ from: [undefined, false], to: [1, true] });
});
