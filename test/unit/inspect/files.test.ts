import { describe, expect, it } from 'vitest';
import { filesText } from '../../../src/main/engine/lab/inspect/files.ts';
import { DaxLab } from '../dax/dax-lab.ts';

describe('the text on files', () => {
  it('lists mounts, blocks in runs, and the entries of DAX with their bits', async () => {
    const lab = await DaxLab.run([
      '{ actor: app, do: create-file, file: /mnt/a, size: 8KiB }',
      '{ actor: app, do: create-file, file: /mnt/b, size: 4KiB, allocate: none }',
      '{ actor: app, do: mmap, file: /mnt/a, at: 0x7f0000000000, size: 8KiB, shared: true }',
      '{ actor: app, do: write, va: 0x7f0000000000, size: 8KiB, word: 1 }',
      '{ actor: app, do: mmap, file: /mnt/b, at: 0x7f0000100000, size: 4KiB, shared: true }',
      '{ actor: app, do: read, va: 0x7f0000100000, size: 4KiB }',
    ]);
    // 1 GiB less 2 MiB in front are 261632 pages; ext4 has 512, the file 2.
    expect(filesText(lab.world, lab.batch.session.facts)).toBe(
      [
        '/dev/pmem0 /mnt ext4 rw,relatime,dax=always 0 0',
        '  blocks: 261632, free: 261118',
        '/mnt/a: ext4, 8192 bytes, dax',
        '  block 0..1: 512..513 mapped',
        '  page 0..1: dax 0x100400..0x100401 dirty',
        '/mnt/b: ext4, 4096 bytes, dax',
        '  page 0: dax zero',
        '',
      ].join('\n'),
    );
  });
});
