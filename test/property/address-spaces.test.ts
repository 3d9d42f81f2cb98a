import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RowOf } from '../../src/shared/world/tables.ts';
import { Cursor } from '../../src/main/engine/core/world/timeline.ts';
import { formatHash } from '../../src/main/engine/core/world/hash.ts';
import { ProcessBench } from '../unit/mm/process-bench.ts';

const BASE = 0x7f0000000000;
const PAGE = 4096;
/** Pages the programs play with: two PMDs and a half. */
const PAGES = 1280;

interface Act {
  readonly actor: number;
  readonly op: string;
  readonly args: Record<string, unknown>;
}

const start = fc.oneof(fc.constantFrom(0, 512, 1024), fc.integer({ min: 0, max: PAGES - 1 }));
const length = fc.oneof(fc.constantFrom(1, 16, 512), fc.integer({ min: 1, max: 600 }));
const range = fc.tuple(start, length).map(([at, pages]) => ({
  va: BASE + at * PAGE,
  pages: Math.min(pages, PAGES - at),
}));
const word = fc.integer({ min: 0, max: 9 });
const file = fc.constantFrom('/tmp/a', '/home/b');

const access = fc.record({ range, word, count: fc.boolean() }).map(({ range: r, ...rest }) => ({
  op: 'write',
  args: { ...r, ...rest, catch: true },
}));

const step: fc.Arbitrary<Pick<Act, 'op' | 'args'>> = fc.oneof(
  access,
  access,
  fc.record({ range, shared: fc.boolean(), prot: fc.constantFrom('rw', 'r') }).map((r) => ({
    op: 'mmap',
    args: { at: r.range.va, size: r.range.pages * PAGE, shared: r.shared, prot: r.prot },
  })),
  fc.record({ range, shared: fc.boolean(), file }).map((r) => ({
    op: 'mmap',
    args: { at: r.range.va, size: r.range.pages * PAGE, shared: r.shared, file: r.file },
  })),
  range.map((args) => ({ op: 'munmap', args })),
  range.map((args) => ({ op: 'read', args: { ...args, catch: true } })),
  fc.record({ range, prot: fc.constantFrom('rw', 'r', 'none') }).map(({ range: r, prot }) => ({
    op: 'mprotect',
    args: { ...r, prot },
  })),
  fc
    .record({
      range,
      advice: fc.constantFrom('dontneed', 'free', 'cold', 'hugepage', 'nohugepage'),
    })
    .map(({ range: r, advice }) => ({ op: 'madvise', args: { ...r, advice } })),
  fc.record({ range, to: start, size: length }).map(({ range: r, to, size }) => ({
    op: 'mremap',
    args: { ...r, new_size: Math.min(size, PAGES - to) * PAGE, to: BASE + to * PAGE },
  })),
  fc.record({ range, node: fc.constantFrom(0, 1) }).map(({ range: r, node }) => ({
    op: 'move-pages',
    args: { ...r, node },
  })),
  fc.constantFrom(0, 1).map((node) => ({ op: 'compact', args: { node } })),
  fc.constant({ op: 'fork', args: {} }),
  fc.constant({ op: 'exit', args: {} }),
  fc.record({ file, pages: length }).map(({ file: path, pages }) => ({
    op: 'truncate',
    args: { file: path, size: pages * PAGE },
  })),
);

const program = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 2 }), step).map(([actor, s]) => ({ actor, ...s })),
  { minLength: 4, maxLength: 24 },
);
const version = fc.constantFrom('4.3', '4.14', '5.3', '5.14', '6.1', '6.12', '7.2');
const thp = fc.constantFrom('y', 'n');

/** Runs the program; fork makes a new process, exit leaves one fewer. */
function run(kernel: string, huge: string, acts: readonly Act[]): ProcessBench {
  const bench = new ProcessBench(kernel, { TRANSPARENT_HUGEPAGE_ALWAYS: huge });
  bench.run('admin', 'create-file', { file: '/tmp/a', fs: 'tmpfs', size: 200 * PAGE });
  bench.run('admin', 'create-file', { file: '/home/b', fs: 'generic', size: 900 * PAGE });
  // Something to play with: memory of its own, then whatever the program puts over it.
  bench.run('p0', 'mmap', { at: BASE, size: PAGES * PAGE });
  bench.run('p0', 'write', { va: BASE, pages: 700, count: true });
  const alive = ['p0'];
  let born = 1;
  for (const { actor, op, args } of acts) {
    const name = alive[actor % Math.max(1, alive.length)];
    if (name === undefined) break;
    if (op === 'fork') {
      const child = `p${born}`;
      born += 1;
      const reply = bench.run(name, 'fork', { child });
      if ('pid' in reply) alive.push(child);
    } else {
      bench.run(name, op, args);
      if (bench.world.get('tasks', name)?.mm === '') alive.splice(alive.indexOf(name), 1);
    }
  }
  return bench;
}

