import { describe, expect, it } from 'vitest';
import type { World } from '../../../src/main/engine/core/world/world.ts';
import { Trace, wanted, type ExpectedCall } from '../world/trace.ts';
import { at, pfnOf } from './looks.ts';
import { AT, ProcessBench } from './process-bench.ts';

const va = Number(AT);
const HUGE = 2 ** 21;
const entry = (address: number) => (world: World) => {
  const row = world.at('ptes', at(1, address));
  return row ? `${row.level} ${row.kind}` : 'none';
};
const writable = (address: number) => (world: World) =>
  world.at('ptes', at(1, address))?.flags.split('|').includes('write');
const head = (address: number) => (world: World) =>
  world.at('pages', pfnOf(world, at(1, address)))?.refcount;

/** Two huge pages' worth of memory under 6.12 with transparent_hugepage=always. */
function run(): ProcessBench {
  const bench = new ProcessBench('6.12', { TRANSPARENT_HUGEPAGE_ALWAYS: 'y' });
  bench.run('app', 'mmap', { at: va, size: '4MiB' });
  bench.run('app', 'read', { va });
  bench.run('app', 'write', { va, word: 1 });
  bench.run('app', 'write', { va: va + HUGE, word: 2 });
  bench.run('app', 'fork', { child: 'kid' });
  bench.run('kid', 'exit');
  bench.run('app', 'write', { va: va + HUGE, word: 3 });
  bench.run('app', 'munmap', { va: va + HUGE + 500 * 4096, pages: 12 });
  return bench;
}

const trace = new Trace(run().log);

describe('huge pages of anonymous memory', () => {
  it.each<ExpectedCall>([
    {
      name: 'create_huge_pmd',
      does: 'is for anonymous memory',
      calls: ['do_huge_pmd_anonymous_page'],
    },
    {
      name: 'get_huge_zero_page',
      does: 'takes one block of 512 pages',
      ret: true,
      look: (world) => {
        const pfn = Number(world.get('vars', 'huge_zero_pfn')?.value ?? -1);
        return world.at('pages', pfn)?.compound_order;
      },
      from: undefined,
      to: 9,
    },
    {
      name: 'do_huge_pmd_anonymous_page',
      does: 'maps the huge zero page for a read, and no page counts',
      look: (world) => [entry(va)(world), world.get('mms', 'app')?.anonpages],
      from: ['none', 0],
      to: ['pmd zero', 0],
    },
    { name: 'wp_huge_pmd', does: 'tries to reuse', calls: ['do_huge_pmd_wp_page'] },
    {
      // mm/huge_memory.c of 6.12: is_huge_zero_pmd(orig_pmd) goes to the fallback, a split.
      name: 'do_huge_pmd_wp_page',
      does: 'splits the huge zero page',
      calls: ['__split_huge_pmd'],
      look: entry(va + 4096),
      from: 'pmd zero',
      to: 'pte zero',
    },
    {
      name: 'do_huge_pmd_anonymous_page',
      nth: 1,
      does: 'maps a huge page of 512 for a write: 1 + 512 pages count',
      look: (world) => [entry(va + HUGE)(world), world.get('mms', 'app')?.anonpages],
      from: ['none', 1],
      to: ['pmd present', 513],
    },
    {
      name: 'do_huge_pmd_wp_page',
      nth: 1,
      does: 'reuses the huge page nobody else has any more',
      calls: [],
      look: (world) => [writable(va + HUGE)(world), entry(va + HUGE)(world)],
      from: [false, 'pmd present'],
      to: [true, 'pmd present'],
    },
    {
      name: '__split_huge_pmd',
      nth: 1,
      does: 'makes 512 entries of one, each with a reference: 1 + 511',
      look: (world) => [entry(va + HUGE)(world), head(va + HUGE)(world)],
      from: ['pmd present', 1],
      to: ['pte present', 512],
    },
    {
      name: 'zap_pte_range',
      nth: 1,
      does: 'takes 12 of the references away with 12 entries',
      args: { pages: 12 },
      look: head(va + HUGE),
      from: 512,
      to: 500,
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});
