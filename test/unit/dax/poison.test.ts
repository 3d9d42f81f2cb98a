import { describe, expect, it } from 'vitest';
import { DaxLab, FIRST_BLOCK } from './dax-lab.ts';

/** Page 1 of /mnt/a: the disk begins at PFN 0x100200, its 513th page is bad. 8 sectors are a page. */
const INJECT = 'nvdimm0.ns0.inject-error: { block: 4104, count: 8 }';
const BAD = FIRST_BLOCK + 1;
const XFS = [
  'nvdimm0.create-namespace: { mode: fsdax, map: mem }',
  'nvdimm0.ns0.mount: { fs: xfs, options: dax, at: /mnt }',
];
const FILE = '{ do: create-file, file: /mnt/a, size: 16KiB }';
const MAP = '{ actor: app, do: mmap, file: /mnt/a, at: 0x7f0000000000, size: 16KiB, shared: true }';
const LOAD = (more: string) =>
  `{ actor: app, do: read, va: 0x7f0000001000, size: 4KiB, catch: true, expect: { ${more} } }`;

describe('poison in a DAX file', () => {
  it.each([
    ['4.3', 'ok: true'],
    ['6.1', 'errno: EIO'],
    ['6.12', 'errno: EIO'],
  ])('fails read(2) on %s: %s', async (version, want) => {
    const legacy =
      version === '4.3'
        ? { config: 'FS_DAX: y, ZONE_DEVICE: y, ZONE_DMA: n', model: 'e820-pmem' as const }
        : {};
    const setup = version === '4.3' ? { setup: [XFS[1] as string] } : {};
    // The raw namespace of 4.3 has its data from its first page on: the file begins 2 MiB earlier.
    const program = [
      FILE,
      INJECT,
      `{ do: file-read, file: /mnt/a, offset: 4KiB, expect: { ${want} } }`,
    ];
    const lab = await DaxLab.run(program, { version, ...legacy, ...setup });
    expect(lab.failures).toEqual([]);
  });

  it('reads what is good before it', async () => {
    const lab = await DaxLab.run([
      FILE,
      INJECT,
      '{ do: file-read, file: /mnt/a, expect: { pages: 1 } }',
    ]);
    expect(lab.failures).toEqual([]);
  });

  it('fails a fault: SIGBUS, as a machine check would have been', async () => {
    const lab = await DaxLab.run([FILE, INJECT, MAP, LOAD('fault: SIGBUS')]);
    expect(lab.failures).toEqual([]);
    expect(lab.calls('__pmem_direct_access').some(({ err }) => err?.errno === 'EHWPOISON')).toBe(
      true,
    );
  });

  it('is written over by write(2) from 5.19 on, a page at a time', async () => {
    const write = (want: string) => [
      FILE,
      INJECT,
      `{ do: file-write, file: /mnt/a, word: 5, expect: { ${want} } }`,
    ];
    const after = await DaxLab.run([
      ...write('pages: 4'),
      '{ do: file-read, file: /mnt/a, expect: { word: 5, pages: 4 } }',
    ]);
    expect(after.failures).toEqual([]);
    expect(after.calls('dax_recovery_write')).toHaveLength(1);
    expect(after.world.count('badblocks')).toBe(0);
    // 5.14 writes what lies before and stops.
    const before = await DaxLab.run(write('pages: 1'), { version: '5.14' });
    expect(before.failures).toEqual([]);
    expect(before.world.count('badblocks')).toBe(1);
  });

  it('ends the process that loads from it, and marks the page', async () => {
    const lab = await DaxLab.run([
      FILE,
      MAP,
      '{ actor: app, do: write, va: 0x7f0000000000, size: 16KiB, word: 1 }',
      INJECT,
      LOAD('fault: SIGBUS'),
    ]);
    expect(lab.failures).toEqual([]);
    expect(lab.page(BAD)?.flags).toContain('hwpoison');
    const fns = ['do_machine_check', 'dax_holder_notify_failure', 'mf_generic_kill_procs'];
    expect(fns.map((fn) => lab.calls(fn).length)).toEqual([1, 1, 1]);
    expect(lab.world.get('tasks', 'app')?.signal).toBe('SIGBUS');
  });

  it('is found by XFS among its files: every process that maps the page gets SIGBUS', async () => {
    const lab = await DaxLab.run(
      [
        FILE,
        MAP,
        MAP.replace('app', 'other'),
        '{ actor: app, do: write, va: 0x7f0000000000, size: 16KiB, word: 1 }',
        '{ actor: other, do: read, va: 0x7f0000000000, size: 16KiB }',
        INJECT,
        LOAD('fault: SIGBUS'),
      ],
      { setup: XFS },
    );
    expect(lab.failures).toEqual([]);
    expect(lab.calls('mf_dax_kill_procs')).toHaveLength(1);
    expect(['app', 'other'].map((id) => lab.world.get('tasks', id)?.signal)).toEqual([
      'SIGBUS',
      'SIGBUS',
    ]);
    // The page left every page table.
    expect(lab.ptes().some(({ pfn, pages }) => pfn <= BAD && BAD < pfn + pages)).toBe(false);
  });
});
