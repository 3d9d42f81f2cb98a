// What each function does while a process maps 16 pages, writes 8, forks, its child writes 4 of
// them, a file of tmpfs is mapped, written and unmapped, and the child exits. Counts by hand.
import { describe, expect, it } from 'vitest';
import { StepBook } from '../world/step-book.ts';
import { AT, ProcessBench } from './process-bench.ts';

const FILE_AT = AT + 0x200000n;

function run(): StepBook {
  const bench = new ProcessBench('6.12');
  bench.run('app', 'mmap', { at: AT, size: 0x10000n });
  bench.run('app', 'write', { va: AT, pages: 8 });
  bench.run('app', 'fork', { child: 'kid' });
  bench.run('kid', 'write', { va: AT, pages: 4 });
  bench.run('app', 'create-file', { file: '/f', size: 0x8000n });
  bench.run('app', 'mmap', { at: FILE_AT, size: 0x4000n, file: '/f', shared: true });
  bench.run('app', 'write', { va: FILE_AT, pages: 4 });
  bench.run('app', 'munmap', { va: FILE_AT, pages: 4 });
  bench.run('kid', 'exit', {});
  const { log } = bench;
  return new StepBook(Array.from({ length: log.length }, (_, at) => log.step(at + 1)));
}

const book = run();

