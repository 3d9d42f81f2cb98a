import { describe, expect, test } from 'vitest';
import { runLab, VRAM_PFN } from './lab-run.ts';

const SETUP = [
  '{ actor: app, do: mmap, at: 0x7f0000000000, size: 64KiB }',
  '{ actor: app, do: write, va: 0x7f0000000000, size: 64KiB, word: 0, count: true }',
];
const TO_DEVICE =
  '{ actor: app, do: gpu0.migrate-to-device, va: 0x7f0000000000, size: 64KiB, expect: { moved: 16 } }';
const READ =
  '{ actor: app, do: read, va: 0x7f0000000000, size: 64KiB, expect: { words: [{ word: 0, count: true, pages: 16 }] } }';

/** Count of a device page nobody has, and of one that a process has (Documentation: 5.5). */
const COUNTS: readonly [string, number, number][] = [
  ['4.14', 1, 2],
  ['4.18', 1, 2],
  ['5.3', 1, 2],
  ['5.14', 1, 2],
  ['5.19', 1, 1],
  ['6.0', 1, 1],
  ['6.1', 0, 1],
  ['6.12', 0, 1],
  ['6.18', 0, 1],
  ['7.2', 0, 1],
];

describe('private device memory', () => {
  test.each(COUNTS)(
    'on %s is idle at %i and counts %i in use; a CPU access brings it back',
    async (version, idle, used) => {
      const program = [
        ...SETUP,
        `{ expect: [{ page: { pfn: ${VRAM_PFN}, refcount: ${idle} } }] }`,
        TO_DEVICE,
        `{ expect: [{ page: { pfn: ${VRAM_PFN}, refcount: ${used}, mapcount: 0 } }] }`,
        READ,
        `{ expect: [{ page: { pfn: ${VRAM_PFN}, refcount: ${idle}, mapcount: -1 } }] }`,
      ];
      expect(await runLab({ version, program })).toEqual([]);
    },
  );

  test('goes with mprotect: a read-only VMA has read-only device entries', async () => {
    const program = [
      ...SETUP,
      TO_DEVICE,
      '{ actor: app, do: mprotect, va: 0x7f0000000000, size: 64KiB, prot: r }',
      '{ expect: [{ pte: { actor: app, va: 0x7f0000000000, kind: device_private_read } }] }',
      READ,
    ];
    expect(await runLab({ version: '6.12', program })).toEqual([]);
  });

  test('is copied on write after fork, wherever the writer brings it', async () => {
    const program = [
      ...SETUP,
      TO_DEVICE,
      '{ actor: app, do: fork, child: kid }',
      '{ expect: [{ pte: { actor: app, va: 0x7f0000000000, kind: device_private_read } }, { pte: { actor: kid, va: 0x7f0000000000, kind: device_private_read } }] }',
      '{ actor: kid, do: write, va: 0x7f0000000000, size: 64KiB, word: 9 }',
      READ,
    ];
    expect(await runLab({ version: '6.12', program })).toEqual([]);
  });

  test('is given back by munmap and by the end of the process', async () => {
    const program = [
      ...SETUP,
      TO_DEVICE,
      '{ actor: app, do: munmap, va: 0x7f0000000000, size: 32KiB }',
      `{ expect: [{ page: { pfn: ${VRAM_PFN}, refcount: 0 } }, { page: { pfn: ${VRAM_PFN + 8}, refcount: 1 } }] }`,
      '{ actor: app, do: exit }',
      `{ expect: [{ page: { pfn: ${VRAM_PFN + 8}, refcount: 0 } }] }`,
    ];
    expect(await runLab({ version: '6.12', program })).toEqual([]);
  });

  test('of another device is not taken: the owner differs', async () => {
    const program = [
      ...SETUP,
      TO_DEVICE,
      '{ actor: app, do: gpu1.migrate-to-system, va: 0x7f0000000000, size: 64KiB, expect: { moved: 0 } }',
      '{ expect: [{ pte: { actor: app, va: 0x7f0000000000, kind: device_private_write } }] }',
    ];
    const devices = ['{ id: gpu0, model: gpu }', '{ id: gpu1, model: gpu }'];
    expect(await runLab({ version: '6.12', devices, program })).toEqual([]);
  });

  test('is not for the page cache: shared memory stays in RAM', async () => {
    const program = [
      '{ actor: app, do: mmap, at: 0x7f0000000000, size: 64KiB, shared: true }',
      '{ actor: app, do: write, va: 0x7f0000000000, size: 64KiB, word: 1 }',
      '{ actor: app, do: gpu0.migrate-to-device, va: 0x7f0000000000, size: 64KiB, expect: { moved: 0 } }',
      '{ actor: app, do: read, va: 0x7f0000000000, size: 64KiB, expect: { word: 1, faults: 0 } }',
    ];
    expect(await runLab({ version: '6.12', program })).toEqual([]);
  });
});

describe('two who touch the same memory', () => {
  test('a CPU waits for a migration under way, and reads what was moved', async () => {
    const program = [
      ...SETUP,
      '{ actor: app, do: thread, child: other }',
      `concurrently: [${TO_DEVICE}, ${READ.replace('actor: app', 'actor: other')}]`,
    ];
    const rest = [
      'schedule:',
      '  - run: { actor: app, until: migrate_vma_pages }',
      '  - run: { actor: other }',
      '  - run: { actor: app }',
    ];
    expect(await runLab({ version: '6.12', program, rest })).toEqual([]);
  });

  test('a device whose range is invalidated while it fills its page table looks again', async () => {
    const device =
      '{ actor: app, do: gpu0.device-read, va: 0x7f0000000000, size: 64KiB, expect: { words: [{ word: 0, count: false, pages: 16 }] } }';
    const zap = '{ actor: other, do: madvise, va: 0x7f0000000000, size: 64KiB, advice: dontneed }';
    const program = [
      ...SETUP,
      '{ actor: app, do: thread, child: other }',
      `concurrently: [${device}, ${zap}]`,
    ];
    const rest = [
      'schedule:',
      '  - run: { actor: app, until: mmap_read_unlock }',
      '  - run: { actor: other }',
      '  - run: { actor: app }',
    ];
    expect(await runLab({ version: '6.12', program, rest })).toEqual([]);
  });
});
