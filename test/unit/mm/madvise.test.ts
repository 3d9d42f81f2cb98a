import { describe, expect, it } from 'vitest';
import { AT, PAGE, ProcessBench } from './process-bench.ts';

const va = Number(AT);

function written(version: string, pages: number, config: Record<string, string> = {}) {
  const bench = new ProcessBench(version, config);
  bench.run('app', 'mmap', { at: va, size: '4MiB' });
  bench.run('app', 'write', { va, pages, word: 1 });
  return bench;
}

describe('advice on pages', () => {
  it.each([
    ['4.3', 'EINVAL', 'EINVAL'],
    ['4.14', undefined, 'EINVAL'],
    ['5.3', undefined, 'EINVAL'],
    ['5.14', undefined, undefined],
    ['6.12', undefined, undefined],
  ])('is there by kernel: %s MADV_FREE %s, MADV_COLD %s', (version, free, cold) => {
    const errno = (advice: string) =>
      written(version, 4).run<{ errno?: string } | undefined>('app', 'madvise', {
        va,
        pages: 4,
        advice,
      })?.errno;
    expect([errno('free'), errno('cold')]).toEqual([free, cold]);
  });

  it('makes pages cold: neither their entries nor they say that they were used', () => {
    const bench = written('6.12', 4);
    const pfn = bench.pte('app', AT)?.pfn ?? 0;
    bench.world.update('pages', pfn, pfn + 1, { flags: 'active|dirty|lru|referenced|swapbacked' });
    expect(bench.pte('app', AT)?.flags).toContain('young');
    bench.run('app', 'madvise', { va, pages: 4, advice: 'cold' });
    expect(bench.pte('app', AT)?.flags).not.toContain('young');
    expect(bench.pte('app', AT)?.flags).toContain('dirty');
    expect(bench.page('app', AT)?.flags).toBe('dirty|lru|swapbacked|workingset');
  });

  it('leaves pages alone that a child maps too', () => {
    const bench = written('6.12', 4);
    bench.run('app', 'fork', { child: 'kid' });
    const before = bench.pte('app', AT)?.flags;
    bench.run('app', 'madvise', { va, pages: 4, advice: 'cold' });
    expect(bench.pte('app', AT)?.flags).toBe(before);
  });

  it('splits a huge page of which only a part is meant', () => {
    const bench = written('6.12', 512, { TRANSPARENT_HUGEPAGE_ALWAYS: 'y' });
    expect(bench.pte('app', AT)?.level).toBe('pmd');
    bench.run('app', 'madvise', { va, pages: 16, advice: 'cold' });
    expect(bench.pte('app', AT)).toMatchObject({ level: 'pte' });
    expect(bench.pte('app', AT)?.flags).not.toContain('young');
    expect(bench.pte('app', AT + 16n * PAGE)?.flags).toContain('young');
    expect(bench.page('app', AT + 16n * PAGE)).toMatchObject({ compound_order: 0, refcount: 1 });
    expect(bench.run('app', 'read', { va, pages: 512 })).toMatchObject({ word: 1, uniform: true });
  });
});