describe('functions of mm', () => {
  it.each<[string, string, (object | undefined)[]]>([
    [
      'exec_mmap',
      'makes the process its first address space',
      [
        { id: 'app', mm_users: 1, anonpages: 0 },
        { name: 'last_pid', value: 1000 },
        { id: 'app', pid: 1000, mm: 'app' },
      ],
    ],
    ['vma_link', 'links 16 pages', [{ mm: 'app', vm_ops: '', anon_vma: '' }]],
    ['__anon_vma_prepare', 'gives the VMA an anon_vma', [{ anon_vma: 'app/7f0000000' }]],
    [
      'do_anonymous_page',
      'maps 8 fresh pages, each with the one reference of its entry, exclusive and dirty',
      [
        { mm: 'app', kind: 'present', flags: 'write|young|dirty|anon_exclusive' },
        { refcount: 1, mapcount: 0, flags: 'lru|swapbacked|uptodate' },
        { mapping: 'anon:app/7f0000000' },
        { id: 'app', anonpages: 8 },
      ],
    ],
    ['mm_init', 'makes the child an empty address space', [{ id: 'kid', nr: 2, anonpages: 0 }]],
    ['anon_vma_fork', "gives the child's VMA its own", [{ mm: 'kid', anon_vma: 'kid/7f0000000' }]],
    [
      'copy_present_ptes',
      'shares the 8 pages, read-only on both sides and no longer exclusive',
      [
        { refcount: 2, mapcount: 1 },
        { id: 'kid', anonpages: 8 },
        { mm: 'app', flags: 'young|dirty' },
        { mm: 'kid', flags: 'dirty' },
      ],
    ],
    [
      'copy_process',
      'makes the child with the next PID',
      [
        { name: 'last_pid', value: 1001 },
        { id: 'kid', pid: 1001, mm: 'kid', parent: 'app' },
      ],
    ],
    [
      'filemap_add_folio',
      'puts 4 pages into the cache, which holds a reference to each',
      [
        { inode: '/f', kind: 'folio' },
        { mapping: 'file:/f', index: 0 },
        { refcount: 2, mapcount: -1, flags: 'lru|swapbacked|uptodate' },
      ],
    ],
    ['do_group_exit', 'says why the process ended', [{ id: 'kid', signal: 'exit' }]],
    ['exit_mm', 'takes the address space from the task', [{ id: 'kid', mm: '' }]],
    ['__mmdrop', 'frees the mm_struct', [undefined]],
    ['unmap_region', 'takes the VMA away', [undefined]],
  ])('%s %s', (fn, _does, rows) => {
    expect(book.wrote(fn)).toEqual(
      rows.map((row) => row && (expect.objectContaining(row) as object)),
    );
  });

  it.each<[string, unknown]>([
    ['kernel_clone', 1001],
    ['numa_mem_id', 0],
  ])('%s returns %s', (fn, value) => {
    expect(book.returned(fn)).toBe(value);
  });

  it.each<[string, string[]]>([
    ['empty_zero_page', ['numa_mem_id', 'alloc_pages']],
    ['do_mmap', ['mmap_region']],
    ['mmap_region', ['do_vmi_munmap', 'vma_link']],
    ['do_user_addr_fault', ['handle_mm_fault']],
    ['handle_mm_fault', ['__handle_mm_fault']],
    ['__handle_mm_fault', ['handle_pte_fault']],
    ['handle_pte_fault', ['do_anonymous_page']],
    ['vma_alloc_folio', ['numa_mem_id', 'alloc_pages']],
    ['dup_mm', ['mm_init', 'dup_mmap']],
    ['dup_mmap', ['anon_vma_fork', 'copy_page_range']],
    ['copy_page_range', ['copy_pte_range']],
    ['copy_pte_range', ['copy_present_ptes']],
    ['do_wp_page', ['wp_page_copy']],
    ['do_fault', ['do_shared_fault']],
    ['do_shared_fault', ['__do_fault', 'folio_unlock']],
    ['__do_fault', ['shmem_fault']],
    ['unmap_vmas', ['unmap_page_range']],
    ['unmap_page_range', ['zap_pte_range']],
    ['zap_pte_range', ['put_page']],
    ['exit_mmap', ['unmap_vmas']],
    ['mmput', ['exit_mmap', '__mmdrop']],
  ])('%s calls %j', (fn, names) => {
    expect(book.callees(fn)).toEqual(names);
  });

  it('wp_page_copy gives the child 4 pages of its own and drops 4 references to the old ones', () => {
    expect(book.first('wp_page_copy').count).toBe(4);
    expect(book.callees('wp_page_copy')).toEqual(['vma_alloc_folio', 'put_page']);
  });

  it('shmem_fault finds 4 pages of the file, referenced and locked for the fault', () => {
    expect(book.first('shmem_fault').args).toMatchObject({ pgoff: 0, pages: 4 });
    expect(book.callees('shmem_fault').slice(-2)).toEqual(['folio_get', 'folio_lock']);
  });

  it('shmem_mmap gives the VMA the vm_ops of tmpfs', () => {
    const linked = book.steps.filter(({ fn }) => fn === 'vma_link')[1];
    expect(book.first('shmem_mmap').kind).toBe('call');
    expect(linked?.diff[0]?.to).toMatchObject({ vm_ops: 'shmem', vm_file: '/f' });
  });

  it('free_unref_page frees the 4 pages that only the child had, merged to order 2', () => {
    expect(book.first('free_unref_page').count).toBe(4);
    expect(book.callees('free_unref_page')).toEqual(['__free_one_page']);
    expect(book.returned('__free_one_page')).toBe(2);
  });

  it.each<[string, string, string[]]>([
    ['do_read_fault', 'read', ['__do_fault', 'folio_unlock']],
    ['filemap_fault', 'read', ['numa_mem_id', 'alloc_pages']],
    ['generic_file_mmap', 'read', []],
  ])('%s of a file that is mapped to %s calls %j first', (fn, op, names) => {
    const bench = new ProcessBench('6.12');
    bench.run('app', 'create-file', { file: '/g', fs: 'generic', size: 0x8000n });
    bench.run('app', 'mmap', { at: FILE_AT, size: 0x4000n, file: '/g', shared: true });
    bench.run('app', op, { va: FILE_AT, pages: 4 });
    const { log } = bench;
    const read = new StepBook(Array.from({ length: log.length }, (_, at) => log.step(at + 1)));
    expect(read.callees(fn).slice(0, names.length)).toEqual(names);
    const [vma] = read.wrote('vma_link');
    expect(vma).toMatchObject({ vm_ops: 'generic_file', vm_file: '/g' });
  });
});
