import { describe, expect, it } from 'vitest';
import { AT, PAGE, ProcessBench } from './process-bench.ts';

const va = Number(AT);

describe('mprotect', () => {
  it('splits the VMA, takes the right to write away, and merges again', () => {
    const bench = new ProcessBench();
    bench.run('app', 'mmap', { at: va, size: '64KiB' });
    bench.run('app', 'write', { va, pages: 16, word: 1 });
    bench.run('app', 'mprotect', { va: va + 4 * 4096, pages: 4, prot: 'r' });
    expect([...bench.world.rows('vmas')]).toHaveLength(3);
    expect(bench.pte('app', AT + 4n * PAGE)?.flags).not.toContain('write');
    const hit = bench.run('app', 'write', { va: va + 4 * 4096, word: 2, catch: true });
    expect(hit).toMatchObject({ fault: 'SIGSEGV' });
    bench.run('app', 'mprotect', { va: va + 4 * 4096, pages: 4, prot: 'rw' });
    expect([...bench.world.rows('vmas')]).toHaveLength(1);
  });

  it.each([
    ['5.14', false],
    ['6.0', true],
  ])('gives exclusive dirty pages the right back at once from 6.0 on (%s)', (version, write) => {
    const bench = new ProcessBench(version);
    bench.run('app', 'mmap', { at: va, size: '64KiB' });
    bench.run('app', 'write', { va, pages: 1 });
    bench.run('app', 'mprotect', { va, pages: 1, prot: 'r' });
    bench.run('app', 'mprotect', { va, pages: 1, prot: 'rw' });
    expect(bench.pte('app', AT)?.flags.includes('write')).toBe(write);
  });

  it('answers -ENOMEM for a hole, and keeps what it changed before it', () => {
    const bench = new ProcessBench();
    bench.run('app', 'mmap', { at: va, size: '16KiB' });
    bench.run('app', 'mmap', { at: va + 0x10000, size: '16KiB' });
    const reply = bench.run('app', 'mprotect', { va, size: '128KiB', prot: 'r' });
    expect(reply).toMatchObject({ errno: 'ENOMEM' });
    expect(bench.world.at('vmas', bench.position('app', AT))?.vm_flags).not.toContain('|write');
  });

  it('makes device private entries readable', () => {
    const bench = new ProcessBench();
    bench.run('app', 'mmap', { at: va, size: '16KiB' });
    const at = bench.position('app', AT);
    bench.world.set('ptes', at, at + 2, {
      ...{ mm: 'app', level: 'pte', kind: 'device_private_write', pfn: 0x100000, flags: '' },
    });
    bench.run('app', 'mprotect', { va, size: '16KiB', prot: 'r' });
    expect(bench.pte('app', AT)?.kind).toBe('device_private_read');
  });
});

describe('mremap', () => {
  it('moves entries and VMA; the pages do not notice', () => {
    const bench = new ProcessBench();
    bench.run('app', 'mmap', { at: va, size: '64KiB' });
    bench.run('app', 'write', { va, pages: 16, word: 1, count: true });
    const pfn = bench.pte('app', AT)?.pfn;
    const to = 0x7e0000000000;
    const reply = bench.run('app', 'mremap', { va, size: '64KiB', new_size: '128KiB', to });
    expect(reply).toMatchObject({ va: '0x7e0000000000', pages: 32 });
    expect(bench.pte('app', BigInt(to))?.pfn).toBe(pfn);
    expect(bench.pte('app', AT)).toBeUndefined();
    expect(bench.run('app', 'read', { va: to, pages: 16 })).toMatchObject({ uniform: true });
    expect(bench.page('app', BigInt(to))).toMatchObject({ refcount: 1, mapcount: 0 });
  });

  it('grows in place where nothing is in the way, moves where something is', () => {
    const bench = new ProcessBench();
    bench.run('app', 'mmap', { at: va, size: '16KiB' });
    const grown = bench.run('app', 'mremap', { va, size: '16KiB', new_size: '32KiB' });
    expect(grown).toMatchObject({ va: '0x7f0000000000' });
    bench.run('app', 'mmap', { at: va + 0x8000, size: '16KiB', prot: 'r' });
    const moved = bench.run('app', 'mremap', { va, size: '32KiB', new_size: '64KiB' });
    expect(moved).not.toMatchObject({ va: '0x7f0000000000' });
  });
});

