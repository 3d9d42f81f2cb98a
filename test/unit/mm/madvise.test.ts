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

  const thp = { TRANSPARENT_HUGEPAGE_ALWAYS: 'y' };
  const flags = (bench: ProcessBench, page: bigint) => bench.pte('app', AT + page * PAGE)?.flags;

  // mm/huge_memory.c:madvise_free_huge_pmd: total_mapcount(page) != 1, goto out.
  it.each(['4.14', '6.1', '6.12', '7.2'])(
    'leaves a huge page alone that a child maps too, in part and whole: %s',
    (version) => {
      for (const advice of version === '4.14' ? ['free'] : ['free', 'cold']) {
        for (const pages of [1, 512]) {
          const bench = written(version, 512, thp);
          bench.run('app', 'fork', { child: 'kid' });
          const entry = bench.pte('app', AT);
          const page = bench.page('app', AT);
          bench.run('app', 'madvise', { va, pages, advice });
          expect(bench.pte('app', AT)).toEqual(entry);
          expect(bench.page('app', AT)).toEqual(page);
        }
      }
    },
  );

  it('frees a huge page of one process whole, and splits it first where only a part is meant', () => {
    const whole = written('6.1', 512, thp);
    whole.run('app', 'madvise', { va, pages: 512, advice: 'free' });
    expect(whole.pte('app', AT)).toMatchObject({ level: 'pmd' });
    expect(flags(whole, 511n)).not.toContain('dirty');
    expect(whole.page('app', AT)?.flags).not.toContain('swapbacked');
    const part = written('6.1', 512, thp);
    part.run('app', 'madvise', { va, pages: 1, advice: 'free' });
    expect(part.pte('app', AT)).toMatchObject({ level: 'pte' });
    expect(part.page('app', AT)).toMatchObject({ compound_order: 0, refcount: 1 });
    expect(flags(part, 0n)).not.toContain('dirty');
    expect(flags(part, 1n)).toContain('dirty');
  });

  // 6.10 takes it whole: mm/madvise.c:madvise_folio_pte_batch.
  it.each([
    ['6.1', 0],
    ['6.12', 9],
  ])(
    '%s: a large folio behind single entries has order %i after MADV_FREE of all',
    (version, order) => {
      const bench = written(version, 512, thp);
      for (const prot of ['r', 'rw']) bench.run('app', 'mprotect', { va, pages: 16, prot });
      expect(bench.pte('app', AT)).toMatchObject({ level: 'pte' });
      expect(bench.page('app', AT)).toMatchObject({ compound_order: 9 });
      bench.run('app', 'madvise', { va, pages: 512, advice: 'free' });
      expect(bench.page('app', AT)).toMatchObject({ compound_order: order });
      expect(flags(bench, 300n)).not.toContain('dirty');
      expect(flags(bench, 300n)).not.toContain('young');
    },
  );

  it.each(['6.1', '6.12'])(
    '%s: a large folio of which a child maps a part is not split for MADV_FREE',
    (version) => {
      const bench = written(version, 512, thp);
      for (const prot of ['r', 'rw']) bench.run('app', 'mprotect', { va, pages: 16, prot });
      bench.run('app', 'fork', { child: 'kid' });
      bench.run('kid', 'munmap', { va: Number(AT + 16n * PAGE), pages: 496 });
      bench.run('app', 'madvise', { va, pages: 16, advice: 'free' });
      expect(bench.page('app', AT)).toMatchObject({ compound_order: 9 });
      expect(bench.page('app', AT)?.flags).toContain('swapbacked');
    },
  );
});
