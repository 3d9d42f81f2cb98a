import { describe, expect, it } from 'vitest';
import { runLab } from '../hmm/lab-run.ts';
import { AT, NODE_PAGES, PAGE, ProcessBench } from '../mm/process-bench.ts';

const va = Number(AT);
const VA = '0x7f0000000000';

const DEVICES = {
  PRIVATE: '{ id: gpu0, model: gpu }',
  COHERENT: '{ id: gpu0, model: coherent-gpu, range: { start: 0x140000000, size: 256MiB } }',
} as const;

/** 16 anonymous pages on a device, and what a kernel makes of an operation on them. */
async function onDevice(
  version: string,
  device: keyof typeof DEVICES,
  program: readonly string[],
  rest: readonly string[] = [],
): Promise<string[]> {
  const setup = [
    `{ actor: app, do: mmap, at: ${VA}, size: 64KiB }`,
    `{ actor: app, do: write, va: ${VA}, size: 64KiB, word: 1 }`,
    `{ actor: app, do: gpu0.migrate-to-device, va: ${VA}, size: 64KiB, expect: { moved: 16 } }`,
  ];
  const devices = [DEVICES[device]];
  return runLab({ version, devices, program: [...setup, ...program], rest });
}

describe('move_pages of pages that a device has', () => {
  it.each([
    ['4.14', 'PRIVATE', 'do_move_page_to_node_array', 'device private entry'],
    ['5.3', 'PRIVATE', 'add_page_for_migration', 'device private entry'],
    ['6.1', 'PRIVATE', 'add_page_for_migration', 'device private entry'],
    ['7.2', 'PRIVATE', 'add_folio_for_migration', 'device private entry'],
    // Public memory: the tree of pagemaps does not know it.
    ['4.14', 'COHERENT', 'do_move_page_to_node_array', 'get_dev_pagemap() == NULL'],
    ['6.1', 'COHERENT', 'add_page_for_migration', 'folio_is_zone_device'],
    ['6.12', 'COHERENT', 'add_folio_for_migration', 'folio_is_zone_device'],
  ] as const)('in %s, %s: -ENOENT from %s', async (version, device, fn, check) => {
    const move = `{ actor: app, do: move-pages, va: ${VA}, size: 64KiB, node: 0, expect: { moved: 0, error: ENOENT } }`;
    const error = `  - error: { errno: ENOENT, fn: ${fn}, check: "${check}" }`;
    expect(await onDevice(version, device, [move], ['expect:', error])).toEqual([]);
  });
});

describe('page cache as a source of migrate_vma', () => {
  const cache = [
    `{ do: create-file, file: /data, fs: generic, size: 64KiB }`,
    `{ do: file-write, file: /data, word: 9 }`,
    `{ actor: app, do: mmap, at: ${VA}, size: 64KiB, file: /data, shared: true }`,
    `{ actor: app, do: read, va: ${VA}, size: 64KiB, expect: { word: 9 } }`,
  ];
  it.each([
    ['4.14', 'PRIVATE', 0, 'migrate_vma_pages:continue'],
    ['5.14', 'PRIVATE', 0, 'migrate_vma_pages:continue'],
    ['6.0', 'COHERENT', 0, 'migrate_vma_pages:continue'],
    ['6.12', 'PRIVATE', 0, '__migrate_device_pages:continue'],
    ['7.2', 'COHERENT', 0, '__migrate_device_pages:continue'],
    // MEMORY_DEVICE_PUBLIC takes pages of any mapping.
    ['4.14', 'COHERENT', 16, ''],
  ] as const)(
    'in %s for %s memory: %i of 16 pages go, others stop in %s',
    async (version, device, moved, fn) => {
      const program = [
        ...cache,
        `{ actor: app, do: gpu0.migrate-to-device, va: ${VA}, size: 64KiB, expect: { moved: ${moved} } }`,
        `{ actor: app, do: gpu0.migrate-to-system, va: ${VA}, size: 64KiB, expect: { moved: ${moved} } }`,
        `{ do: file-read, file: /data, expect: { word: 9, uniform: true } }`,
      ];
      const rest =
        fn === ''
          ? []
          : ['expect:', `  - error: { errno: EBUSY, fn: "${fn}", check: folio_test_anon }`];
      expect(await runLab({ version, devices: [DEVICES[device]], program, rest })).toEqual([]);
    },
  );
});

describe('MADV_FREE', () => {
  it('leaves pages of a device as they are', async () => {
    const program = [
      `{ actor: app, do: madvise, va: ${VA}, size: 64KiB, advice: free }`,
      `expect: [{ page: { pfn: 0x140000, refcount: 1, mapcount: 0 } }, { pte: { actor: app, va: ${VA}, flags: [write, young, dirty, anon_exclusive] } }]`,
    ];
    expect(await onDevice('6.12', 'COHERENT', program)).toEqual([]);
  });
});

describe('a pinned anonymous page', () => {
  it.each([
    ['5.14', 'migrate_page_move_mapping'],
    ['6.1', 'page_try_share_anon_rmap'],
    ['6.12', 'folio_try_share_anon_rmap_pte'],
  ])('stops its migration in %s at %s', (version, fn) => {
    const bench = new ProcessBench(version);
    bench.run('app', 'mmap', { at: va, size: '4MiB' });
    bench.run('app', 'write', { va, pages: 1, word: 1 });
    const { pfn = 0, flags } = bench.pte('app', AT) ?? {};
    bench.world.update('pages', pfn, pfn + 1, { refcount: 1025 });
    const before = bench.log.length;
    const reply = bench.run('app', 'move-pages', { va, pages: 1, node: 1 });
    expect(reply).toMatchObject({ moved: 0, error: 'EAGAIN' });
    const names = bench.calls(before + 1);
    expect(names).toContain(fn);
    expect(names.includes('migrate_page_move_mapping')).toBe(version === '5.14');
    expect(bench.pte('app', AT)).toMatchObject({ pfn, kind: 'present' });
    if (version !== '5.14') expect(bench.pte('app', AT)?.flags).toBe(flags);
  });

  it('lets the pages around it go', () => {
    const bench = new ProcessBench('6.12');
    bench.run('app', 'mmap', { at: va, size: '4MiB' });
    bench.run('app', 'write', { va, pages: 8, word: 1, count: true });
    const fourth = AT + 3n * PAGE;
    const pfn = bench.pte('app', fourth)?.pfn ?? 0;
    bench.run('app', 'pin', { va: Number(fourth), pages: 1, as: 'dma' });
    expect(bench.run('app', 'move-pages', { va, pages: 8, node: 1 })).toMatchObject({ moved: 7 });
    const pfns = Array.from(
      { length: 8 },
      (_, at) => bench.pte('app', AT + BigInt(at) * PAGE)?.pfn ?? 0,
    );
    expect(pfns.filter((at) => at < NODE_PAGES)).toEqual([pfn]);
    expect(bench.run('app', 'read', { va, pages: 8 })).toMatchObject({ word: 1, count: true });
  });
});
