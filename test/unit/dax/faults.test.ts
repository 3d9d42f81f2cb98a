import { describe, expect, it } from 'vitest';
import { DaxLab, FIRST_BLOCK } from './dax-lab.ts';

const VA = 0x7f0000000000n;
const at = (bytes: bigint) => `0x${(VA + bytes).toString(16)}`;
const create = (size: string, more = '') =>
  `{ actor: app, do: create-file, file: /mnt/a, size: ${size}${more} }`;
const map = (size: string, more = 'shared: true', where = 0n) =>
  `{ actor: app, do: mmap, file: /mnt/a, at: ${at(where)}, size: ${size}, ${more} }`;
const write = (offset: bigint, size: string) =>
  `{ actor: app, do: write, va: ${at(offset)}, size: ${size}, word: 7 }`;
const read = (offset: bigint, size: string) =>
  `{ actor: app, do: read, va: ${at(offset)}, size: ${size} }`;

describe('a fault on a DAX file', () => {
  it('maps 128 MiB as 64 PMDs in one step each, and ties pages and file together', async () => {
    const lab = await DaxLab.run([create('128MiB'), map('128MiB'), write(0n, '128MiB')]);
    const [fault] = lab.calls('dax_iomap_pmd_fault');
    expect(fault?.count).toBe(64);
    expect(lab.calls('vmf_insert_pfn_pmd').map(({ count }) => count)).toEqual([64]);
    expect(lab.ptes()).toEqual([
      {
        pages: 32768,
        level: 'pmd',
        kind: 'present',
        pfn: FIRST_BLOCK,
        flags: 'write|young|dirty|devmap',
      },
    ]);
    expect(lab.entries()).toEqual([
      { index: 0, pages: 32768, pfn: FIRST_BLOCK, flags: 'pmd|dirty' },
    ]);
    expect(lab.world.at('page_mappings', FIRST_BLOCK + 600)).toMatchObject({
      mapping: 'file:/mnt/a',
      index: 0,
    });
    // No reference is taken for a DAX mapping before 6.15.
    expect(lab.page(FIRST_BLOCK)?.refcount).toBe(1);
    expect(lab.steps.length).toBeLessThan(450);
  });

  it.each([
    ['4.14', 'devmap', 1, -1, 0, 'vm_insert_mixed_mkwrite'],
    ['5.14', 'devmap', 1, -1, 0, 'vmf_insert_mixed_mkwrite'],
    ['6.12', 'devmap', 1, -1, 0, 'vmf_insert_mixed_mkwrite'],
    ['6.18', '', 1, 0, 1, 'vmf_insert_page_mkwrite'],
    ['7.2', '', 1, 0, 1, 'vmf_insert_page_mkwrite'],
  ])(
    'of %s makes PTEs marked "%s", refcount %i, mapcount %i, %i on the RSS, in %s',
    async (version, mark, refcount, mapcount, rss, fn) => {
      const setup = ['nvdimm0.ns0.mount: { fs: ext4, options: dax, at: /mnt }'];
      const program = [create('4KiB'), map('4KiB'), write(0n, '4KiB')];
      const lab = await DaxLab.run(program, { version, model: 'e820-pmem', setup });
      // All of the raw namespace is data: ext4's own 512 pages, then the file.
      const pfn = 0x100200;
      const flags = ['write|young|dirty', mark].filter((text) => text !== '').join('|');
      expect(lab.ptes().filter(({ kind }) => kind === 'present')).toEqual([
        { pages: 1, level: 'pte', kind: 'present', pfn, flags },
      ]);
      expect(lab.page(pfn)).toMatchObject({ refcount, mapcount });
      expect(lab.world.get('mms', 'app')?.filepages).toBe(rss);
      expect(lab.calls(fn)).toHaveLength(1);
      expect(lab.failures).toEqual([]);
    },
  );

  it('builds a folio for a PMD from 6.15 on: one reference, one mapping', async () => {
    const program = [create('2MiB'), map('2MiB'), write(0n, '4KiB')];
    const lab = await DaxLab.run(program, { version: '6.18' });
    expect(lab.page(FIRST_BLOCK)).toMatchObject({ compound_order: 9, refcount: 1, mapcount: 0 });
    expect(lab.world.get('mms', 'app')?.filepages).toBe(512);
    const fns = ['folio_ref_inc', 'vmf_insert_folio_pmd', 'folio_put'];
    expect(fns.map((fn) => lab.calls(fn).length)).toEqual([1, 1, 1]);
  });

  it('reads a hole as the zero page, and replaces it when a block comes', async () => {
    const hole = [create('8KiB', ', allocate: none'), map('8KiB'), read(0n, '8KiB')];
    const before = await DaxLab.run(hole);
    expect(before.entries()).toMatchObject([{ index: 0, pages: 2, flags: 'zero' }]);
    expect(before.ptes().map(({ kind }) => kind)).toEqual(['zero']);
    const after = await DaxLab.run([...hole, write(4096n, '4KiB')]);
    expect(after.entries()).toMatchObject([
      { index: 0, pages: 1, flags: 'zero' },
      { index: 1, pages: 1, pfn: FIRST_BLOCK, flags: 'dirty' },
    ]);
    expect(after.calls('unmap_mapping_range')).toHaveLength(1);
    expect(after.ptes().map(({ kind }) => kind)).toEqual(['zero', 'present']);
  });

  it('copies what a private mapping writes, and leaves the file alone', async () => {
    const lab = await DaxLab.run([
      create('8KiB'),
      '{ do: file-write, file: /mnt/a, word: 3 }',
      map('8KiB', 'shared: false'),
      write(0n, '4KiB'),
      '{ actor: app, do: read, va: 0x7f0000000000, size: 4KiB, expect: { word: 7 } }',
      '{ do: file-read, file: /mnt/a, expect: { word: 3, uniform: true } }',
    ]);
    expect(lab.failures).toEqual([]);
    expect(lab.calls('copy_cow_page_dax')).toHaveLength(1);
    expect(lab.world.get('mms', 'app')?.anonpages).toBe(1);
  });

  it('behind the end of the file ends in SIGBUS', async () => {
    const lab = await DaxLab.run([
      create('4KiB'),
      map('12KiB'),
      '{ actor: app, do: read, va: 0x7f0000001000, size: 4KiB, catch: true, expect: { fault: SIGBUS } }',
    ]);
    expect(lab.failures).toEqual([]);
  });

  it('with MAP_SYNC maps new blocks only after their metadata is safe', async () => {
    const lab = await DaxLab.run([
      create('4KiB', ', allocate: unwritten'),
      map('4KiB', 'shared: true, sync: true'),
      write(0n, '4KiB'),
    ]);
    const order = ['ext4_iomap_begin', 'vfs_fsync_range', 'vmf_insert_mixed_mkwrite'];
    const seqs = order.map((fn) => lab.calls(fn)[0]?.seq ?? 0);
    expect([...seqs].sort((a, b) => a - b)).toEqual(seqs);
    expect(lab.entries()).toEqual([{ index: 0, pages: 1, pfn: FIRST_BLOCK, flags: 'dirty' }]);
  });
});

