import { describe, expect, it } from 'vitest';
import { DaxLab, FIRST_BLOCK, FSDAX } from './dax-lab.ts';

const BEGIN = [
  '{ do: create-file, file: /mnt/a, size: 16KiB }',
  '{ actor: app, do: mmap, file: /mnt/a, at: 0x7f0000000000, size: 16KiB, shared: true }',
  '{ actor: app, do: write, va: 0x7f0000000000, size: 16KiB, word: 7 }',
  '{ actor: app, do: pin, va: 0x7f0000001000, pages: 1, write: true, get: true, as: dma }',
];
const BOTH = (op: string) =>
  `concurrently: [ { actor: admin, ${op} }, { actor: app, do: unpin, name: dma } ]`;
const TRUNCATE = 'do: truncate, file: /mnt/a, size: 0';
const XFS = [FSDAX[0] as string, 'nvdimm0.ns0.mount: { fs: xfs, options: dax, at: /mnt }'];

/** Did the operation wait for the page, and who freed the blocks when? */
function order(lab: DaxLab): { waited: boolean; freedAfterUnpin: boolean } {
  const waited = lab.steps.some(({ note }) => note?.includes('blocks on page 0x') ?? false);
  const freed = lab.calls('free_blocks')[0]?.seq ?? 0;
  const put = lab.calls('wake_up_var')[0]?.seq ?? 0;
  return { waited, freedAfterUnpin: put > 0 && freed > put };
}

describe('truncate of a DAX file whose page a device holds', () => {
  it.each([
    ['ext4', '5.3', 'ext4_break_layouts'],
    ['ext4', '6.12', 'ext4_break_layouts'],
    ['ext4', '6.18', 'dax_break_layout'],
    ['xfs', '5.14', 'xfs_break_dax_layouts'],
    ['xfs', '7.2', 'dax_break_layout'],
  ])('%s of %s waits in %s, and frees the blocks after', async (fs, version, fn) => {
    const setup = fs === 'xfs' ? XFS : FSDAX;
    const lab = await DaxLab.run([...BEGIN, BOTH(TRUNCATE)], { version, setup });
    expect(lab.failures).toEqual([]);
    expect(lab.calls(fn).length).toBeGreaterThan(0);
    expect(order(lab)).toEqual({ waited: true, freedAfterUnpin: true });
    expect(lab.world.count('file_extents')).toBe(0);
    expect(lab.entries()).toEqual([]);
  });

  it('ext4 of 4.18 does not wait, XFS of 4.18 does', async () => {
    const ext4 = await DaxLab.run([...BEGIN, BOTH(TRUNCATE)], { version: '4.18' });
    expect(order(ext4)).toEqual({ waited: false, freedAfterUnpin: false });
    expect(ext4.log).toContain('trunc && page_ref_count(page) > 1');
    const xfs = await DaxLab.run([...BEGIN, BOTH(TRUNCATE)], { version: '4.18', setup: XFS });
    expect(order(xfs)).toEqual({ waited: true, freedAfterUnpin: true });
  });

  it('without the wait another file gets a block a device still writes to', async () => {
    const lab = await DaxLab.run(
      [...BEGIN, `{ ${TRUNCATE} }`, '{ do: create-file, file: /mnt/b, size: 16KiB }'],
      { version: '4.14' },
    );
    expect([...lab.world.rows('file_extents')]).toMatchObject([{ block: 512 }]);
    // Block 513 of /mnt/b is the page app's device holds: 2 references.
    expect(lab.page(FIRST_BLOCK + 1)?.refcount).toBe(2);
  });

  it('looks at the whole file: a pin far from the cut stops it too', async () => {
    const lab = await DaxLab.run([...BEGIN, BOTH('do: truncate, file: /mnt/a, size: 12KiB')]);
    expect(order(lab)).toEqual({ waited: true, freedAfterUnpin: true });
    expect(lab.entries()).toMatchObject([{ index: 0, pages: 3 }]);
  });

  it('6.18 takes a mapping for no pin: refcount - mapcount', async () => {
    const lab = await DaxLab.run([...BEGIN.slice(0, 3), `{ ${TRUNCATE} }`], { version: '6.18' });
    expect(order(lab).waited).toBe(false);
    expect(lab.page(FIRST_BLOCK)).toMatchObject({ refcount: 0, mapcount: -1 });
    expect(lab.world.at('page_mappings', FIRST_BLOCK)).toBeUndefined();
  });
});

