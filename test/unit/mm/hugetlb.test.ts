import { describe, expect, it } from 'vitest';
import { AT, ProcessBench } from './process-bench.ts';

const va = Number(AT);

describe('mmap with MAP_HUGETLB', () => {
  it('answers -ENOMEM where no huge pages were set aside, and maps nothing', () => {
    const bench = new ProcessBench('6.12', { HUGETLB_PAGE: 'y' });
    const reply = bench.run('app', 'mmap', { at: va, size: '2MiB', hugetlb: true });
    expect(reply).toMatchObject({ errno: 'ENOMEM' });
    expect(bench.world.count('vmas')).toBe(0);
  });

  it('answers -EINVAL in a kernel without hugetlb', () => {
    const bench = new ProcessBench('6.12', { HUGETLB_PAGE: 'n' });
    const reply = bench.run('app', 'mmap', { at: va, size: '2MiB', hugetlb: true });
    expect(reply).toMatchObject({ errno: 'EINVAL' });
  });
});
