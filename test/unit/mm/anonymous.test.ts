import { describe, expect, it } from 'vitest';
import { AT, PAGE, ProcessBench } from './process-bench.ts';

function mapped(version = '6.12', config: Record<string, string> = {}, size = '4MiB') {
  const bench = new ProcessBench(version, config);
  bench.run('app', 'mmap', { at: Number(AT), size });
  return bench;
}

describe('anonymous memory', () => {
  it('maps the zero page for a read, and counts nothing', () => {
    const bench = mapped();
    const used = bench.used();
    expect(bench.run('app', 'read', { va: Number(AT), pages: 16 })).toMatchObject({ word: 0 });
    expect(bench.pte('app', AT)).toMatchObject({ kind: 'zero', flags: 'young|special' });
    expect(bench.world.need('mms', 'app').anonpages).toBe(0);
    expect(bench.used()).toBe(used);
  });

  it('gets one page of zeros for each page written, in one run of steps', () => {
    const bench = mapped();
    const used = bench.used();
    bench.run('app', 'write', { va: Number(AT), pages: 100, word: 7 });
    expect(bench.used() - used).toBe(100);
    expect(bench.world.need('mms', 'app').anonpages).toBe(100);
    expect(bench.page('app', AT)).toMatchObject({
      ...{ refcount: 1, mapcount: 0 },
      flags: 'lru|swapbacked|uptodate',
    });
    expect(bench.calls().filter((fn) => fn === 'do_anonymous_page')).toHaveLength(1);
    expect(bench.run('app', 'read', { va: Number(AT), pages: 101 })).toMatchObject({
      words: [
        { word: 7, count: false, pages: 100 },
        { word: 0, count: false, pages: 1 },
      ],
    });
  });

  it('copies the zero page away at the first write after a read', () => {
    const bench = mapped();
    bench.run('app', 'read', { va: Number(AT), pages: 4 });
    bench.run('app', 'write', { va: Number(AT + PAGE), pages: 1, word: 3 });
    expect(bench.calls()).toContain('wp_page_copy');
    expect(bench.pte('app', AT)?.kind).toBe('zero');
    expect(bench.pte('app', AT + PAGE)?.kind).toBe('present');
  });

  it('marks pages exclusive from 5.19 on', () => {
    for (const [version, flags] of [
      ['5.14', 'write|young|dirty'],
      ['5.19', 'write|young|dirty|anon_exclusive'],
    ] as const) {
      const bench = mapped(version);
      bench.run('app', 'write', { va: Number(AT), pages: 1 });
      expect(bench.pte('app', AT)?.flags).toBe(flags);
    }
  });

  it('starts on the active list before 5.9', () => {
    const flags = (version: string) => {
      const bench = mapped(version);
      bench.run('app', 'write', { va: Number(AT), pages: 1 });
      return bench.page('app', AT)?.flags;
    };
    expect(flags('5.3')).toContain('active');
    expect(flags('5.14')).not.toContain('active');
  });

  it('ends in SIGSEGV where no VMA is, and takes the process down', () => {
    const bench = mapped();
    const used = bench.used();
    bench.run('app', 'write', { va: Number(AT), pages: 8 });
    expect(bench.run('app', 'read', { va: 0x1000, pages: 1 })).toMatchObject({ fault: 'SIGSEGV' });
    expect(bench.world.get('tasks', 'app')).toMatchObject({ signal: 'SIGSEGV', mm: '' });
    expect(bench.used()).toBe(used);
    expect(bench.run('app', 'read', { va: Number(AT) })).toMatchObject({ errno: 'ESRCH' });
  });

  it('frees what is unmapped, in the middle of a run too', () => {
    const bench = mapped();
    const used = bench.used();
    bench.run('app', 'write', { va: Number(AT), pages: 64 });
    bench.run('app', 'munmap', { va: Number(AT + 16n * PAGE), pages: 8 });
    expect(bench.used() - used).toBe(56);
    expect(bench.world.need('mms', 'app').anonpages).toBe(56);
    expect(bench.pte('app', AT + 16n * PAGE)).toBeUndefined();
    expect(bench.pte('app', AT + 24n * PAGE)).toBeDefined();
    expect([...bench.world.rows('vmas')]).toHaveLength(2);
  });
});

describe('transparent huge pages', () => {
  const ALWAYS = { TRANSPARENT_HUGEPAGE_ALWAYS: 'y' };

  it('come where a whole PMD lies in the VMA, single pages before and after', () => {
    const bench = new ProcessBench('6.12', ALWAYS);
    const at = AT + 1022n * PAGE;
    bench.run('app', 'mmap', { at: Number(at), size: '4MiB' });
    bench.run('app', 'write', { va: Number(at), size: '4MiB', word: 1 });
    expect(bench.pte('app', at)?.level).toBe('pte');
    expect(bench.pte('app', at + 2n * PAGE)?.level).toBe('pmd');
    expect(bench.pte('app', at + 513n * PAGE)?.level).toBe('pmd');
    expect(bench.pte('app', at + 514n * PAGE)?.level).toBe('pte');
    expect(bench.page('app', at + 2n * PAGE)).toMatchObject({ compound_order: 9, refcount: 1 });
    expect(bench.world.need('mms', 'app').anonpages).toBe(1024);
  });

  it('only for VMAs that ask, where madvise decides', () => {
    const bench = mapped();
    bench.run('app', 'madvise', { va: Number(AT), size: '2MiB', advice: 'hugepage' });
    bench.run('app', 'write', { va: Number(AT), size: '4MiB' });
    expect(bench.pte('app', AT)?.level).toBe('pmd');
    expect(bench.pte('app', AT + 512n * PAGE)?.level).toBe('pte');
  });

  it('split when a part is unmapped; each of the rest holds a reference of the folio', () => {
    const bench = mapped('6.12', ALWAYS);
    bench.run('app', 'write', { va: Number(AT), size: '2MiB' });
    bench.run('app', 'munmap', { va: Number(AT), pages: 12 });
    expect(bench.pte('app', AT + 12n * PAGE)?.level).toBe('pte');
    const head = (bench.pte('app', AT + 12n * PAGE)?.pfn ?? 0) - 12;
    expect(bench.world.at('pages', head)).toMatchObject({ refcount: 500, mapcount: -1 });
    const used = bench.used();
    bench.run('app', 'munmap', { va: Number(AT), size: '2MiB' });
    expect(used - bench.used()).toBe(512);
  });

  it('read faults get the huge zero page, split by a write', () => {
    const bench = mapped('6.12', ALWAYS);
    bench.run('app', 'read', { va: Number(AT), size: '4MiB' });
    expect(bench.pte('app', AT)).toMatchObject({ kind: 'zero', level: 'pmd' });
    bench.run('app', 'write', { va: Number(AT), pages: 1, word: 1 });
    expect(bench.pte('app', AT)).toMatchObject({ kind: 'present', level: 'pte' });
    expect(bench.pte('app', AT + PAGE)).toMatchObject({ kind: 'zero', level: 'pte' });
    expect(bench.pte('app', AT + 512n * PAGE)).toMatchObject({ kind: 'zero', level: 'pmd' });
  });
});
