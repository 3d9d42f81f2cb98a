import { describe, expect, it } from 'vitest';
import type { KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import type { World } from '../../../src/main/engine/core/world/world.ts';
import {
  xa_erase,
  xa_load,
  xa_store,
} from '../../../src/main/engine/kernel/hmm/device-page-table.ts';
import {
  make_device_exclusive,
  type ExclusiveRun,
} from '../../../src/main/engine/kernel/hmm/exclusive.ts';
import { mmu_interval_notifier_insert } from '../../../src/main/engine/kernel/hmm/interval-notifier.ts';
import { at, entry, OWN, page } from '../mm/looks.ts';
import { ProcessBench } from '../mm/process-bench.ts';
import { Trace, wanted, type ExpectedCall } from '../world/trace.ts';
import { recordLab, VA } from './lab-run.ts';

const APP = at(1, VA);
const MEMORY = [
  '{ actor: app, do: mmap, at: 0x7f0000000000, size: 64KiB }',
  '{ actor: app, do: write, va: 0x7f0000000000, size: 64KiB, word: 1 }',
];

describe('a mirror of empty memory', async () => {
  const trace = new Trace(
    await recordLab({
      version: '6.12',
      program: [
        MEMORY[0] ?? '',
        '{ actor: app, do: gpu0.device-read, va: 0x7f0000000000, size: 64KiB }',
        '{ actor: app, do: madvise, va: 0x7f0000000000, size: 64KiB, advice: dontneed }',
      ],
    }),
  );
  const seqs = (world: World) => {
    const [there] = [...world.rows('notifier_subscriptions')];
    const [own] = [...world.rows('mmu_interval_notifiers')];
    return [there?.invalidate_seq, there?.active_invalidate_ranges, own?.invalidate_seq];
  };
  const mirrored = (world: World) =>
    [...world.rows('ptes')].filter(({ kind }) => kind.startsWith('mirror')).length > 0;

  it.each<ExpectedCall>([
    {
      // mm/mmu_notifier.c:mmu_notifier_subscriptions_init: 2, which is even; the notifier: 2 - 1.
      name: 'mmu_interval_notifier_insert',
      does: 'begins with the sequence before that of the mm',
      look: seqs,
      from: [undefined, undefined, undefined],
      to: [2, 0, 1],
    },
    { name: 'mmu_interval_read_begin', does: 'returns the notifier’s sequence', ret: 1 },
    {
      name: 'hmm_range_fault',
      does: 'walks, faults the 16 pages in, and walks again',
      calls: ['hmm_vma_walk_pmd', 'hmm_vma_fault', 'hmm_vma_walk_pmd'],
      errno: undefined,
    },
    {
      name: 'hmm_vma_walk_pmd',
      does: 'looks at the 16 pages for a read, and changes nothing',
      args: { pages: 16, fault: true, write: false },
      look: entry(APP),
      from: 'none',
      to: 'none',
    },
    {
      name: 'hmm_vma_fault',
      does: 'maps the zero page as a read fault does, and has the walk begin again: EBUSY',
      args: { pages: 16, write: false },
      errno: 'EBUSY',
      look: entry(APP + 15),
      from: 'none',
      to: 'zero young|special',
    },
    { name: 'mmu_interval_read_retry', does: 'is false where nothing was invalidated', ret: false },
    {
      name: 'xa_store',
      does: 'fills the device’s page table',
      look: mirrored,
      from: false,
      to: true,
    },
    {
      name: 'mmu_notifier_invalidate_range_start',
      nth: 0,
      does: 'makes the sequence odd for as long as the range is invalid',
      calls: ['mn_itree_invalidate'],
      look: seqs,
      from: [2, 0, 1],
      to: [3, 1, 3],
    },
    {
      name: 'mn_itree_invalidate',
      does: 'tells the driver, which drops its entries',
      args: { event: 'MMU_NOTIFY_CLEAR' },
      look: mirrored,
      from: true,
      to: false,
    },
    {
      name: 'mmu_interval_set_seq',
      does: 'gives the notifier the odd sequence',
      look: seqs,
      from: [3, 1, 1],
      to: [3, 1, 3],
    },
    {
      name: 'xa_erase',
      does: 'empties the device’s page table',
      look: mirrored,
      from: true,
      to: false,
    },
    {
      name: 'mmu_notifier_invalidate_range_end',
      does: 'makes the sequence even again',
      look: seqs,
      from: [3, 1, 3],
      to: [4, 0, 3],
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});

describe('pages a device has for itself', async () => {
  const trace = new Trace(
    await recordLab({
      version: '6.12',
      devices: ['{ id: dmirror0, model: hmm-dmirror }'],
      program: [
        MEMORY[0] ?? '',
        '{ actor: app, do: dmirror0.open }',
        MEMORY[1] ?? '',
        '{ actor: app, do: dmirror0.exclusive, addr: 0x7f0000000000, npages: 16 }',
        '{ actor: app, do: read, va: 0x7f0000000000 }',
        '{ actor: app, do: fork, child: kid }',
      ],
    }),
  );
  const EXCLUSIVE = 'device_exclusive_write young|dirty|anon_exclusive';

  it.each<ExpectedCall>([
    {
      name: 'get_user_page_vma_remote',
      does: 'takes a reference of a page that is there and writable',
      look: page(APP),
      from: { refcount: 1, mapcount: 0 },
      to: { refcount: 2, mapcount: 0 },
    },
    {
      // Until 6.15 the page left the reverse map meanwhile; the entry kept its reference.
      name: 'page_make_device_exclusive_one',
      does: 'takes the CPU’s access',
      look: (world) => [entry(APP)(world), page(APP)(world)],
      from: [OWN, { refcount: 2, mapcount: 0 }],
      to: [EXCLUSIVE, { refcount: 2, mapcount: -1 }],
    },
    {
      name: 'remove_device_exclusive_entry',
      does: 'gives the page back to the CPU that reads it, and only that one',
      look: (world) => [entry(APP)(world), entry(APP + 1)(world)],
      from: [EXCLUSIVE, EXCLUSIVE],
      to: [OWN, EXCLUSIVE],
    },
    {
      name: 'restore_exclusive_pte',
      does: 'makes the entry present and counts the mapping again',
      look: (world) => [entry(APP)(world), page(APP)(world)?.mapcount],
      from: [EXCLUSIVE, -1],
      to: [OWN, 0],
    },
    {
      name: 'try_restore_exclusive_pte',
      does: 'makes entries present that a fork is about to copy',
      ret: true,
      look: entry(APP + 1),
      from: EXCLUSIVE,
      to: OWN,
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});

describe('make_device_exclusive', () => {
  it.each(['5.14', '6.18'])('in %s gives the driver 16 pages, locked and referenced', (version) => {
    const bench = new ProcessBench(version);
    bench.run('app', 'mmap', { at: VA, size: '64KiB' });
    bench.run('app', 'write', { va: VA, pages: 16, word: 1 });
    const reply: { pages?: readonly ExclusiveRun[] } = {};
    const params = { mm: 'app', address: BigInt(VA), pages: 16, owner: 'gpu0' };
    bench.driver.add({
      actor: 'driver',
      fn: make_device_exclusive as KernelFunction<never, unknown>,
      params,
      done: (value) => (reply.pages = value as readonly ExclusiveRun[]),
    });
    expect(bench.driver.runToEnd()).toBe(false);
    expect(reply.pages?.reduce((sum, { pages }) => sum + pages, 0)).toBe(16);
    const [first] = reply.pages ?? [];
    expect(first?.index).toBe(0);
    // One reference of the entry or the mapping, one of the driver.
    const row = bench.world.at('pages', first?.pfn ?? 0);
    expect(row).toMatchObject({ refcount: 2 });
    expect(row?.flags.split('|')).toContain('locked');
  });
});

describe('the page table of a device', () => {
  it('xa_load returns what xa_store put in, and nothing once xa_erase has taken it out', () => {
    const bench = new ProcessBench('6.18');
    bench.run('app', 'mmap', { at: VA, size: '64KiB' });
    const call = (fn: unknown, params: object): unknown => {
      let result: unknown;
      const done = (value: unknown) => (result = value);
      bench.driver.add({ actor: 'driver', fn: fn as KernelFunction<never, unknown>, params, done });
      expect(bench.driver.runToEnd()).toBe(false);
      return result;
    };
    const address = BigInt(VA);
    const whole = { device: 'gpu0', mm: 'app', start: address, size: 65536n, page_table: true };
    expect(call(mmu_interval_notifier_insert, whole)).toEqual({ notifier: 'gpu0:app' });
    const range = { notifier: 'gpu0:app', address, pages: 16 };
    expect(call(xa_load, range)).toEqual([]);
    // Pages 4 to 7 of the range.
    const part = { notifier: 'gpu0:app', address: address + 16384n, pages: 4 };
    call(xa_store, { ...part, pfn: 0x5000, tag: 'write' });
    expect(call(xa_load, range)).toEqual([
      { index: 4, pages: 4, pfn: 0x5000, zero: false, tag: 'write' },
    ]);
    call(xa_erase, part);
    expect(call(xa_load, range)).toEqual([]);
    expect(call(xa_load, { ...range, notifier: 'none' })).toMatchObject({ errno: 'EINVAL' });
  });
});
