// Namespaces under kernels whose pages are not of 4 KiB: 4 GiB of persistent memory at 4 GiB.
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBatch } from '../../../src/main/bench/batch/run.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const ARM64 = { arch: 'arm64', start: '0x40000000', end: '0x7fffffff' };
const PPC64 = { arch: 'ppc64', start: '0x0', end: '0x3fffffff' };

interface Machine {
  readonly arch: string;
  readonly start: string;
  readonly end: string;
}

/** A sentence for everything that does not hold. */
async function run(
  { arch, start, end }: Machine,
  version: string,
  config: string,
  program: string[],
): Promise<string[]> {
  const lab = [
    'pfnlab: 1',
    'title: test',
    `kernel: { version: "${version}", arch: ${arch}, model: sparsemem-vmemmap, config: { ${config} } }`,
    `machine: { memory: [ { start: ${start}, end: ${end}, type: usable } ] }`,
    'devices: [ { id: nvdimm0, model: nvdimm, range: { start: 0x100000000, size: 4GiB } } ]',
    'program:',
    ...['boot', ...program].map((entry) => `  - ${entry}`),
  ].join('\n');
  const batch = await runBatch('test.lab.yaml', lab, ROOT);
  if (!batch.ok) throw new Error(batch.problems.join('\n'));
  const { verdicts, faults } = batch.value;
  return [...verdicts, ...faults]
    .filter(({ ok }) => !ok)
    .map(({ at, want, got }) => `${at}: wanted ${want}, got ${got}`);
}

const create = (args: string, errno = '0') =>
  errno === '0'
    ? `nvdimm0.create-namespace: { ${args} }`
    : `{ nvdimm0.create-namespace: { ${args} }, expect: { errno: ${errno} } }`;
const altmap = (fields: string) =>
  `expect: [ { pgmap: { start: 0x100000000, end: 0x1ffffffff, altmap: { ${fields} } } } ]`;
const firstData = (pfn: number) =>
  `expect: [ { page: { pfn: ${pfn}, zone: Device, refcount: 1 } } ]`;

describe('nd_pfn_init: the memmap of a namespace on the device', () => {
  it('of 262144 pages of 16 KiB is 1024 of them; data begins at a huge page of 32 MiB', async () => {
    const wrong = await run(ARM64, '6.12', 'ARM64_16K_PAGES: y, ARM64_4K_PAGES: n', [
      create('mode: fsdax, map: dev'),
      // 8 KiB are less than a page: one is spared. 32 MiB are 2048.
      altmap('reserve: 1, free: 2047, align: 0, alloc: 1024'),
      firstData(0x40000 + 2048),
    ]);
    expect(wrong).toEqual([]);
  });

  it('of 65536 pages of 64 KiB is 64 of them; data begins at a huge page of 512 MiB', async () => {
    const wrong = await run(ARM64, '6.12', 'ARM64_64K_PAGES: y, ARM64_4K_PAGES: n', [
      create('mode: fsdax, map: dev'),
      altmap('reserve: 1, free: 8191, align: 0, alloc: 64'),
      firstData(0x10000 + 8192),
    ]);
    expect(wrong).toEqual([]);
  });

  it.each([
    ['4.16', 0],
    ['5.2', 1],
  ])(
    'init_altmap_reserve on %s with pages of 64 KiB: %i for the info block',
    async (version, reserve) => {
      // 8 KiB and 4 MiB of memmap, up to 2 MiB: 96 pages. What is left of the 96th is not a whole page.
      const wrong = await run(PPC64, version, '', [
        create('mode: fsdax, map: dev'),
        altmap(`reserve: ${reserve}, free: 95`),
        firstData(0x10000 + 96),
      ]);
      expect(wrong).toEqual([]);
    },
  );
});

describe('nd_pfn_supported_alignments: a page, a huge page, and one by the PUD where there are such', () => {
  it.each([
    [ARM64, '6.12', 'ARM64_16K_PAGES: y, ARM64_4K_PAGES: n', ['16KiB', '32MiB'], ['4KiB', '1GiB']],
    [ARM64, '6.12', 'ARM64_64K_PAGES: y, ARM64_4K_PAGES: n', ['64KiB', '512MiB'], ['2MiB', '1GiB']],
    [ARM64, '6.12', 'ARM64_4K_PAGES: y', ['4KiB', '2MiB'], ['1GiB']],
    [PPC64, '6.1', '', ['64KiB', '2MiB'], ['4KiB', '1GiB']],
    [PPC64, '6.12', '', ['64KiB', '2MiB', '1GiB'], ['4KiB']],
  ])('$arch %s { %s }', async (machine, version, config, good, bad) => {
    const wrong = await run(machine, version, config, [
      ...bad.map((align) => create(`mode: devdax, align: ${align}`, 'EINVAL')),
      ...good.flatMap((align) => [
        create(`mode: devdax, align: ${align}`),
        'nvdimm0.ns0.destroy-namespace: { force: true }',
      ]),
    ]);
    expect(wrong).toEqual([]);
  });

  it('a page alone where there are no transparent huge pages, which is then the default', async () => {
    const wrong = await run(ARM64, '6.12', 'TRANSPARENT_HUGEPAGE: n', [
      create('mode: devdax, align: 2MiB', 'EINVAL'),
      create('mode: devdax'),
      firstData(0x100000 + 66 * 256),
    ]);
    expect(wrong).toEqual([]);
  });
});

describe('alloc_dax: the pages of a device', () => {
  it('are those of the kernel: a process maps the first data page of 64 KiB', async () => {
    const wrong = await run(ARM64, '6.12', 'ARM64_64K_PAGES: y, ARM64_4K_PAGES: n', [
      create('mode: devdax, align: 64KiB'),
      '{ actor: app, do: mmap, file: /dev/dax0.0, at: 0x7f0000000000, size: 1MiB, shared: true }',
      '{ actor: app, do: write, va: 0x7f0000010000, size: 64KiB, word: 5 }',
      `expect: [ { pte: { actor: app, va: 0x7f0000010000, kind: present, pfn: ${0x10000 + 97} } } ]`,
    ]);
    expect(wrong).toEqual([]);
  });
});
