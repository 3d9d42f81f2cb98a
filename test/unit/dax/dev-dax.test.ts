import { describe, expect, it } from 'vitest';
import { DaxLab } from './dax-lab.ts';

/** With `map: mem` the data begins 2 MiB in, at PFN 0x100200. */
const DEVDAX = (align: string) => [
  `nvdimm0.create-namespace: { mode: devdax, map: mem, align: ${align} }`,
];
const map = (size: string, at: string, more = 'shared: true') =>
  `{ actor: app, do: mmap, file: /dev/dax0.0, at: ${at}, size: ${size}, ${more} }`;
const VA = '0x7f0000000000';
const store = (want: string, size = '4KiB') =>
  `{ actor: app, do: write, va: ${VA}, size: ${size}, word: 7, catch: true, expect: { ${want} } }`;

async function run(program: readonly string[], align: string, version = '6.12') {
  const lab = await DaxLab.run(program, { version, setup: DEVDAX(align) });
  expect(lab.failures).toEqual([]);
  return lab;
}

describe('mmap of a device-dax', () => {
  it('wants a shared mapping, aligned to the device', async () => {
    await run(
      [
        map('2MiB', VA, 'shared: false').replace(' }', ', expect: { errno: EINVAL } }'),
        map('2MiB', '0x7f0000100000').replace(' }', ', expect: { errno: EINVAL } }'),
        map('1MiB', VA).replace(' }', ', expect: { errno: EINVAL } }'),
        map('2MiB', VA),
      ],
      '2MiB',
    );
  });

  it('finds no device where the namespace is gone', async () => {
    await run(
      ['nvdimm0.ns0.unbind: {}', map('2MiB', VA).replace(' }', ', expect: { errno: ENOENT } }')],
      '2MiB',
    );
  });
});

describe('a fault on a device-dax', () => {
  it('of 2 MiB alignment maps PMDs, a run of them in one step', async () => {
    const lab = await run([map('64MiB', VA), store('pages: 16384', '64MiB')], '2MiB');
    expect(lab.ptes()).toEqual([
      {
        pages: 16384,
        level: 'pmd',
        kind: 'present',
        pfn: 0x100200,
        flags: 'write|young|dirty|devmap',
      },
    ]);
    expect(lab.calls('__dev_dax_pmd_fault').map(({ count }) => count)).toEqual([32]);
    expect(lab.world.at('page_mappings', 0x100200)).toMatchObject({ mapping: 'file:/dev/dax0.0' });
  });

  it('of 4 KiB alignment falls back from PUD and PMD to PTEs', async () => {
    const lab = await run([map('2MiB', VA), store('fault: ""')], '4KiB');
    expect(lab.ptes().map(({ level, pages }) => [level, pages])).toEqual([['pte', 1]]);
    const notes = lab.note('__dev_dax_pmd_fault');
    expect(notes).toContain('dev_dax->align < fault_size');
  });

  it('counts its pages from 6.15 on: 1 idle, 2 mapped', async () => {
    const lab = await run([map('2MiB', VA), store('fault: ""')], '2MiB', '6.18');
    expect(lab.page(0x100200)).toMatchObject({ compound_order: 9, refcount: 2, mapcount: 0 });
    expect(lab.page(0x100400)).toMatchObject({ refcount: 1, mapcount: -1 });
  });

  it('may be pinned for long, unlike a DAX file', async () => {
    await run(
      [
        map('2MiB', VA),
        `{ actor: app, do: pin, va: ${VA}, pages: 4, write: true, longterm: true, expect: { pages: 4 } }`,
      ],
      '2MiB',
    );
  });

  it('ends in SIGBUS once the device is gone, and its pages leave the page tables', async () => {
    const lab = await run(
      [map('2MiB', VA), store('fault: ""'), 'nvdimm0.ns0.unbind: {}', store('fault: SIGBUS')],
      '2MiB',
    );
    expect(lab.ptes()).toEqual([]);
    expect(lab.calls('kill_dev_dax')).toHaveLength(1);
  });
});
