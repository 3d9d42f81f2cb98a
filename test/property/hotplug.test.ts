import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHash } from '../../src/main/engine/core/world/hash.ts';
import { Cursor } from '../../src/main/engine/core/world/timeline.ts';
import { TABLES, type TableName } from '../../src/shared/world/tables.ts';
import { BLOCK, HotplugMachine } from '../unit/hotplug/hotplug-machine.ts';

/** Before 4.13 memory got its zone when it was added; zone boundaries could forbid an onlining. */
const EARLY = ['4.3', '4.7', '4.9', '4.12'];
const VERSIONS = [...EARLY, '4.14', '5.3', '5.14', '5.19', '6.1.192', '6.12.117', '6.18', '7.2'];
const CMDLINES = [
  'memhp_default_state=offline',
  'memhp_default_state=online',
  'memhp_default_state=offline memory_hotplug.memmap_on_memory=1',
  'memhp_default_state=online movable_node',
];

/** Blocks 32 to 39 may come to node 0, blocks 64 to 71 to node 1, which has no memory. */
const PLACES = [...Array.from({ length: 8 }, (_, at) => 32 + at), 64, 65, 66, 67, 68, 69, 70, 71];
const PAGES = 32768;

interface Op {
  readonly what: 'add' | 'remove' | 'online' | 'offline' | 'alloc';
  readonly block: number;
  readonly count: number;
  readonly type: string;
}

const op: fc.Arbitrary<Op> = fc.record({
  what: fc.constantFrom('add', 'add', 'online', 'online', 'offline', 'remove', 'alloc'),
  block: fc.constantFrom(...PLACES),
  count: fc.integer({ min: 1, max: 3 }),
  type: fc.constantFrom('online', 'online_kernel', 'online_movable'),
});

function start(block: number): bigint {
  return BigInt(block) * BLOCK;
}

function nodeOf(block: number): number {
  return block < 64 ? 0 : 1;
}

function act(machine: HotplugMachine, { what, block, count, type }: Op): void {
  const state = machine.block(block)?.split(' ')[0];
  const end = block < 64 ? 40 : 72;
  const blocks = Math.min(count, end - block);
  if (what === 'add') {
    const there = [...Array(blocks).keys()].some((at) => machine.block(block + at));
    const more = { node: nodeOf(block), memmap_on_memory: true };
    const answer = machine.add(start(block), blocks, more);
    expect(answer.split(' ')[0]).toBe(there ? 'EEXIST' : 'ok');
  } else if (what === 'remove') {
    if (!state) return;
    expect(machine.remove(start(block), 1).split(' ')[0]).toBe(state === 'online' ? 'EBUSY' : 'ok');
  } else if (what === 'online') {
    const answer = machine.online(block, type).split(' ')[0];
    if (EARLY.includes(machine.version) && state === 'offline') {
      expect(['ok', 'EINVAL']).toContain(answer);
    } else expect(answer).toBe(!state ? 'ENOENT' : state === 'online' ? 'EINVAL' : 'ok');
  } else if (what === 'offline') {
    const answer = machine.offline(block).split(' ')[0] ?? '';
    if (state !== 'online') expect(['ENOENT', 'EINVAL']).toContain(answer);
    else expect(['ok', 'EBUSY']).toContain(answer);
  } else if (machine.do('alloc-pages', { pfn: block * PAGES + 1000, pages: 8 }) === 'ok') {
    const mine = allocated.get(machine) ?? new Set();
    allocated.set(machine, mine.add(block));
  }
}

/** Blocks in which a machine's program allocated pages: only those may be freed. */
const allocated = new WeakMap<HotplugMachine, Set<number>>();

/** Pages present and managed add up, and blocks, sections, zones and pages tell one story. */
function consistent(machine: HotplugMachine): void {
  const { world } = machine;
  const zones = [...world.rows('zones')];
  for (const node of world.rows('nodes')) {
    const mine = zones.filter(({ nid }) => nid === node.nid);
    const present = mine.reduce((sum, zone) => sum + zone.present_pages, 0);
    expect(node.node_present_pages).toBe(present);
    for (const zone of mine) {
      expect(zone.present_pages).toBeLessThanOrEqual(zone.spanned_pages);
      expect(zone.managed_pages).toBeLessThanOrEqual(zone.present_pages);
      if (zone.spanned_pages === 0) continue;
      const end = zone.zone_start_pfn + zone.spanned_pages;
      expect(node.node_start_pfn).toBeLessThanOrEqual(zone.zone_start_pfn);
      expect(node.node_start_pfn + node.node_spanned_pages).toBeGreaterThanOrEqual(end);
    }
  }
  const managed = zones.reduce((sum, zone) => sum + zone.managed_pages, 0);
  expect(machine.number('totalram_pages')).toBe(managed);
  for (const id of PLACES) {
    const row = world.at('memory_blocks', id);
    const flags = world.at('sections', id)?.flags;
    if (!row) {
      expect(flags).toBeUndefined();
      continue;
    }
    const online = row.state === 'online' && !EARLY.includes(machine.version);
    expect(flags).toBe(online ? 7 : 3);
    if (row.state !== 'online') continue;
    const zone = machine.bench.facts.arch.zones.indexOf(row.zone ?? '');
    for (const page of world.overlapping('pages', id * PAGES, (id + 1) * PAGES)) {
      expect([page.nid, page.zone, page.state]).toEqual([nodeOf(id), zone, 'init']);
    }
  }
}