describe('punching a hole', () => {
  it('waits for the pinned page too, frees the blocks and reads as zeros', async () => {
    const lab = await DaxLab.run([
      ...BEGIN,
      BOTH('do: punch-hole, file: /mnt/a, offset: 4KiB, size: 8KiB'),
      '{ do: file-read, file: /mnt/a, offset: 4KiB, size: 8KiB, expect: { word: 0, uniform: true } }',
      '{ do: file-read, file: /mnt/a, offset: 12KiB, expect: { word: 7 } }',
    ]);
    expect(lab.failures).toEqual([]);
    expect(order(lab)).toEqual({ waited: true, freedAfterUnpin: true });
    const free = [...lab.world.rows('free_blocks')].map(({ start, end }) => end - start);
    expect(free[0]).toBe(2);
  });
});

describe('umount', () => {
  it('is refused while a process maps a file', async () => {
    const lab = await DaxLab.run([
      ...BEGIN.slice(0, 2),
      '{ do: umount, at: /mnt, expect: { errno: EBUSY } }',
    ]);
    expect(lab.failures).toEqual([]);
  });

  it.each([
    ['6.12', false],
    ['6.18', true],
  ])('of %s waits for pinned pages: %s', async (version, waits) => {
    const lab = await DaxLab.run(
      [
        ...BEGIN,
        '{ actor: app, do: munmap, va: 0x7f0000000000, size: 16KiB }',
        BOTH('do: umount, at: /mnt'),
      ],
      { version },
    );
    expect(lab.failures).toEqual([]);
    expect(order(lab).waited).toBe(waits);
    expect(lab.entries()).toEqual([]);
  });

  it('keeps the files: a mount elsewhere finds them', async () => {
    const lab = await DaxLab.run([
      BEGIN[0] as string,
      '{ do: file-write, file: /mnt/a, word: 9 }',
      '{ do: umount, at: /mnt }',
      'nvdimm0.ns0.mount: { fs: ext4, options: dax, at: /srv }',
      '{ do: file-read, file: /srv/a, expect: { word: 9, pages: 4 } }',
    ]);
    expect(lab.failures).toEqual([]);
  });
});

describe('a namespace with a mounted filesystem', () => {
  it('is not disabled by ndctl', async () => {
    const lab = await DaxLab.run(['{ nvdimm0.ns0.disable: {}, expect: { errno: EBUSY } }']);
    expect(lab.failures).toEqual([]);
  });

  it('unbound all the same leaves a device that is dead: faults end in SIGBUS', async () => {
    const lab = await DaxLab.run([
      ...BEGIN.slice(0, 2),
      'nvdimm0.ns0.unbind: {}',
      '{ actor: app, do: read, va: 0x7f0000000000, size: 4KiB, catch: true, expect: { fault: SIGBUS } }',
      '{ do: file-read, file: /mnt/a, expect: { errno: ENXIO } }',
    ]);
    expect(lab.failures).toEqual([]);
  });

  it.each([
    ['5.14', true],
    ['6.12', false],
  ])('unbound on %s waits for pinned pages: %s', async (version, waits) => {
    const lab = await DaxLab.run(
      [
        ...BEGIN,
        'concurrently: [ { actor: admin, nvdimm0.ns0.unbind: {} }, { actor: app, do: unpin, name: dma } ]',
      ],
      { version },
    );
    const blocked = lab.steps.some(
      ({ note, actor }) => actor === 'admin' && /blocks on/.test(note ?? ''),
    );
    expect(lab.failures).toEqual([]);
    expect(blocked).toBe(waits);
  });
});
