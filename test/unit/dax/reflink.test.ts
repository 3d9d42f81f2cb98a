import { describe, expect, it } from 'vitest';
import { DaxLab, FIRST_BLOCK } from './dax-lab.ts';

const setup = [
  'nvdimm0.create-namespace: { mode: fsdax, map: mem }',
  'nvdimm0.ns0.mount: { fs: xfs, options: dax, at: /mnt }',
];
const map = (file: string, va: string) =>
  `{ actor: app, do: mmap, file: ${file}, at: ${va}, size: 8KiB, shared: true }`;
const A = '0x7f0000000000';
const B = '0x7f0000100000';
const CLONED = [
  '{ do: create-file, file: /mnt/a, size: 8KiB }',
  '{ do: file-write, file: /mnt/a, word: 3 }',
  '{ do: clone-file, file: /mnt/a, to: /mnt/b }',
  map('/mnt/a', A),
  map('/mnt/b', B),
  `{ actor: app, do: read, va: ${A}, size: 8KiB }`,
  `{ actor: app, do: read, va: ${B}, size: 8KiB, expect: { word: 3 } }`,
];

describe('DAX files that share blocks', () => {
  it('count the files of a page instead of naming one', async () => {
    const lab = await DaxLab.run(CLONED, { setup });
    expect(lab.failures).toEqual([]);
    expect(lab.ptes().map(({ pfn }) => pfn)).toEqual([FIRST_BLOCK, FIRST_BLOCK]);
    expect(lab.world.at('page_mappings', FIRST_BLOCK)?.mapping).toBe('dax-shared:2');
  });

  it('part when one is written: new blocks, the old data around them, one owner left', async () => {
    const lab = await DaxLab.run(
      [
        ...CLONED,
        `{ actor: app, do: write, va: ${B}, size: 4KiB, word: 9 }`,
        '{ do: file-read, file: /mnt/a, expect: { word: 3, uniform: true, pages: 2 } }',
        '{ do: file-read, file: /mnt/b, size: 4KiB, expect: { word: 9 } }',
        '{ do: file-read, file: /mnt/b, offset: 4KiB, expect: { word: 3 } }',
      ],
      { setup },
    );
    expect(lab.failures).toEqual([]);
    expect(lab.calls('dax_iomap_copy_around')).toHaveLength(1);
    const shared = [...lab.world.rows('file_extents')].map(({ block, shared: is }) => [block, is]);
    expect(shared).toEqual([
      [512, false],
      [513, true],
      [514, false],
      [513, true],
    ]);
    expect(lab.world.at('page_mappings', FIRST_BLOCK)?.mapping).toBe('dax-shared:1');
  });

  it('free a block with the last file that has it', async () => {
    const free = async (more: readonly string[]) => {
      const lab = await DaxLab.run([...CLONED.slice(0, 3), ...more], { setup });
      expect(lab.failures).toEqual([]);
      return [...lab.world.rows('free_blocks')].reduce((sum, row) => sum + row.end - row.start, 0);
    };
    const one = '{ do: truncate, file: /mnt/a, size: 0 }';
    const both = [one, '{ do: truncate, file: /mnt/b, size: 0 }'];
    const all = 261632 - 512;
    expect([await free([]), await free([one]), await free(both)]).toEqual([all - 2, all - 2, all]);
  });

  it('are refused before 6.2, and by ext4', async () => {
    const old = await DaxLab.run(
      [
        CLONED[0] as string,
        '{ do: clone-file, file: /mnt/a, to: /mnt/b, expect: { errno: EINVAL } }',
      ],
      { setup, version: '6.1' },
    );
    const ext4 = await DaxLab.run([
      CLONED[0] as string,
      '{ do: clone-file, file: /mnt/a, to: /mnt/b, expect: { errno: EOPNOTSUPP } }',
    ]);
    expect([...old.failures, ...ext4.failures]).toEqual([]);
  });
});
