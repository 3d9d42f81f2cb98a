// read(2) and write(2) of files that are mapped directly: one dax_iomap_rw() with the direction its
// iterator has. A file of 4 pages whose page 1 may be bad: 8 sectors of the disk are a page, the
// filesystem begins 2 MiB in, and its own blocks take 512 pages.
import { describe, expect, it } from 'vitest';
import { StepBook } from '../world/step-book.ts';
import { DaxLab, FIRST_BLOCK } from './dax-lab.ts';

const PAGE = 4096n;
const INJECT = 'nvdimm0.ns0.inject-error: { block: 4104, count: 8 }';
const create = (allocate = 'written') =>
  `{ do: create-file, file: /mnt/a, size: 16KiB, allocate: ${allocate} }`;
const mounted = (fs: 'ext4' | 'xfs') => [
  'nvdimm0.create-namespace: { mode: fsdax, map: mem }',
  `nvdimm0.ns0.mount: { fs: ${fs}, options: dax, at: /mnt }`,
];

async function book(program: readonly string[], fs: 'ext4' | 'xfs' = 'ext4', version = '6.12') {
  const lab = await DaxLab.run(program, { version, setup: mounted(fs) });
  expect(lab.failures).toEqual([]);
  return { lab, steps: new StepBook(lab.steps) };
}

describe('dax_iomap_rw', () => {
  it.each(['ext4', 'xfs'] as const)('is what %s_file_read_iter asks, for reading', async (fs) => {
    const { steps } = await book([create(), '{ do: file-read, file: /mnt/a, size: 8KiB }'], fs);
    expect(steps.callees(`${fs}_file_read_iter`)).toEqual(['dax_iomap_rw']);
    expect(steps.first('dax_iomap_rw').args).toEqual({
      file: '/mnt/a',
      index: 0,
      pages: 2,
      rw: 'read',
    });
    expect(steps.returned('dax_iomap_rw')).toBe(2);
  });

  it.each(['ext4', 'xfs'] as const)('is what %s_file_write_iter asks, for writing', async (fs) => {
    const { steps } = await book([create(), '{ do: file-write, file: /mnt/a, word: 9 }'], fs);
    expect(steps.callees(`${fs}_file_write_iter`)).toEqual(['dax_iomap_rw']);
    expect(steps.first('dax_iomap_rw').args).toMatchObject({ pages: 4, rw: 'write' });
    expect(steps.returned('dax_iomap_rw')).toBe(4);
  });

  it('reads no further than the file goes', async () => {
    const { steps } = await book([create(), '{ do: file-read, file: /mnt/a, size: 64KiB }']);
    expect(steps.returned('dax_iomap_rw')).toBe(4);
  });

  it('reads a hole as zeros and asks for no memory', async () => {
    const { steps } = await book([
      create('none'),
      '{ do: file-read, file: /mnt/a, expect: { word: 0, pages: 4 } }',
    ]);
    expect(steps.callees('dax_iomap_rw')).toEqual(['ext4_iomap_begin']);
  });

  it('lets others fault again where a hole gets blocks, and reads what it wrote', async () => {
    const { lab, steps } = await book([
      create('none'),
      '{ do: file-write, file: /mnt/a, offset: 4KiB, size: 8KiB, word: 3 }',
      '{ do: file-read, file: /mnt/a, offset: 4KiB, size: 8KiB, expect: { word: 3, pages: 2 } }',
    ]);
    expect(steps.callees('dax_iomap_rw')).toEqual([
      'ext4_iomap_begin',
      'unmap_mapping_range',
      'dax_delete_mapping_entry',
      'dax_direct_access',
    ]);
    const [extent] = lab.world.rows('file_extents');
    expect([extent?.type, extent && extent.end - extent.start]).toEqual(['mapped', 2]);
  });

  it('makes a file as long as what was written of it, where poison stopped it', async () => {
    // 5.18 cannot write over poison; i_size_write() is told of the one page that was written.
    const { lab, steps } = await book(
      [
        '{ do: create-file, file: /mnt/a }',
        INJECT,
        '{ do: file-write, file: /mnt/a, size: 16KiB, word: 5, expect: { pages: 1 } }',
      ],
      'ext4',
      '5.18',
    );
    expect(steps.returned('dax_iomap_rw')).toBe(1);
    expect(lab.world.need('inodes', '/mnt/a').i_size).toBe(PAGE);
  });

  it('fails at poison in the first page: -EIO (dax_mem2blk_err), -EHWPOISON below it', async () => {
    const { steps } = await book([
      create(),
      INJECT,
      '{ do: file-read, file: /mnt/a, offset: 4KiB, expect: { errno: EIO } }',
    ]);
    expect(steps.error('dax_direct_access')?.errno).toBe('EHWPOISON');
    expect(steps.error('dax_iomap_rw')?.errno).toBe('EIO');
  });
});

it('dax_recovery_write makes the one bad page good, and dax_iomap_rw goes on behind it', async () => {
  const { lab, steps } = await book([
    create(),
    INJECT,
    '{ do: file-write, file: /mnt/a, word: 5, expect: { pages: 4 } }',
  ]);
  expect(steps.first('dax_recovery_write').args).toMatchObject({ pfn: FIRST_BLOCK + 1, pages: 1 });
  expect(lab.world.at('badblocks', FIRST_BLOCK + 1)).toBeUndefined();
  expect(steps.callees('dax_iomap_rw').filter((fn) => fn === 'dax_direct_access')).toHaveLength(4);
});
