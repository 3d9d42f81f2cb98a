import { describe, expect, it } from 'vitest';
import { AT, NODE_PAGES, PAGE, ProcessBench } from '../mm/process-bench.ts';

const va = Number(AT);

/** Pages of a pageblock of x86_64. */
const BLOCK = 512;

/** 128 pages of a process; the first 100 of the node's last pageblock are the kernel's. */
function atStart(block = NODE_PAGES - BLOCK): ProcessBench {
  const bench = new ProcessBench('6.12');
  bench.run('app', 'mmap', { at: va, size: '512KiB' });
  bench.run('app', 'write', { va, pages: 128, word: 1, count: true });
  bench.run('admin', 'alloc-pages', { pfn: block, pages: 100, use: 'kernel' });
  return bench;
}

const pfns = (bench: ProcessBench, pages: number) =>
  Array.from({ length: pages }, (_, at) => bench.pte('app', AT + BigInt(at) * PAGE)?.pfn ?? 0);

describe('compaction of a node', () => {
  it('moves pages up into pageblocks that are in use in part, with their contents', () => {
    const bench = atStart();
    const used = bench.used();
    const before = pfns(bench, 128);
    const { moved } = bench.run<{ moved: number }>('admin', 'compact', { node: 0 });
    const changed = pfns(bench, 128).filter((pfn, at) => pfn !== before[at]);
    expect(bench.used()).toBe(used);
    expect([moved, changed.length]).toEqual([128, 128]);
    expect(pfns(bench, 128).filter((pfn) => pfn < NODE_PAGES - BLOCK + 100)).toEqual([]);
    expect(bench.run('app', 'read', { va, pages: 128 })).toMatchObject({ word: 1, count: true });
  });

  it('leaves a pinned anonymous page where it is, and moves those around it', () => {
    const bench = new ProcessBench('6.12');
    bench.run('app', 'mmap', { at: va, size: '64KiB' });
    bench.run('app', 'write', { va, pages: 16, word: 1 });
    bench.run('app', 'move-pages', { va, pages: 16, node: 1 });
    bench.run('app', 'pin', { va: va + 4096, pages: 1, as: 'dma' });
    const pinned = bench.pte('app', AT + PAGE)?.pfn;
    bench.run('admin', 'compact', { node: 1 });
    expect(bench.pte('app', AT + PAGE)?.pfn).toBe(pinned);
    expect(bench.run('app', 'read', { va, pages: 16 })).toMatchObject({ uniform: true });
  });

  it('never looks at a zone without present pages', () => {
    const bench = atStart();
    const from = bench.log.length;
    bench.run('admin', 'compact', { node: 0 });
    const names = bench.calls(from + 1);
    const zones = names.filter((name) => name === 'populated_zone').length;
    expect(zones).toBe(bench.facts.arch.zones.length);
    expect(names.filter((name) => name === 'compact_zone')).toHaveLength(1);
  });
});
