import { describe, expect, it } from 'vitest';
import { DaxLab } from './dax-lab.ts';

const MOUNT = (more = '') => `nvdimm0.ns0.mount: { fs: ext4, options: dax, at: /mnt${more} }`;
const refused = (errno: string, more = '') => `{ ${MOUNT(more)}, expect: { errno: ${errno} } }`;
const FSDAX = 'nvdimm0.create-namespace: { mode: fsdax, map: mem }';
const SECTOR = 'nvdimm0.create-namespace: { mode: sector }';

async function run(version: string, setup: readonly string[], program: readonly string[] = []) {
  const lab = await DaxLab.run(program, { version, setup });
  expect(lab.failures).toEqual([]);
  return lab;
}

describe('mount -o dax', () => {
  it('of a raw namespace works as long as no struct pages are asked for', async () => {
    const lab = await run('4.14', [MOUNT()]);
    expect(lab.world.get('super_blocks', '/mnt')?.s_flags).toBe('mounted|dax');
  });

  it.each([
    ['4.18', 'bdev_dax_supported', "request queue doesn't support dax"],
    ['6.12', 'fs_dax_get_by_bdev', 'DAX unsupported by block device.'],
  ])('of a raw namespace is refused on %s in %s', async (version, fn, text) => {
    const lab = await run(version, [refused('EINVAL')]);
    expect(lab.steps.some((step) => step.fn === fn && step.err !== undefined)).toBe(true);
    expect(lab.log).toContain(text);
  });

  it.each([
    ['4.14', 'EOPNOTSUPP'],
    ['5.14', 'EINVAL'],
    ['7.2', 'EINVAL'],
  ])('of a sector namespace is refused on %s with -%s', async (version, errno) => {
    await run(version, [SECTOR, refused(errno)]);
  });

  it.each(['5.3', '6.12'])('wants blocks as large as a page on %s', async (version) => {
    await run(version, [FSDAX, refused('EINVAL', ', block_size: 1KiB')]);
  });

  it.each(['5.3', '6.12'])('wants a partition that begins on a page on %s', async (version) => {
    const lab = await run(
      version,
      [FSDAX, refused('EINVAL', ', offset: 1MiB')].map((line) => line.replace('1MiB', '1024')),
    );
    expect(lab.log).toContain('unaligned partition for dax');
  });

  it('of XFS goes on without DAX: its files go through the page cache', async () => {
    const lab = await run(
      '6.12',
      [SECTOR, 'nvdimm0.ns0.mount: { fs: xfs, options: dax, at: /mnt }'],
      [
        '{ actor: app, do: create-file, file: /mnt/a, size: 8KiB }',
        '{ actor: app, do: mmap, file: /mnt/a, at: 0x7f0000000000, size: 8KiB, shared: true }',
        '{ actor: app, do: write, va: 0x7f0000000000, size: 8KiB, word: 3 }',
      ],
    );
    expect(lab.log).toContain('Turning off DAX.');
    expect(lab.world.get('inodes', '/mnt/a')?.i_flags).toBe('');
    const kinds = [...lab.world.rows('i_pages')].map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['folio']));
  });

  it('is busy the second time, and knows neither other disks nor other filesystems', async () => {
    await run('6.12', [
      FSDAX,
      MOUNT(),
      refused('EBUSY'),
      '{ nvdimm0.ns7.mount: { fs: ext4, at: /x }, expect: { errno: ENODEV } }',
      '{ do: umount, at: /nowhere, expect: { errno: EINVAL } }',
    ]);
  });

  it('is an option 4.3 has only with CONFIG_FS_DAX', async () => {
    await run('4.3', [refused('EINVAL')]);
  });
});

describe('DAX of 4.3', () => {
  it('makes special PTEs of pages too: get_user_pages finds none', async () => {
    const lab = await DaxLab.run(
      [
        '{ actor: app, do: create-file, file: /mnt/a, size: 4KiB }',
        '{ actor: app, do: mmap, file: /mnt/a, at: 0x7f0000000000, size: 4KiB, shared: true }',
        '{ actor: app, do: write, va: 0x7f0000000000, size: 4KiB, word: 7 }',
        '{ actor: app, do: pin, va: 0x7f0000000000, write: true, get: true, expect: { errno: EFAULT } }',
        '{ do: truncate, file: /mnt/a, size: 0 }',
      ],
      {
        version: '4.3',
        setup: [MOUNT()],
        config: 'FS_DAX: y, ZONE_DEVICE: y, ZONE_DMA: n',
        model: 'e820-pmem',
      },
    );
    expect(lab.failures).toEqual([]);
    expect(lab.calls('__dax_fault')).toHaveLength(1);
    expect(lab.calls('bdev_direct_access')).toHaveLength(1);
    // There are no entries in i_pages, and nothing to break.
    expect(lab.calls('grab_mapping_entry')).toHaveLength(0);
    expect(lab.page(0x100200)?.refcount).toBe(1);
    expect(lab.world.count('file_extents')).toBe(0);
  });
});

describe('DAX without struct pages', () => {
  const PROGRAM = [
    '{ actor: app, do: create-file, file: /mnt/a, size: 16KiB }',
    '{ actor: app, do: mmap, file: /mnt/a, at: 0x7f0000000000, size: 16KiB, shared: true }',
    '{ actor: app, do: write, va: 0x7f0000000000, size: 16KiB, word: 7 }',
    '{ actor: app, do: read, va: 0x7f0000000000, size: 16KiB, expect: { word: 7 } }',
    '{ do: file-read, file: /mnt/a, expect: { word: 7, pages: 4 } }',
    '{ actor: app, do: pin, va: 0x7f0000000000, write: true, get: true, expect: { errno: EFAULT } }',
    '{ actor: app, do: direct-io, va: 0x7f0000000000, size: 4KiB, expect: { errno: EFAULT } }',
    '{ do: memory-failure, pfn: 0x100200, expect: { errno: ENXIO } }',
  ];

  it('loads, stores and file I/O work; nobody else gets at the pages', async () => {
    const lab = await run('4.14', [MOUNT()], PROGRAM);
    // All of the namespace is data, 512 pages of it ext4's own.
    expect(lab.ptes().filter(({ kind }) => kind === 'present')).toEqual([
      {
        pages: 4,
        level: 'pte',
        kind: 'present',
        pfn: 0x100200,
        flags: 'write|young|dirty|special',
      },
    ]);
    expect(lab.page(0x100200)).toBeUndefined();
    expect(lab.world.at('page_mappings', 0x100200)).toBeUndefined();
    expect(lab.log).toContain('memory outside kernel control');
  });
});
