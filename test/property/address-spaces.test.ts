import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RowOf } from '../../src/shared/world/tables.ts';
import { Cursor } from '../../src/main/engine/core/world/timeline.ts';
import { formatHash } from '../../src/main/engine/core/world/hash.ts';
import type { ProcessBench } from '../unit/mm/process-bench.ts';
import { program, run, thp, version } from './address-space-programs.ts';
import { counts } from './counterexamples/address-spaces.ts';

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
      { numRuns: 60, examples: counts },
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
