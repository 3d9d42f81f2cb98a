import { describe, expect, it } from 'vitest';
import type { World } from '../../../src/main/engine/core/world/world.ts';
import { Trace, wanted, type ExpectedCall } from '../world/trace.ts';
import { at, pfnOf } from './looks.ts';
import { AT, ProcessBench } from './process-bench.ts';

const va = Number(AT);
const PAGE = 4096;
/** Where /g is mapped shared, and where shared anonymous memory is; AT: /f, privately. */
const G = va + 0x100000;
const SHM = va + 0x200000;

const rss = (world: World) => {
  const mm = world.get('mms', 'app');
  return mm && [mm.anonpages, mm.filepages, mm.shmempages];
};
const pageAt = (address: number) => (world: World) => {
  const found = world.at('pages', pfnOf(world, at(1, address)));
  return found && `${found.refcount} ${found.mapcount} ${found.flags}`;
};
const cached = (file: string) => (world: World) =>
  [...world.rows('i_pages')]
    .filter(({ inode }) => inode === file)
    .reduce((sum, row) => sum + row.end - row.start, 0);
const entry = (address: number) => (world: World) => world.at('ptes', at(1, address))?.flags;
const vmOps = (address: number) => (world: World) => world.at('vmas', at(1, address))?.vm_ops;

/** Files of an ordinary file system under 6.12, read and written by calls and by mappings. */
function run(): ProcessBench {
  const bench = new ProcessBench('6.12');
  bench.run('admin', 'create-file', { file: '/f', fs: 'generic', size: '64KiB' });
  bench.run('admin', 'file-write', { file: '/f', word: 5 });
  bench.run('app', 'mmap', { at: va, size: '64KiB', file: '/f' });
  bench.run('app', 'read', { va, pages: 4 });
  bench.run('app', 'write', { va: va + 8 * PAGE, pages: 2, word: 6 });
  bench.run('admin', 'create-file', { file: '/g', fs: 'generic', size: '16KiB' });
  bench.run('app', 'mmap', { at: G, size: '16KiB', file: '/g', shared: true });
  bench.run('app', 'read', { va: G });
  bench.run('app', 'write', { va: G, word: 7 });
  bench.run('app', 'write', { va: G + PAGE, word: 8 });
  bench.run('admin', 'file-read', { file: '/g' });
  bench.run('admin', 'truncate', { file: '/g', size: '4KiB' });
  bench.run('app', 'mmap', { at: SHM, size: '64KiB', shared: true });
  bench.run('app', 'write', { va: SHM, pages: 4, word: 9 });
  bench.run('app', 'munmap', { va: SHM, size: '64KiB' });
  return bench;
}

const trace = new Trace(run().log);