/** What makes a PMD fault fall back to PTEs, with the words of the check. */
const FALLBACKS: readonly (readonly [string, readonly string[], string, string])[] = [
  [
    'the file and the address differ in colour',
    [create('4MiB'), map('2MiB', 'shared: true, offset: 4KiB'), read(0n, '4KiB')],
    'dax_fault_check_fallback',
    'PG_PMD_COLOUR',
  ],
  [
    'a private mapping is written',
    [create('2MiB'), map('2MiB', 'shared: false'), write(0n, '4KiB')],
    'dax_fault_check_fallback',
    'VM_SHARED',
  ],
  [
    'the PMD begins before the mapping',
    [create('4MiB'), map('1MiB', 'shared: true, offset: 1MiB', 0x100000n), read(0x100000n, '4KiB')],
    'dax_fault_check_fallback',
    'pmd_addr < vmf->vma->vm_start',
  ],
  [
    'the PMD ends behind the mapping',
    [create('4MiB'), map('1MiB'), read(0n, '4KiB')],
    'dax_fault_check_fallback',
    'PMD_SIZE) > vmf->vma->vm_end',
  ],
  [
    'the file ends inside the PMD',
    [create('1MiB'), map('2MiB'), read(0n, '4KiB')],
    'dax_fault_check_fallback',
    'max_pgoff',
  ],
  [
    'a smaller mapping has its entry there already',
    [
      create('2MiB'),
      map('4KiB', 'shared: true', 0x40000000n),
      read(0x40000000n, '4KiB'),
      map('2MiB'),
      read(0n, '4KiB'),
    ],
    'grab_mapping_entry',
    'dax_is_conflict',
  ],
  [
    'the extent is shorter than a PMD',
    [
      create('2MiB', ', allocate: none'),
      '{ do: file-write, file: /mnt/a, size: 1MiB, word: 1 }',
      map('2MiB'),
      read(0n, '4KiB'),
    ],
    'dax_iomap_pmd_fault',
    'iomap_length(&iter) < PMD_SIZE',
  ],
  [
    'the blocks are not aligned in memory',
    [
      '{ do: create-file, file: /mnt/b, size: 4KiB }',
      create('2MiB', ', allocate: none'),
      '{ do: file-write, file: /mnt/a, size: 4KiB, word: 1 }',
      '{ do: file-write, file: /mnt/a, offset: 4KiB, size: 2044KiB, word: 1 }',
      map('2MiB'),
      read(0n, '4KiB'),
    ],
    'dax_iomap_pmd_fault',
    'pfn_t_to_pfn(*pfnp) & (PHYS_PFN(size) - 1)',
  ],
];

