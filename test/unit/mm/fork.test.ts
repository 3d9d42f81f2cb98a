import { describe, expect, it } from 'vitest';
import { AT, PAGE, ProcessBench } from './process-bench.ts';

function forked(version = '6.12', shared = false) {
  const bench = new ProcessBench(version);
  bench.run('app', 'mmap', { at: Number(AT), size: '64KiB', shared });
  bench.run('app', 'write', { va: Number(AT), pages: 16, word: 1 });
  const reply = bench.run('app', 'fork', { child: 'kid' });
  return { bench, reply };
}

describe('fork', () => {
  it('shares private pages without the right to write, each held twice', () => {
    const { bench, reply } = forked();
    expect(reply).toMatchObject({ child: 'kid', pid: 1001 });
    expect(bench.pte('kid', AT)?.pfn).toBe(bench.pte('app', AT)?.pfn);
    for (const actor of ['app', 'kid']) expect(bench.pte(actor, AT)?.flags).not.toContain('write');
    expect(bench.page('app', AT)).toMatchObject({ refcount: 2, mapcount: 1 });
    expect(bench.world.need('mms', 'kid').anonpages).toBe(16);
  });

  it('copies at the first write, and gives the page left over to the other', () => {
    const { bench } = forked();
    bench.run('kid', 'write', { va: Number(AT), pages: 4, word: 2 });
    expect(bench.run('app', 'read', { va: Number(AT) })).toMatchObject({ word: 1 });
    expect(bench.run('kid', 'read', { va: Number(AT) })).toMatchObject({ word: 2 });
    expect(bench.page('app', AT)).toMatchObject({ refcount: 1, mapcount: 0 });
    const before = bench.pte('app', AT)?.pfn;
    bench.run('app', 'write', { va: Number(AT), pages: 4, word: 3 });
    expect(bench.pte('app', AT)?.pfn).toBe(before);
    expect(bench.pte('app', AT)?.flags).toContain('anon_exclusive');
  });

  it.each([
    // 4.3 to 5.8 ask how often the page is mapped, 5.9 on how many references it has.
    ['5.3', 'same'],
    ['5.14', 'other'],
  ])('reuses a page with a foreign reference by its map count before 5.9 (%s)', (version, page) => {
    const { bench } = forked(version);
    bench.run('kid', 'exit');
    const pfn = bench.pte('app', AT)?.pfn ?? 0;
    bench.world.update('pages', pfn, pfn + 1, { refcount: 2 });
    bench.run('app', 'write', { va: Number(AT), pages: 1, word: 3 });
    expect(bench.pte('app', AT)?.pfn === pfn ? 'same' : 'other').toBe(page);
  });

  it('leaves shared memory out: the child faults it in', () => {
    const { bench } = forked('6.12', true);
    expect(bench.pte('kid', AT)).toBeUndefined();
    expect(bench.run('kid', 'read', { va: Number(AT) })).toMatchObject({ word: 1 });
    bench.run('kid', 'write', { va: Number(AT), pages: 1, word: 9 });
    expect(bench.run('app', 'read', { va: Number(AT) })).toMatchObject({ word: 9 });
    expect(bench.world.need('mms', 'kid').shmempages).toBeGreaterThan(0);
  });

  it.each([
    ['5.3', 'same'],
    ['5.14', 'other'],
  ])('copies at once what may be pinned, from 5.9 on (%s)', (version, page) => {
    const bench = new ProcessBench(version);
    bench.run('app', 'mmap', { at: Number(AT), size: '64KiB' });
    bench.run('app', 'write', { va: Number(AT), pages: 4, word: 1 });
    const pfn = bench.pte('app', AT + PAGE)?.pfn ?? 0;
    bench.world.update('pages', pfn, pfn + 1, { refcount: 1025 });
    bench.run('app', 'fork', { child: 'kid' });
    expect(bench.pte('kid', AT + PAGE)?.pfn === pfn ? 'same' : 'other').toBe(page);
    expect(bench.pte('kid', AT)?.pfn).toBe(bench.pte('app', AT)?.pfn);
    expect(bench.run('kid', 'read', { va: Number(AT + PAGE) })).toMatchObject({ word: 1 });
  });

  it('gives every page back when both are gone', () => {
    const { bench } = forked();
    bench.run('kid', 'write', { va: Number(AT), pages: 4, word: 2 });
    bench.run('app', 'exit');
    bench.run('kid', 'exit');
    // The zero page stays.
    expect(bench.used()).toBe(1);
    expect([...bench.world.rows('vmas')]).toEqual([]);
    expect([...bench.world.rows('page_mappings')]).toEqual([]);
    expect(bench.monitor.violations).toEqual([]);
  });

  it('is named _do_fork before 5.10', () => {
    expect(forked('5.3').bench.calls()).toContain('_do_fork');
    expect(forked('5.14').bench.calls()).toContain('kernel_clone');
  });
});