describe('memory of files', () => {
  it.each<ExpectedCall>([
    {
      name: 'generic_perform_write',
      does: 'returns the 16 pages of 64 KiB, which are in the cache then',
      ret: 16,
      look: cached('/f'),
      from: 0,
      to: 16,
    },
    {
      name: 'filemap_add_folio',
      does: 'adds 16 pages to the cache',
      args: { file: '/f', index: 0, pages: 16 },
      look: cached('/f'),
      from: 0,
      to: 16,
    },
    {
      name: 'mmap_region',
      does: 'has generic_file_mmap set the vm_ops of a file',
      calls: ['do_vmi_munmap', 'generic_file_mmap', 'vma_link'],
      look: vmOps(va),
      from: undefined,
      to: 'generic_file',
    },
    { name: 'do_fault', does: 'reads for a read', calls: ['do_read_fault'] },
    {
      // The dirty page of the cache has one reference of it, and one of the new entry.
      name: 'do_read_fault',
      does: 'maps four pages of the cache, read-only',
      calls: ['__do_fault', 'folio_unlock'],
      look: (world) => [rss(world), pageAt(va)(world), entry(va)(world)],
      from: [[0, 0, 0], undefined, undefined],
      to: [[0, 4, 0], '2 0 dirty|lru|uptodate', 'young'],
    },
    { name: '__do_fault', does: 'asks the file', calls: ['filemap_fault'] },
    {
      name: 'filemap_fault',
      does: 'takes the pages there are, with a reference and the lock',
      args: { pgoff: 0, pages: 4 },
      calls: ['folio_get', 'folio_lock'],
    },
    {
      name: 'do_fault',
      nth: 1,
      does: 'copies for a write to a private mapping',
      calls: ['do_cow_fault'],
    },
    {
      name: 'do_cow_fault',
      does: 'makes two anonymous pages, and maps none of the file',
      look: (world) => [rss(world), cached('/f')(world), entry(va + 8 * PAGE)(world)],
      from: [[0, 4, 0], 16, undefined],
      to: [[2, 4, 0], 16, 'write|young|dirty|anon_exclusive'],
    },
    {
      name: 'filemap_add_folio',
      nth: 1,
      does: 'adds the page a read fault wants, clean',
      args: { file: '/g', index: 0, pages: 1 },
      look: cached('/g'),
      from: 0,
      to: 1,
    },
    {
      name: 'wp_page_shared',
      does: 'tells the file system, then lets the process write',
      calls: ['filemap_page_mkwrite'],
      look: entry(G),
      from: 'young',
      to: 'write|young|dirty',
    },
    {
      name: 'filemap_page_mkwrite',
      does: 'dirties the page before it is written',
      look: pageAt(G),
      from: '2 0 lru|uptodate',
      to: '2 0 dirty|lru|uptodate',
    },
    {
      name: 'do_shared_fault',
      does: 'maps a dirty page of the file, after page_mkwrite',
      calls: ['__do_fault', 'filemap_page_mkwrite', 'folio_unlock'],
      look: (world) => [rss(world), pageAt(G + PAGE)(world), entry(G + PAGE)(world)],
      from: [[2, 5, 0], undefined, undefined],
      to: [[2, 6, 0], '2 0 dirty|lru|uptodate', 'write|young|dirty'],
    },
    {
      name: 'filemap_read',
      does: 'brings the two pages nobody has touched into the cache',
      look: cached('/g'),
      from: 2,
      to: 4,
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });

  it.each<ExpectedCall>([
    { name: 'notify_change', does: 'sets the size', calls: ['truncate_setsize'], errno: undefined },
    {
      name: 'truncate_setsize',
      does: 'unmaps, truncates the cache to one page, and unmaps again',
      calls: ['unmap_mapping_range', 'truncate_inode_pages_range', 'unmap_mapping_range'],
      look: (world) => [world.get('inodes', '/g')?.i_size, cached('/g')(world)],
      from: [16384n, 4],
      to: [4096n, 1],
    },
    {
      name: 'unmap_mapping_range',
      does: 'takes the page past the end from its process',
      args: { file: '/g', index: 1 },
      look: rss,
      from: [2, 6, 0],
      to: [2, 5, 0],
    },
    {
      name: 'truncate_inode_pages_range',
      does: 'drops pages 1 to 3 of the file',
      args: { file: '/g', index: 1, pages: 3 },
      look: (world) => [...world.rows('i_pages')].filter((row) => row.inode === '/g').length,
      from: expect.any(Number),
      to: 1,
    },
    {
      name: 'filemap_remove_folio',
      does: 'takes the first of them out of the cache',
      look: (world) => cached('/g')(world) < 4,
      from: false,
      to: true,
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });

  it.each<ExpectedCall>([
    {
      name: 'shmem_zero_setup',
      does: 'makes a deleted file of 64 KiB',
      ret: '/dev/zero#1',
      look: (world) => {
        const inode = world.get('inodes', '/dev/zero#1');
        return inode && [inode.fs, inode.i_size, inode.i_flags];
      },
      from: undefined,
      to: ['tmpfs', 65536n, 'deleted'],
    },
    {
      name: 'mmap_region',
      nth: 2,
      does: 'has shmem_mmap set the vm_ops of shared anonymous memory',
      calls: ['do_vmi_munmap', 'shmem_zero_setup', 'shmem_mmap', 'vma_link'],
      look: vmOps(SHM),
      from: undefined,
      to: 'shmem',
    },
    {
      name: 'shmem_fault',
      does: 'makes four pages, locked and each with a reference more than the cache has',
      args: { pgoff: 0, pages: 4 },
      look: (world) => {
        const [row] = [...world.rows('i_pages')].filter((one) => one.inode === '/dev/zero#1');
        const found = row && world.at('pages', row.pfn);
        return found && `${found.refcount} ${found.mapcount} ${found.flags}`;
      },
      from: undefined,
      to: '2 -1 locked|lru|swapbacked|uptodate',
    },
    {
      name: 'do_shared_fault',
      nth: 1,
      does: 'counts pages of tmpfs as shared memory, and asks no page_mkwrite',
      calls: ['__do_fault', 'folio_unlock'],
      look: rss,
      from: [2, 5, 0],
      to: [2, 5, 4],
    },
    {
      name: 'shmem_evict_inode',
      does: 'drops the pages and the file with its last mapping',
      calls: ['truncate_inode_pages_range'],
      look: (world) => [cached('/dev/zero#1')(world), world.get('inodes', '/dev/zero#1')?.id],
      from: [4, '/dev/zero#1'],
      to: [0, undefined],
    },
  ])('$name $does', (row) => {
    expect(trace.seen(row)).toEqual(wanted(row));
  });
});
