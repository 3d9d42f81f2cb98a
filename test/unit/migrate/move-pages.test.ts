import { describe, expect, it } from 'vitest';
import { folio_isolate_lru } from '../../../src/main/engine/kernel/migrate/isolate.ts';
import { KERNEL_OPS } from '../../../src/main/engine/lab/machine/ops.ts';
import { migrate_pages } from '../../../src/main/engine/kernel/migrate/migrate-pages.ts';
import { AT, NODE_PAGES, PAGE, ProcessBench } from '../mm/process-bench.ts';

const va = Number(AT);

function written(version = '6.12', config: Record<string, string> = {}, pages = 16) {
  const bench = new ProcessBench(version, config);
  bench.run('app', 'mmap', { at: va, size: '4MiB' });
  bench.run('app', 'write', { va, pages, word: 1, count: true });
  return bench;
}

describe('move_pages', () => {
  it('moves pages to the node, with their contents, and frees the old ones', () => {
    const bench = written();
    const used = bench.used();
    expect(bench.run('app', 'move-pages', { va, pages: 16, node: 1 })).toMatchObject({ moved: 16 });
    expect(bench.pte('app', AT)?.pfn).toBeGreaterThanOrEqual(NODE_PAGES);
    expect(bench.pte('app', AT)?.flags).toContain('write');
    expect(bench.page('app', AT)).toMatchObject({ refcount: 1, mapcount: 0, nid: 1 });
    // try_to_migrate_one() hands the entry's dirty bit on to the page.
    expect(bench.page('app', AT)?.flags).toBe('dirty|lru|swapbacked|uptodate');
    const read = bench.run('app', 'read', { va, pages: 16 });
    expect(read).toMatchObject({ word: 1, count: true, uniform: true });
    expect(bench.used()).toBe(used);
  });

  it('says of each run of pages why it did not move', () => {
    const bench = written();
    bench.run('app', 'read', { va: va + 16 * 4096, pages: 4 });
    bench.run('app', 'fork', { child: 'kid' });
    bench.run('app', 'write', { va, pages: 8, word: 2 });
    const { status } = bench.run<{ status: { pages: number; errno: string }[] }>(
      'app',
      'move-pages',
      { va, pages: 24, node: 1 },
    );
    expect(status.map(({ pages, errno }) => [pages, errno])).toEqual([
      // Pages of its own, however many runs of memory they lie in, ...
      ...status.filter(({ errno }) => errno === null).map(({ pages }) => [pages, null]),
      // ... then what the child maps too, the zero page, and nothing.
      ...status.filter(({ errno }) => errno === 'EACCES').map(({ pages }) => [pages, 'EACCES']),
      [4, 'EFAULT'],
      [4, 'ENOENT'],
    ]);
    const count = (errno: string | null) =>
      status.filter((one) => one.errno === errno).reduce((sum, { pages }) => sum + pages, 0);
    expect([count(null), count('EACCES')]).toEqual([8, 8]);
  });

  it('leaves a page in use where it is: its count is more than its mapping explains', () => {
    const bench = written('6.12', {}, 1);
    const pfn = bench.pte('app', AT)?.pfn ?? 0;
    bench.world.update('pages', pfn, pfn + 1, { refcount: 2 });
    const reply = bench.run('app', 'move-pages', { va, pages: 1, node: 1 });
    expect(reply).toMatchObject({ moved: 0, error: 'EAGAIN' });
    expect(bench.pte('app', AT)).toMatchObject({ pfn, kind: 'present' });
    expect(bench.world.at('pages', pfn)).toMatchObject({ refcount: 2, mapcount: 0 });
    const failing = bench.calls().filter((fn) => fn === 'migrate_folio');
    expect(failing).toHaveLength(1);
  });

  it.each([
    ['4.3', 'pte', 1],
    ['4.14', 'pmd', 512],
  ])('moves huge pages whole from 4.14 on (%s)', (version, level, moved) => {
    const bench = written(version, { TRANSPARENT_HUGEPAGE_ALWAYS: 'y' }, 512);
    bench.run('app', 'move-pages', { va, pages: 1, node: 1 });
    expect(bench.pte('app', AT)).toMatchObject({ level });
    const there = Array.from({ length: 512 }, (_, at) => bench.page('app', AT + BigInt(at) * PAGE));
    expect(there.filter((page) => page?.nid === 1)).toHaveLength(moved);
    expect(bench.run('app', 'read', { va, pages: 512 })).toMatchObject({ uniform: true });
  });

  it('moves pages of a file with their place in its cache', () => {
    const bench = new ProcessBench();
    bench.run('app', 'mmap', { at: va, size: '64KiB', shared: true });
    bench.run('app', 'write', { va, pages: 16, word: 3 });
    bench.run('app', 'move-pages', { va, pages: 16, node: 1 });
    const pfn = bench.pte('app', AT)?.pfn ?? 0;
    expect(pfn).toBeGreaterThanOrEqual(NODE_PAGES);
    expect(bench.world.at('pages', pfn)).toMatchObject({ refcount: 2, mapcount: 0 });
    expect([...bench.world.rows('i_pages')].every((row) => row.pfn >= NODE_PAGES)).toBe(true);
    bench.run('app', 'munmap', { va, size: '64KiB' });
    expect(bench.used()).toBe(1);
  });
});

describe('isolate_lru_page, and device pages on the LRU lists', () => {
  it.each([
    ['5.14', 'EBUSY', 'isolate_lru_page'],
    ['6.1', 'ENOENT', undefined],
  ])('move_pages stops at %s with %s', (version, errno, step) => {
    const bench = written(version, {}, 1);
    const pfn = bench.pte('app', AT)?.pfn ?? 0;
    // A page of device memory that the CPU maps: its lru words hold the pagemap.
    bench.world.update('pages', pfn, pfn + 1, { pgmap: 'cdm', flags: 'swapbacked|uptodate' });
    const before = bench.log.length;
    const reply = bench.run('app', 'move-pages', { va, pages: 1, node: 1 });
    expect(reply).toMatchObject({ moved: 0, error: errno });
    if (step) expect(bench.calls(before + 1)).toContain(step);
    else expect(bench.calls(before + 1)).not.toContain('folio_isolate_lru');
  });
});

describe('a fault that meets a migration entry', () => {
  it('sleeps until the page is unlocked, then finds the new one', () => {
    const bench = written('6.12', {}, 1);
    const old = bench.pte('app', AT)?.pfn ?? 0;
    const { driver } = bench;
    const pages = { pfn: old, end: old + 1 };
    driver.add({ actor: 'admin', fn: folio_isolate_lru as never, params: pages });
    driver.runToEnd();
    const params = { ...pages, nid: 1, reason: 'COMPACTION' };
    driver.add({ actor: 'admin', fn: migrate_pages as never, params });
    while (bench.pte('app', AT)?.kind === 'present') driver.advance('admin');
    expect(bench.pte('app', AT)?.kind).toBe('migration_write');
    const steps = bench.log.length;
    let reply: unknown;
    driver.add({
      actor: 'app',
      fn: KERNEL_OPS['read'] as never,
      params: { va },
      done: (value) => (reply = value),
    });
    while (driver.runnable().includes('app')) driver.advance('app');
    expect(bench.calls(steps + 1)).toContain('migration_entry_wait');
    expect(reply).toBeUndefined();
    expect(driver.runToEnd()).toBe(false);
    expect(reply).toMatchObject({ word: 1, fault: '' });
    expect(bench.pte('app', AT)?.pfn).not.toBe(old);
  });
});
