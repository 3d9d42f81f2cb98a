// fork() while the kernel migrates a page of the parent: migration goes by the reverse map and needs
// no mmap_lock, so entries change while copy_pte_range() walks them. Whatever the order, parent and
// child end with the page twice mapped (mm/memory.c: under both page table locks).
import { describe, expect, it } from 'vitest';
import { remove_migration_ptes } from '../../../src/main/engine/kernel/migrate/remove-migration-ptes.ts';
import { try_to_migrate } from '../../../src/main/engine/kernel/migrate/try-to-migrate.ts';
import { KERNEL_OPS } from '../../../src/main/engine/lab/machine/ops.ts';
import { AT, ProcessBench } from './process-bench.ts';

const va = Number(AT);

/** fork() makes `steps` steps, then the page of its parent is unmapped, then fork() goes on. */
function interrupted(version: string, steps: number) {
  const bench = new ProcessBench(version);
  bench.run('app', 'mmap', { at: va, size: '4MiB' });
  bench.run('app', 'write', { va, pages: 1, word: 1 });
  const pfn = bench.pte('app', AT)?.pfn ?? 0;
  const { driver } = bench;
  const begun = bench.log.length;
  driver.add({ actor: 'app', fn: KERNEL_OPS['fork'] as never, params: { child: 'kid' }, group: 1 });
  const unmap = { pfn, end: pfn + 1 };
  driver.add({ actor: 'kernel', fn: try_to_migrate as never, params: unmap, group: 1 });
  for (let made = 0; made < steps && driver.runnable().includes('app'); made += 1) {
    driver.advance('app');
  }
  const over = bench.log.length - begun < steps;
  while (driver.runnable().includes('kernel')) driver.advance('kernel');
  expect(driver.runToEnd()).toBe(false);
  bench.call('kernel', remove_migration_ptes, { src: pfn, dst: pfn, pages: 1 });
  return { bench, pfn, over };
}

describe('copy_pte_range', () => {
  it.each(['5.10', '5.19', '6.12', '7.2'])(
    'in %s, interrupted anywhere by try_to_migrate',
    (version) => {
      for (let steps = 0, done = false; !done; steps += 1) {
        const { bench, pfn, over } = interrupted(version, steps);
        done = over;
        const entries = ['app', 'kid'].map((actor) => bench.pte(actor, AT));
        expect(entries, `after ${steps} steps`).toMatchObject([
          { kind: 'present', pfn },
          { kind: 'present', pfn },
        ]);
        // Nobody writes to a shared page, and nobody has it alone.
        for (const entry of entries) expect(entry?.flags).not.toMatch(/write|exclusive/);
        expect(bench.world.at('pages', pfn)).toMatchObject({ refcount: 2, mapcount: 1 });
        expect(bench.monitor.violations).toEqual([]);
        expect(steps).toBeLessThan(200);
      }
    },
  );
});
