import { describe, expect, it } from 'vitest';
import { memremap_pages } from '../../../src/main/engine/kernel/memremap/memremap.ts';
import {
  get_dev_pagemap,
  pgmap_array_delete,
  put_dev_pagemap,
  xa_store_range,
} from '../../../src/main/engine/kernel/pgmap/pgmap-array.ts';
import {
  percpu_ref_exit,
  percpu_ref_get_many,
  percpu_ref_init,
  percpu_ref_kill,
  percpu_ref_put_many,
  wait_for_completion,
} from '../../../src/main/engine/kernel/pgmap/pgmap-ref.ts';
import { range, smallMachine, type Bench } from './small-machine.ts';

const PGMAP = 'pgmap@0x200000000';
const FIRST = 0x200000;

/**
 * 2 MiB of generic device memory: 512 struct pages, each with a reference, and memremap_pages' own
 * (mm/memremap.c:pagemap_range), 513 in all.
 */
function mapped(): Bench {
  const bench = smallMachine('6.12.117');
  bench.call(memremap_pages, {
    type: 'GENERIC',
    ranges: [range(0x200000000n, 0x200000n)],
    nid: 0,
  });
  return bench;
}

const pgmapOf = ({ world }: Bench) => world.get('pgmaps', PGMAP);
const lastStep = ({ log }: Bench) => log.step(log.length);

describe('the reference count of a pagemap', () => {
  it.each([
    {
      name: 'percpu_ref_get_many',
      does: 'adds 7 to 513',
      fn: percpu_ref_get_many,
      nr: 7,
      ref: 520,
    },
    {
      name: 'percpu_ref_put_many',
      does: 'takes 512 off',
      fn: percpu_ref_put_many,
      nr: 512,
      ref: 1,
    },
    { name: 'put_dev_pagemap', does: 'takes 3 off', fn: put_dev_pagemap, nr: 3, ref: 510 },
  ])('$name $does', ({ name, fn, nr, ref }) => {
    const bench = mapped();
    expect(pgmapOf(bench)?.ref).toBe(513);
    bench.call(fn as typeof percpu_ref_get_many, { pgmap: PGMAP, nr });
    expect(pgmapOf(bench)).toMatchObject({ ref, ref_dead: false });
    expect(lastStep(bench)).toMatchObject({ fn: name, args: { pgmap: PGMAP, nr } });
  });

  it('put_dev_pagemap undoes get_dev_pagemap', () => {
    const bench = mapped();
    expect(bench.call(get_dev_pagemap, { pfn: FIRST + 511 })).toBe(PGMAP);
    expect(pgmapOf(bench)?.ref).toBe(514);
    expect(bench.call(put_dev_pagemap, { pgmap: PGMAP })).toBeUndefined();
    expect(pgmapOf(bench)?.ref).toBe(513);
  });

  it('percpu_ref_kill drops the first reference, and no new one is given', () => {
    const bench = mapped();
    expect(bench.call(percpu_ref_kill, { pgmap: PGMAP })).toBeUndefined();
    expect(pgmapOf(bench)).toMatchObject({ ref: 512, ref_dead: true });
    expect(bench.call(get_dev_pagemap, { pfn: FIRST })).toBeNull();
    expect(pgmapOf(bench)?.ref).toBe(512);
  });

  it('wait_for_completion sleeps until percpu_ref_put_many drops the last of a killed one', () => {
    const bench = mapped();
    bench.call(percpu_ref_kill, { pgmap: PGMAP });
    bench.call(percpu_ref_put_many, { pgmap: PGMAP, nr: 511 });
    expect(() => bench.call(wait_for_completion, { pgmap: PGMAP })).toThrow('the call blocks');
    const waiting = bench.log.length;
    const wait = Array.from({ length: waiting }, (_, at) => bench.log.step(at + 1)).findLast(
      ({ fn }) => fn === 'wait_for_completion',
    );
    expect(wait?.end).toBeUndefined();
    bench.call(percpu_ref_put_many, { pgmap: PGMAP, nr: 1 }, 'user');
    expect(pgmapOf(bench)?.ref).toBe(0);
    expect(wait?.end).toBeGreaterThan(waiting);
  });
});