describe('a PMD fault falls back to PTEs where', () => {
  it.each(FALLBACKS)('%s', async (_title, program, fn, words) => {
    const lab = await DaxLab.run(program);
    expect(lab.failures).toEqual([]);
    expect(lab.note(fn)).toContain(words);
    expect(lab.world.get('vars', 'thp_fault_fallback')?.value).toBeGreaterThanOrEqual(1);
    expect(lab.ptes().every(({ level }) => level === 'pte')).toBe(true);
    expect(lab.ptes().length).toBeGreaterThan(0);
  });

  it('smaller entries fill half a GiB: one step falls back for all of its PMDs', async () => {
    const lab = await DaxLab.run([
      create('512MiB'),
      map('512MiB', 'shared: true', 0x40001000n),
      write(0x40001000n, '512MiB'),
      map('512MiB'),
      write(0n, '512MiB'),
    ]);
    expect(lab.failures).toEqual([]);
    expect(lab.ptes().every(({ level }) => level === 'pte')).toBe(true);
    // The first mapping is a page off: its own PMDs, one of them reaching past each end, fall back too.
    expect(
      lab
        .calls('dax_iomap_pmd_fault')
        .map(({ count }) => count)
        .at(-1),
    ).toBe(256);
    expect(lab.steps.length).toBeLessThan(450);
  });

  it('one PMD of a run has smaller entries: the others are mapped as PMDs', async () => {
    const lab = await DaxLab.run([
      create('8MiB'),
      map('4KiB', 'shared: true, offset: 2MiB', 0x40200000n),
      read(0x40200000n, '4KiB'),
      map('8MiB'),
      write(0n, '8MiB'),
    ]);
    const big = lab.ptes().filter(({ level }) => level === 'pmd');
    expect(big.reduce((sum, { pages }) => sum + pages, 0)).toBe(3 * 512);
    // One for the PMD of the small mapping, one for the PMD its entry stands in the way of.
    expect(lab.world.get('vars', 'thp_fault_fallback')?.value).toBe(2);
  });
});
