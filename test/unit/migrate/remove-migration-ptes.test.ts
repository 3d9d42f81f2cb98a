// What remove_migration_ptes() leaves of an entry's bits, in RAM and on devices: mm/migrate.c of 5.10
// (pte_mkold(mk_pte())), 6.1 and 7.2 (old unless is_migration_entry_young()).
import { describe, expect, it } from 'vitest';
import type { World } from '../../../src/main/engine/core/world/world.ts';
import { remove_migration_ptes } from '../../../src/main/engine/kernel/migrate/remove-migration-ptes.ts';
import { try_to_migrate } from '../../../src/main/engine/kernel/migrate/try-to-migrate.ts';
import { recordLab, VA, VRAM_PFN } from '../hmm/lab-run.ts';
import { at, entry } from '../mm/looks.ts';
import { AT, NODE_PAGES, PAGE, ProcessBench } from '../mm/process-bench.ts';
import { Trace } from '../world/trace.ts';

const va = Number(AT);

function written(version: string, pages = 4): { bench: ProcessBench; pfn: number } {
  const bench = new ProcessBench(version);
  bench.run('app', 'mmap', { at: va, size: '4MiB' });
  bench.run('app', 'write', { va, pages, word: 1 });
  return { bench, pfn: bench.pte('app', AT)?.pfn ?? 0 };
}

describe('remove_migration_ptes of pages in RAM', () => {
  it.each([
    ['5.10', 'migration_write', '', 'write'],
    ['6.0', 'migration_write', '', 'write|anon_exclusive'],
    ['6.1', 'migration_write', 'young|dirty', 'write|young|dirty|anon_exclusive'],
    ['7.2', 'migration_write', 'young|dirty', 'write|young|dirty|anon_exclusive'],
  ])('in %s makes of %s %j an entry with %j', (version, kind, kept, flags) => {
    const { bench, pfn } = written(version);
    bench.call('kernel', try_to_migrate, { pfn, end: pfn + 4 });
    expect(bench.pte('app', AT)).toMatchObject({ kind, pfn, flags: kept });
    expect(bench.page('app', AT)).toMatchObject({ refcount: 0, mapcount: -1 });
    bench.call('kernel', remove_migration_ptes, { src: pfn, dst: pfn, pages: 4 });
    expect(bench.pte('app', AT)).toMatchObject({ kind: 'present', pfn, flags });
    expect(bench.page('app', AT)).toMatchObject({ refcount: 1, mapcount: 0 });
  });

  it('leaves a page that was not accessed lately old', () => {
    const { bench } = written('6.12', 1);
    bench.run('app', 'madvise', { va, pages: 1, advice: 'cold' });
    expect(bench.pte('app', AT)?.flags).not.toContain('young');
    bench.run('app', 'move-pages', { va, pages: 1, node: 1 });
    expect(bench.pte('app', AT)?.pfn).toBeGreaterThanOrEqual(NODE_PAGES);
    expect(bench.pte('app', AT)?.flags).toBe('write|dirty|anon_exclusive');
  });

  it('gives nothing to what is no migration entry, nor to other pages', () => {
    const { bench, pfn } = written('6.12');
    bench.call('kernel', try_to_migrate, { pfn, end: pfn + 2 });
    bench.call('kernel', remove_migration_ptes, { src: pfn + 1, dst: pfn + 1, pages: 3 });
    expect(bench.pte('app', AT)?.kind).toBe('migration_write');
    expect(bench.pte('app', AT + PAGE)).toMatchObject({ kind: 'present', pfn: pfn + 1 });
    const rest = bench.world.at('pages', pfn + 2);
    expect(rest).toMatchObject({ refcount: 1, mapcount: 0 });
  });

  it('does not make writable what mprotect() took away meanwhile', () => {
    const { bench, pfn } = written('6.12');
    bench.call('kernel', try_to_migrate, { pfn, end: pfn + 4 });
    bench.run('app', 'mprotect', { va, size: 16384, prot: 'r' });
    bench.call('kernel', remove_migration_ptes, { src: pfn, dst: pfn, pages: 4 });
    expect(bench.pte('app', AT)?.flags).toBe('young|dirty|anon_exclusive');
  });
});

describe('remove_migration_ptes of pages that move to a device', () => {
  const program = [
    '{ actor: app, do: mmap, at: 0x7f0000000000, size: 64KiB }',
    '{ actor: app, do: write, va: 0x7f0000000000, size: 64KiB, word: 1 }',
    '{ actor: app, do: gpu0.migrate-to-device, va: 0x7f0000000000, size: 64KiB }',
  ];
  const APP = at(1, VA);

  // migrate_vma_collect_pmd() marks the page dirty since 6.0; folio_migrate_flags() carries it over.
  it.each([
    ['5.14', 'migration_write ', 'device_private_write ', false],
    ['6.0', 'migration_write ', 'device_private_write anon_exclusive', true],
    ['6.12', 'migration_write young|dirty', 'device_private_write anon_exclusive', true],
  ])('in %s makes of %s %s; the page is dirty: %s', async (version, before, after, dirty) => {
    const trace = new Trace(await recordLab({ version, program }));
    const call = trace.call('remove_migration_ptes');
    expect(trace.around(call, entry(APP))).toEqual({ from: before, to: after });
    const isDirty = (world: World) => world.at('pages', VRAM_PFN)?.flags.includes('dirty');
    expect(trace.around(call, isDirty).to).toBe(dirty);
  });
});