describe('the reference a driver makes itself, before 5.13', () => {
  const driver = (): Bench => smallMachine('5.3');

  it('percpu_ref_init starts alive at 1, and the name is taken then', () => {
    const bench = driver();
    expect(bench.call(percpu_ref_init, { ref: 'r', device: 'dax0.0' })).toBeUndefined();
    const row = { name: 'r', count: 1, dead: false, device: 'dax0.0' };
    expect(bench.world.get('percpu_refs', 'r')).toMatchObject(row);
    const again = bench.call(percpu_ref_init, { ref: 'r' });
    expect(again).toMatchObject({ errno: 'EEXIST' });
    expect(bench.world.get('percpu_refs', 'r')).toMatchObject(row);
  });

  it('percpu_ref_kill takes 1 to 0 once: the second kill is a WARN of the kernel, -EINVAL here', () => {
    const bench = driver();
    bench.call(percpu_ref_init, { ref: 'r' });
    expect(bench.call(percpu_ref_kill, { ref: 'r' })).toBeUndefined();
    expect(bench.world.get('percpu_refs', 'r')).toMatchObject({ count: 0, dead: true });
    // lib/percpu-refcount.c: WARN_ONCE("%s called more than once on %ps!", __func__, ...).
    expect(bench.call(percpu_ref_kill, { ref: 'r' })).toMatchObject({
      errno: 'EINVAL',
      check: 'percpu_ref_kill_and_confirm called more than once',
    });
    expect(bench.world.get('percpu_refs', 'r')?.count).toBe(0);
  });

  it('percpu_ref_exit frees the count and its completion', () => {
    const bench = driver();
    bench.call(percpu_ref_init, { ref: 'r' });
    expect(bench.world.get('completions', 'r.done')).toBeDefined();
    bench.call(percpu_ref_exit, { ref: 'r' });
    expect(bench.world.get('percpu_refs', 'r')).toBeUndefined();
    expect(bench.world.get('completions', 'r.done')).toBeUndefined();
  });
});

describe('pgmap_array, a radix tree before 4.20', () => {
  // 16 MiB at 8 GiB: PFNs 0x200000 to 0x200fff.
  const AREA = range(0x200000000n, 0x1000000n);

  it.each([
    { name: '__radix_tree_insert', version: '4.19' },
    { name: 'xa_store_range', version: '4.20' },
  ])('$name is what enters every PFN of a range in $version', ({ name, version }) => {
    const bench = smallMachine(version);
    expect(bench.call(xa_store_range, { ...AREA, pgmap: 'p' })).toBeUndefined();
    expect(lastStep(bench).fn).toBe(name);
    const rows = [...bench.world.rows('pgmap_array')];
    expect(rows).toEqual([{ start: 0x200000, end: 0x201000, pgmap: 'p' }]);
    const empty = { start: 0x2000n, end: 0xfffn, pgmap: 'p' };
    // lib/xarray.c:xa_store_range: if (last < first) return XA_ERROR(-EINVAL).
    expect(bench.call(xa_store_range, empty)).toMatchObject({ errno: 'EINVAL' });
  });

  it.each([
    { name: 'pgmap_radix_release', version: '4.19' },
    { name: 'pgmap_array_delete', version: '4.20' },
  ])('$name clears the range in $version, and leaves its neighbour', ({ name, version }) => {
    const bench = smallMachine(version);
    bench.call(xa_store_range, { ...AREA, pgmap: 'p' });
    bench.call(xa_store_range, { ...range(0x201000000n, 0x1000n), pgmap: 'q' });
    bench.call(pgmap_array_delete, AREA);
    expect(lastStep(bench).fn).toBe(name);
    const rows = [...bench.world.rows('pgmap_array')];
    expect(rows).toEqual([{ start: 0x201000, end: 0x201001, pgmap: 'q' }]);
  });
});
