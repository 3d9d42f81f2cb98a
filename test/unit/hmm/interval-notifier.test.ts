import { describe, expect, it } from 'vitest';
import {
  mmu_interval_notifier_insert,
  mmu_interval_notifier_remove,
} from '../../../src/main/engine/kernel/hmm/interval-notifier.ts';
import type { KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import { KERNEL_OPS } from '../../../src/main/engine/lab/machine/ops.ts';
import { AT, ProcessBench } from '../mm/process-bench.ts';

const va = Number(AT);

/** A process with memory that a driver mirrors; both are about to do something. */
function mirrored() {
  const bench = new ProcessBench('6.18');
  bench.run('app', 'mmap', { at: va, size: '64KiB' });
  bench.run('app', 'write', { va, pages: 16 });
  const mm = bench.world.need('tasks', 'app').mm;
  const add = (actor: string, fn: unknown, params: object) =>
    bench.driver.add({ actor, fn: fn as KernelFunction<never, unknown>, params });
  const device = { device: 'gpu0', mm, start: AT, size: 65536n, page_table: false };
  add('driver', mmu_interval_notifier_insert, device);
  bench.driver.runToEnd();
  const subscriptions = () => bench.world.get('notifier_subscriptions', mm);
  return { bench, add, subscriptions };
}

describe('mmu_interval_notifier_remove', () => {
  it('lets the last subscriber go at any moment of an invalidation, and nothing is left of it', () => {
    const lengths: number[] = [];
    for (let before = 0; ; before += 1) {
      const { bench, add, subscriptions } = mirrored();
      expect(subscriptions()).toMatchObject({ invalidate_seq: 2, active_invalidate_ranges: 0 });
      add('app', KERNEL_OPS['munmap'], { va, pages: 16 });
      add('driver', mmu_interval_notifier_remove, { notifier: 'gpu0:app' });
      let made = 0;
      while (made < before && bench.driver.runnable().includes('app')) {
        bench.driver.advance('app');
        made += 1;
      }
      while (bench.driver.runnable().includes('driver')) bench.driver.advance('driver');
      expect(bench.driver.runToEnd()).toBe(false);
      expect(subscriptions()).toBeUndefined();
      expect([...bench.world.rows('mmu_interval_notifiers')]).toEqual([]);
      expect([...bench.world.rows('ptes')]).toEqual([]);
      lengths.push(made);
      if (made < before) break;
    }
    expect(lengths.length).toBeGreaterThan(8);
  });

  it('keeps the subscriptions until an invalidation that has begun is over', () => {
    const { bench, add, subscriptions } = mirrored();
    bench.run('app', 'mmap', { at: va + 65536, size: '64KiB' });
    bench.run('app', 'write', { va: va + 65536, pages: 16 });
    // Memory beside what is mirrored: nobody waits for the end of this invalidation.
    add('app', KERNEL_OPS['munmap'], { va: va + 65536, pages: 16 });
    add('driver', mmu_interval_notifier_remove, { notifier: 'gpu0:app' });
    while (subscriptions()?.active_invalidate_ranges === 0) bench.driver.advance('app');
    while (bench.driver.runnable().includes('driver')) bench.driver.advance('driver');
    expect(subscriptions()).toMatchObject({ active_invalidate_ranges: 1 });
    expect(bench.driver.runToEnd()).toBe(false);
    expect(subscriptions()).toBeUndefined();
  });
});