/**
 * Frees what was allocated, then takes everything off again. A block that holds the memmap of
 * another cannot go before it: whatever is left is tried again while something goes.
 */
function undo(machine: HotplugMachine): void {
  let left = PLACES.filter((id) => machine.block(id));
  for (const id of allocated.get(machine) ?? []) {
    machine.do('free-pages', { pfn: id * PAGES + 1000, pages: 8 });
  }
  for (;;) {
    const stuck = left.filter((id) => {
      machine.offline(id);
      return machine.remove(start(id), 1) !== 'ok';
    });
    if (stuck.length === left.length) break;
    left = stuck;
  }
  expect(left).toEqual([]);
}

type Rows = ReadonlyMap<TableName, readonly object[]>;

function snapshot(machine: HotplugMachine): Rows {
  return new Map(TABLES.map(({ name }) => [name, [...machine.world.rows(name)]]));
}

/**
 * Struct pages as runs that agree in all but the type of their page block: a memmap that lay in RAM
 * leaves its page blocks unmovable when it is gone, as any memory of the kernel's own.
 */
function withoutTypes(rows: Rows): object[] {
  const runs: { start: number; end: number; rest: string }[] = [];
  for (const row of rows.get('pages') as { start: number; end: number }[]) {
    const { start: first, end, ...fields } = row;
    const rest = JSON.stringify({ ...fields, migratetype: '' });
    const last = runs[runs.length - 1];
    if (last?.end === first && last.rest === rest) last.end = end;
    else runs.push({ start: first, end, rest });
  }
  return runs;
}

/** Variables that only ever grow, in every kernel. */
const GROWN = [
  'max_pfn',
  'max_low_pfn',
  'high_memory',
  'max_pfn_mapped',
  'highest_memmap_pfn',
  '__highest_present_section_nr',
];

describe('any order of adding, onlining, offlining and removing memory', () => {
  const run = fc.tuple(
    fc.constantFrom(...VERSIONS),
    fc.constantFrom(...CMDLINES),
    fc.array(op, { maxLength: 16 }),
  );

  it('keeps pages, sections, blocks, zones and nodes in agreement at every step', () => {
    fc.assert(
      fc.property(run, ([version, cmdline, ops]) => {
        const machine = new HotplugMachine(version, cmdline, 0);
        consistent(machine);
        for (const one of ops) {
          act(machine, one);
          consistent(machine);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('leaves, when all is removed, only variables that grow, section roots, page block types, and node 1 before 5.18', () => {
    fc.assert(
      fc.property(run, ([version, cmdline, ops]) => {
        const machine = new HotplugMachine(version, cmdline, 0);
        const before = snapshot(machine);
        const old = new Map(GROWN.map((name) => [name, machine.world.get('vars', name)?.value]));
        for (const one of ops) act(machine, one);
        undo(machine);
        const after = snapshot(machine);
        const apart = ['kernel_log', 'vars', 'section_roots', 'nodes', 'zones', 'pages'];
        expect(withoutTypes(after)).toEqual(withoutTypes(before));
        for (const { name } of TABLES) {
          if (apart.includes(name)) continue;
          expect(after.get(name), name).toEqual(before.get(name));
        }
        const rest = (rows: Rows): unknown[] =>
          (rows.get('vars') as { name: string }[]).filter(({ name }) => !GROWN.includes(name));
        expect(rest(after)).toEqual(rest(before));
        for (const [name, value] of old) {
          const now = machine.world.get('vars', name)?.value ?? 0;
          expect(BigInt(now as bigint)).toBeGreaterThanOrEqual(BigInt((value ?? 0) as bigint));
        }
        // `contiguous` of a zone that became empty stays set; nothing else of a zone is left.
        const bare = (rows: Rows): unknown[] =>
          (rows.get('zones') as { nid: number; contiguous: boolean }[])
            .filter(({ nid }) => nid === 0 || before.get('nodes')?.length === 2)
            .map((zone) => ({ ...zone, contiguous: null }));
        expect(bare(after)).toEqual(bare(before));
        const nodes = after.get('nodes') as { nid: number }[];
        expect(nodes.slice(0, before.get('nodes')?.length)).toEqual(before.get('nodes'));
        for (const node of nodes.slice(before.get('nodes')?.length)) {
          expect(node).toMatchObject({ nid: 1, online: false, node_spanned_pages: 0 });
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is the same world forward, back to the start and at any step between', () => {
    fc.assert(
      fc.property(run, fc.double({ min: 0, max: 1, noNaN: true }), ([version, line, ops], part) => {
        const machine = new HotplugMachine(version, line, 0);
        for (const one of ops) act(machine, one);
        const { log, world } = machine.bench;
        const end = formatHash(world.hash());
        const cursor = new Cursor(log, log.length);
        expect(cursor.hashText()).toBe(end);
        const middle = Math.floor(part * log.length);
        cursor.seek(middle);
        const there = cursor.hashText();
        cursor.seek(0);
        expect(cursor.hashText()).toBe('0'.repeat(32));
        cursor.seek(middle);
        expect(cursor.hashText()).toBe(there);
        cursor.seek(log.length);
        expect(cursor.hashText()).toBe(end);
      }),
      { numRuns: 20 },
    );
  });
});
