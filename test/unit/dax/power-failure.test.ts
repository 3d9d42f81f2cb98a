// What persistent memory keeps when the power fails: stores in the caches of the CPUs, and their ways out.
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBatch } from '../../../src/main/bench/batch/run.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const VA = '0x7f0000000000';

/** A mounted file of 16 pages that one process maps, and a program. */
async function batchOf(domain: string, program: readonly string[], version: string) {
  const lab = [
    'pfnlab: 1',
    'title: test',
    `kernel: { version: "${version}", arch: x86_64, model: sparsemem-vmemmap }`,
    'machine: { memory: [ { start: 0x100000, end: 0x1fffffff, type: usable } ] }',
    `devices: [ { id: nvdimm0, model: nvdimm, range: { start: 0x100000000, size: 1GiB }, persistence_domain: "${domain}" } ]`,
    'program:',
    '  - boot',
    '  - nvdimm0.create-namespace: { mode: fsdax, map: mem }',
    '  - nvdimm0.ns0.mount: { fs: ext4, options: dax, at: /mnt }',
    `  - { actor: app, do: mmap, file: /mnt/a, at: ${VA}, size: 64KiB, shared: true }`,
    ...program.map((entry) => `  - ${entry}`),
  ].join('\n');
  const batch = await runBatch('test.lab.yaml', lab, ROOT);
  if (!batch.ok) throw new Error(batch.problems.join('\n'));
  return batch.value;
}

/** A sentence for everything that does not hold. */
async function run(
  domain: string,
  program: readonly string[],
  version = '6.12',
): Promise<string[]> {
  const { verdicts, faults } = await batchOf(domain, program, version);
  return [...verdicts, ...faults]
    .filter(({ ok }) => !ok)
    .map(({ at, want, got }) => `${at}: wanted ${want}, got ${got}`);
}

const store = (word: number, pages = 16, more = '') =>
  `{ actor: app, do: write, va: ${VA}, pages: ${pages}, word: ${word}${more} }`;
const load = (words: string) =>
  `{ actor: app, do: read, va: ${VA}, size: 64KiB, expect: { words: [${words}] } }`;
const of = (word: number, pages: number, count = false) =>
  `{ word: ${word}, count: ${count}, pages: ${pages} }`;
const fails = (lost: number) => `{ power-failure: {}, expect: { lost: ${lost} } }`;
const fsync = (pages: number) =>
  `{ actor: app, do: fsync, file: /mnt/a, expect: { pages: ${pages} } }`;

describe('power_failure: what was stored and not flushed', () => {
  it.each([
    ['memory_controller', 16, 0],
    ['cpu_cache', 0, 5],
  ])('nvdimm_pmem_region_create with %s: %i pages are lost', async (domain, lost, left) => {
    const wrong = await run(domain, [store(5), fails(lost), load(of(left, 16))]);
    expect(wrong).toEqual([]);
  });

  it('is not looked at where the lab does not say the persistence domain', async () => {
    expect(await run('', [store(5), fails(0), load(of(5, 16))])).toEqual([]);
  });

  it('gives way to what the media hold, also in the middle of a buffer that counts', async () => {
    // 1024 words a page: the page behind eight begins with 8192.
    const wrong = await run('memory_controller', [
      store(0, 16, ', count: true'),
      fsync(16),
      `{ actor: app, do: write, va: 0x7f0000004000, pages: 4, word: 9 }`,
      load(`${of(0, 4, true)}, ${of(9, 4)}, ${of(8192, 8, true)}`),
      fails(4),
      load(of(0, 16, true)),
    ]);
    expect(wrong).toEqual([]);
  });

  it('does not happen twice: a second failure finds the media and the caches equal', async () => {
    const wrong = await run('memory_controller', [
      store(5),
      fails(16),
      fails(0),
      store(6),
      fails(16),
    ]);
    expect(wrong).toEqual([]);
  });
});

describe('what makes a store safe', () => {
  it.each(['5.10', '6.1', '6.12', '7.2'])(
    'dax_writeback_mapping_range on %s: dax_flush once, and dax_writeback_one makes the next store fault',
    async (version) => {
      const wrong = await run(
        'memory_controller',
        [
          ...[store(5), fsync(16), fsync(0)],
          `{ actor: app, do: write, va: ${VA}, pages: 4, word: 6, expect: { faults: 1 } }`,
          ...[fsync(4), fails(0), load(`${of(6, 4)}, ${of(5, 12)}`)],
        ],
        version,
      );
      expect(wrong).toEqual([]);
    },
  );

  it('CLWB by the program itself, line by line', async () => {
    const wrong = await run('memory_controller', [
      store(5),
      `{ actor: app, do: clwb, va: ${VA}, pages: 4, expect: { pages: 4 } }`,
      fails(12),
      load(`${of(5, 4)}, ${of(0, 12)}`),
    ]);
    expect(wrong).toEqual([]);
  });

  it('write(2), which goes around the caches and takes older stores along', async () => {
    const wrong = await run('memory_controller', [
      store(5),
      '{ actor: app, do: file-write, file: /mnt/a, size: 32KiB, word: 7 }',
      fails(8),
      load(`${of(7, 8)}, ${of(0, 8)}`),
    ]);
    expect(wrong).toEqual([]);
  });

  it('umount(2)', async () => {
    const wrong = await run('memory_controller', [
      store(5),
      `{ actor: app, do: munmap, va: ${VA}, size: 64KiB }`,
      'umount: { at: /mnt }',
      fails(0),
    ]);
    expect(wrong).toEqual([]);
  });
});

describe('the steps of a flush and of a power failure', () => {
  it.each([
    ['nvdimm_pmem_region_create', 1],
    ['dax_writeback_mapping_range', 2],
    ['dax_writeback_one', 1],
    ['dax_flush', 1],
    ['power_failure', 1],
  ])('%s: %i, where a file is synced twice', async (fn, times) => {
    const program = [store(5), fsync(16), fsync(0), fails(0)];
    const { log } = (await batchOf('memory_controller', program, '6.12')).execution;
    const steps = Array.from({ length: log.length }, (_, at) => log.step(at + 1));
    const calls = steps.filter((step) => step.fn === fn && step.kind === 'call');
    expect(calls).toHaveLength(times);
  });
});