/** References and mappings that entries, page caches and the model's own pages explain, by PFN. */
function explained(bench: ProcessBench) {
  const { world } = bench;
  const refs = new Map<number, number>();
  const maps = new Map<number, number>();
  const add = (to: Map<number, number>, pfn: number, by = 1) =>
    to.set(pfn, (to.get(pfn) ?? 0) + by);
  const head = (pfn: number) => {
    const order = world.at('pages', pfn)?.compound_order ?? 0;
    return pfn - (pfn % 2 ** order);
  };
  for (const pte of world.rows('ptes')) {
    if (pte.kind !== 'present') continue;
    for (let at = pte.start; at < pte.end; at += 1) {
      const pfn = pte.pfn + at - pte.start;
      add(maps, pfn);
      if (pte.level === 'pte' || pfn === head(pfn)) add(refs, head(pfn));
    }
  }
  for (const row of world.rows('i_pages')) {
    for (let at = row.start; at < row.end; at += 1) add(refs, head(row.pfn + at - row.start));
  }
  for (const name of ['zero_pfn', 'huge_zero_pfn']) {
    const pfn = world.get('vars', name)?.value;
    if (typeof pfn === 'number') add(refs, pfn);
  }
  return { refs, maps };
}

function checkCounts(bench: ProcessBench): void {
  const { refs, maps } = explained(bench);
  for (const row of bench.world.rows('pages')) {
    if (row.buddy) continue;
    for (let pfn = row.start; pfn < row.end; pfn += 1) {
      const isHead = pfn % 2 ** row.compound_order === 0;
      const want = { mapcount: (maps.get(pfn) ?? 0) - 1, refs: refs.get(pfn) ?? 0 };
      const got = { mapcount: row.mapcount, refs: isHead ? row.refcount : 0 };
      expect(got, `pfn ${pfn}`).toEqual(want);
      expect(row.flags.includes('locked'), `pfn ${pfn} locked`).toBe(false);
    }
  }
  for (const mm of bench.world.rows('mms')) expect(resident(bench, mm)).toEqual(counted(mm));
}

const counted = ({ anonpages, filepages, shmempages }: RowOf<'mms'>) => ({
  anonpages,
  filepages,
  shmempages,
});

/** Resident pages of an address space, counted from its entries. */
function resident({ world }: ProcessBench, mm: RowOf<'mms'>) {
  const found = { anonpages: 0, filepages: 0, shmempages: 0 };
  for (const pte of world.rows('ptes')) {
    if (pte.mm !== mm.id || pte.kind !== 'present') continue;
    for (let at = pte.start; at < pte.end; at += 1) {
      const pfn = pte.pfn + at - pte.start;
      const mapping = world.at('page_mappings', pfn)?.mapping ?? '';
      if (mapping.startsWith('anon:')) found.anonpages += 1;
      else if (world.at('pages', pfn)?.flags.includes('swapbacked')) found.shmempages += 1;
      else found.filepages += 1;
    }
  }
  return found;
}

describe('random programs of mmap, faults, fork, mprotect, mremap, migration and exit', () => {
  it('explain every reference and every mapping of every page, and keep the invariants', () => {
    fc.assert(
      fc.property(version, thp, program, (kernel, huge, acts) => {
        const bench = run(kernel, huge, acts);
        expect(bench.monitor.violations).toEqual([]);
        checkCounts(bench);
        expect([...bench.world.rows('locks')]).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('lose nothing: when all have exited, only the files and the zero pages are left', () => {
    fc.assert(
      fc.property(version, thp, program, (kernel, huge, acts) => {
        const bench = run(kernel, huge, acts);
        for (const { id, mm } of [...bench.world.rows('tasks')]) {
          if (mm !== '') bench.run(id, 'exit');
        }
        for (const file of ['/tmp/a', '/home/b']) bench.run('admin', 'truncate', { file, size: 0 });
        const has = (name: string) => bench.world.get('vars', name) !== undefined;
        const zero = has('zero_pfn') ? 1 : 0;
        expect(bench.used()).toBe(zero + (has('huge_zero_pfn') ? 512 : 0));
        for (const table of ['ptes', 'vmas', 'mms', 'page_mappings', 'i_pages'] as const) {
          expect([...bench.world.rows(table)], table).toEqual([]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('are the same world forward, back to the start, and at any step between', () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(version, thp, program, part, (kernel, huge, acts, where) => {
        const bench = run(kernel, huge, acts);
        const end = formatHash(bench.world.hash());
        const again = run(kernel, huge, acts);
        expect(formatHash(again.world.hash())).toBe(end);
        const cursor = new Cursor(bench.log, bench.log.length);
        expect(cursor.hashText()).toBe(end);
        const middle = Math.floor(where * bench.log.length);
        cursor.seek(middle);
        const there = cursor.hashText();
        cursor.seek(0);
        cursor.seek(middle);
        expect(cursor.hashText()).toBe(there);
        cursor.seek(bench.log.length);
        expect(cursor.hashText()).toBe(end);
      }),
      { numRuns: 20 },
    );
  });
});
