// What each function of dax and its filesystem does while a file of 16 pages is mapped shared, 4 of
// its pages are written, it is unmapped and truncated to nothing. Its blocks begin at FIRST_BLOCK.
import { beforeAll, describe, expect, it } from 'vitest';
import { StepBook } from '../world/step-book.ts';
import { DaxLab, FIRST_BLOCK } from './dax-lab.ts';

const VA = 0x7f0000001000;

let book: StepBook;

beforeAll(async () => {
  const lab = await DaxLab.run([
    `{ actor: app, do: mmap, file: /mnt/a, at: ${VA}, size: 64KiB, shared: true }`,
    `{ actor: app, do: write, va: ${VA}, pages: 4 }`,
    `{ actor: app, do: munmap, va: ${VA}, pages: 16 }`,
    'truncate: { file: /mnt/a, size: 0 }',
  ]);
  expect(lab.failures).toEqual([]);
  book = new StepBook(lab.steps);
});

describe('functions of dax and its filesystems', () => {
  it.each<[string, string, (object | undefined)[]]>([
    [
      'mkfs',
      'leaves all blocks free but the first 512, which are the filesystem’s own',
      [{ sb: '/mnt' }],
    ],
    [
      'vfs_create',
      'makes a file with S_DAX',
      [{ id: '/mnt/a', fs: 'ext4', i_size: 0x10000n, i_flags: 'dax' }],
    ],
    [
      'grab_mapping_entry',
      'locks an empty entry over the 4 pages',
      [{ inode: '/mnt/a', kind: 'dax', flags: 'locked|empty' }],
    ],
    [
      'dax_associate_entry',
      'says of the pages whose they are',
      [{ mapping: 'file:/mnt/a', index: 0, start: FIRST_BLOCK, end: FIRST_BLOCK + 4 }],
    ],
    [
      'dax_insert_entry',
      'stores where the pages are, dirty',
      [{ inode: '/mnt/a', pfn: FIRST_BLOCK, flags: 'locked|dirty' }],
    ],
    [
      'vmf_insert_mixed_mkwrite',
      'maps them writable and dirty, devmap pages before 6.15',
      [{ kind: 'present', pfn: FIRST_BLOCK, flags: 'write|young|dirty|devmap' }],
    ],
    ['dax_unlock_entry', 'gives the entry up', [{ pfn: FIRST_BLOCK, flags: 'dirty' }]],
    ['dax_delete_mapping_entry', 'takes the entry away', [undefined]],
    [
      'dax_iomap_pmd_fault',
      'counts the fallback of a VMA that no PMD fits in',
      [{ name: 'thp_fault_fallback', value: 1 }],
    ],
  ])('%s %s', (fn, _does, rows) => {
    expect(book.wrote(fn)).toEqual(
      rows.map((row) => row && (expect.objectContaining(row) as object)),
    );
  });

  it.each<[string, unknown]>([
    ['path_mount', '/mnt'],
    ['ext4_fill_super', '/mnt'],
    ['dax_fault_check_fallback', true],
    // Nobody holds a page.
    ['dax_layout_busy_page_range', null],
    ['free_blocks', 16],
  ])('%s returns %s', (fn, value) => {
    expect(book.returned(fn)).toBe(value);
  });

  it.each<[string, string[]]>([
    ['ext4_dax_huge_fault', ['dax_iomap_fault']],
    ['ext4_dax_fault', ['dax_iomap_fault']],
    [
      'dax_iomap_pte_fault',
      [
        'grab_mapping_entry',
        'ext4_iomap_begin',
        'dax_direct_access',
        'dax_insert_entry',
        'vmf_insert_mixed_mkwrite',
        'dax_unlock_entry',
      ],
    ],
    ['dax_direct_access', ['__pmem_direct_access']],
    ['do_truncate', ['ext4_setattr']],
    ['ext4_setattr', ['ext4_break_layouts', 'truncate_pagecache', 'free_blocks']],
    ['ext4_break_layouts', ['dax_layout_busy_page_range']],
    ['truncate_pagecache', ['unmap_mapping_range', 'dax_delete_mapping_entry']],
  ])('%s calls %j', (fn, names) => {
    expect(book.callees(fn)).toEqual(names);
  });

  it('__pmem_direct_access is asked for the first block after the filesystem’s own, one page a call', () => {
    expect(book.first('__pmem_direct_access')).toMatchObject({
      args: { dax_dev: 'pmem0', pgoff: 512, nr_pages: 1 },
      count: 4,
    });
  });

  it('allocate_blocks gives the file 16 blocks from 512 on', () => {
    const extent = book.wrote('allocate_blocks').at(-1);
    expect(extent).toMatchObject({ type: 'mapped', block: 512 });
    expect(Number(extent?.['end']) - Number(extent?.['start'])).toBe(16);
  });

  it('ext4_file_mmap makes the mapping one of ext4_dax_vm_ops, huge pages welcome', () => {
    expect(book.first('ext4_file_mmap').args).toMatchObject({ file: '/mnt/a', pages: 16 });
    const [vma] = book.wrote('vma_link');
    expect(vma).toMatchObject({ vm_ops: 'ext4_dax', vm_file: '/mnt/a' });
    expect(String(vma?.['vm_flags']).split('|')).toContain('hugepage');
  });

  it('dax_disassociate_entry forgets whose the 4 pages were', () => {
    expect(book.first('dax_disassociate_entry').count).toBe(4);
    expect(book.wrote('dax_disassociate_entry')).toContain(undefined);
  });
});