describe('files', () => {
  function withFile(fs: string) {
    const bench = new ProcessBench();
    bench.run('admin', 'create-file', { file: '/f', fs, size: '64KiB' });
    bench.run('admin', 'file-write', { file: '/f', word: 5 });
    return bench;
  }

  it('are read through a private mapping, and copied when it is written', () => {
    const bench = withFile('generic');
    bench.run('app', 'mmap', { at: va, size: '64KiB', file: '/f' });
    expect(bench.run('app', 'read', { va, pages: 16 })).toMatchObject({ word: 5, uniform: true });
    const cached = bench.pte('app', AT)?.pfn ?? 0;
    expect(bench.world.at('pages', cached)).toMatchObject({ refcount: 2, mapcount: 0 });
    expect(bench.world.need('mms', 'app').filepages).toBe(16);
    bench.run('app', 'write', { va, pages: 1, word: 6 });
    expect(bench.pte('app', AT)?.pfn).not.toBe(cached);
    expect(bench.world.at('pages', cached)).toMatchObject({ refcount: 1, mapcount: -1 });
    expect(bench.run('admin', 'file-read', { file: '/f' })).toMatchObject({ word: 5 });
    expect(bench.world.need('mms', 'app')).toMatchObject({ filepages: 15, anonpages: 1 });
  });

  it('are written through a shared mapping; an ordinary file hears of each first write', () => {
    for (const [fs, calls] of [
      ['generic', 1],
      ['tmpfs', 0],
    ] as const) {
      const bench = withFile(fs);
      bench.run('app', 'mmap', { at: va, size: '64KiB', file: '/f', shared: true });
      bench.run('app', 'read', { va, pages: 1 });
      bench.run('app', 'write', { va, pages: 1, word: 6 });
      expect(bench.calls().filter((fn) => fn === 'filemap_page_mkwrite')).toHaveLength(calls);
      expect(bench.run('admin', 'file-read', { file: '/f', pages: 1 })).toMatchObject({ word: 6 });
    }
  });

  it('end in SIGBUS past their end, after truncation too', () => {
    const bench = withFile('tmpfs');
    bench.run('app', 'mmap', { at: va, size: '128KiB', file: '/f', shared: true });
    const past = bench.run('app', 'read', { va, size: '128KiB', catch: true });
    expect(past).toMatchObject({ fault: 'SIGBUS', pages: 16 });
    bench.run('admin', 'truncate', { file: '/f', size: '4KiB' });
    const cut = bench.run('app', 'read', { va, size: '8KiB', catch: true });
    expect(cut).toMatchObject({ fault: 'SIGBUS', pages: 1 });
    expect(bench.world.need('mms', 'app').shmempages).toBe(1);
  });

  it('of shared anonymous memory go with their last mapping', () => {
    const bench = new ProcessBench();
    bench.run('app', 'mmap', { at: va, size: '64KiB', shared: true });
    bench.run('app', 'write', { va, pages: 16 });
    bench.run('app', 'fork', { child: 'kid' });
    bench.run('app', 'exit');
    expect([...bench.world.rows('inodes')]).toHaveLength(1);
    bench.run('kid', 'munmap', { va, size: '64KiB' });
    expect([...bench.world.rows('inodes')]).toHaveLength(0);
    expect(bench.used()).toBe(1);
  });
});

describe('what does not go is refused as the kernel refuses it', () => {
  it.each([
    ['mmap', { at: 0x7f0000000800, size: '4KiB' }, 'EINVAL', 'offset_in_page'],
    ['mmap', { at: 0x7fffffff0000, size: '1MiB' }, 'ENOMEM', 'TASK_SIZE'],
    ['mmap', { size: '4KiB', file: '/none' }, 'ENOENT', '/none'],
    ['mmap', { size: 0 }, 'EINVAL', '!len'],
    ['munmap', { va: 0x1001 }, 'EINVAL', 'offset_in_page'],
    ['mremap', { va, size: '4KiB', new_size: '8KiB' }, 'EFAULT', 'vma'],
    ['madvise', { va, advice: 'dontneed' }, 'ENOMEM', 'unmapped'],
  ])('%s %j', (op, args, errno, word) => {
    const answer = new ProcessBench().run<{ errno: string; check: string }>('app', op, args);
    expect(answer.errno).toBe(errno);
    expect(answer.check).toContain(word);
  });
});
