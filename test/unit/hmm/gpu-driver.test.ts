import { describe, expect, it } from 'vitest';
import { runLab } from './lab-run.ts';

const VA = '0x7f0000000000';
const MEMORY = [
  `{ actor: app, do: mmap, at: ${VA}, size: 16KiB }`,
  `{ actor: app, do: write, va: ${VA}, size: 16KiB, word: 1 }`,
];

describe.each(['4.14', '5.14', '6.12', '7.2'])('the driver of the GPU on %s', (version) => {
  it('does not let the GPU write to what is shared since a fork', async () => {
    const wrong = await runLab({
      version,
      program: [
        ...MEMORY,
        '{ actor: app, do: fork, child: child }',
        `{ actor: app, do: gpu0.migrate-to-device, va: ${VA}, size: 16KiB }`,
        `{ actor: app, do: gpu0.device-write, va: ${VA}, size: 16KiB, word: 2 }`,
        `{ actor: child, do: read, va: ${VA}, size: 16KiB, expect: { words: [{ word: 1, count: false, pages: 4 }] } }`,
        `{ actor: app, do: read, va: ${VA}, size: 16KiB, expect: { words: [{ word: 2, count: false, pages: 4 }] } }`,
      ],
    });
    expect(wrong).toEqual([]);
  });

  it('takes the mirror away from a GPU that is reading: -ENODEV, and no lock is left', async () => {
    const wrong = await runLab({
      version,
      program: [
        ...MEMORY,
        `concurrently: [
          { actor: engine, do: gpu0.device-read, task: app, va: ${VA}, size: 4KiB, expect: { errno: ENODEV } },
          { actor: admin, do: gpu0.unbind } ]`,
      ],
      rest: [
        'schedule:',
        '  - hold: { actor: engine, at: gpu_svm_fault }',
        '  - run: { actor: engine }',
        '  - run: { actor: admin }',
        '  - release: engine',
      ],
    });
    expect(wrong).toEqual([]);
  });
});

describe.each(['4.14', '5.4', '5.14', '6.0', '6.1', '7.2'])(
  'a GPU whose VRAM is full, on %s',
  (version) => {
    const at = (nth: number) => `0x7f${nth}000000000`;
    const buffer = (nth: number, size = '64MiB') => [
      `{ actor: app, do: mmap, at: ${at(nth)}, size: ${size} }`,
      `{ actor: app, do: write, va: ${at(nth)}, size: ${size}, word: ${nth + 1} }`,
    ];
    const move = (nth: number, moved: number, size = '64MiB') =>
      `{ actor: app, do: gpu0.migrate-to-device, va: ${at(nth)}, size: ${size}, expect: { moved: ${moved} } }`;
    const kind = (nth: number, wanted: string) =>
      `pte: { actor: app, va: ${at(nth)}, kind: ${wanted} }`;
    const devices = ['{ id: gpu0, model: gpu, vram: 128MiB }'];

    it('evicts what came first, and leaves what is asked for again where it is', async () => {
      const wrong = await runLab({
        ...{ version, devices },
        program: [
          ...[0, 1, 2].flatMap((nth) => buffer(nth)),
          ...[move(0, 16384), move(1, 16384), move(1, 0), move(2, 16384)],
          `expect: [ { ${kind(0, 'present')} }, { ${kind(1, 'device_private_write')} }, { ${kind(2, 'device_private_write')} } ]`,
          `{ actor: app, do: gpu0.device-read, va: ${at(0)}, size: 64MiB, expect: { words: [{ word: 1, count: false, pages: 16384 }] } }`,
          `{ actor: app, do: read, va: ${at(2)}, size: 64MiB, expect: { words: [{ word: 3, count: false, pages: 16384 }] } }`,
        ],
      });
      expect(wrong).toEqual([]);
    });

    it('takes of a buffer larger than itself as much as it has pages', async () => {
      const wrong = await runLab({
        ...{ version, devices },
        program: [...buffer(0), ...buffer(1, '160MiB'), move(0, 16384), move(1, 32768, '160MiB')],
        rest: ['expect:', `  - ${kind(0, 'present')}`],
      });
      expect(wrong).toEqual([]);
    });
  },
);

it('a page somebody has pinned stays in coherent VRAM that is evicted; the next goes in its place', async () => {
  // 4 MiB are 1024 pages. The third buffer needs 512: 511 of the first, and one of the second.
  const buffers = [0, 1, 2].map((nth) => `0x7f${nth}000000000`);
  const moved = (va: string) =>
    `{ actor: app, do: gpu0.migrate-to-device, va: ${va}, size: 2MiB, expect: { moved: 512 } }`;
  const [first = '', second = '', third = ''] = buffers;
  const wrong = await runLab({
    version: '6.12',
    devices: ['{ id: gpu0, model: coherent-gpu, range: { start: 0x140000000, size: 4MiB } }'],
    program: [
      ...buffers.flatMap((va) => [
        `{ actor: app, do: mmap, at: ${va}, size: 2MiB }`,
        `{ actor: app, do: write, va: ${va}, size: 2MiB, word: 1 }`,
      ]),
      ...[moved(first), moved(second)],
      `{ actor: app, do: pin, va: ${first}, pages: 1, as: io, expect: { pfn: 0x140000 } }`,
      moved(third),
      `{ actor: app, do: unpin, name: io }`,
    ],
    rest: [
      'expect:',
      `  - pte: { actor: app, va: ${first}, pfn: 0x140000 }`,
      '  - device: { id: gpu0, registers: { used: 513 } }',
    ],
  });
  expect(wrong).toEqual([]);
});

describe.each(['5.4', '5.14', '6.12', '7.2'])('GPUs of one hive, on %s', (version) => {
  it('move what a peer has through RAM, and find what they have themselves in place', async () => {
    const wrong = await runLab({
      version,
      devices: [
        '{ id: gpu0, model: gpu, vram: 128MiB, hive: xgmi }',
        '{ id: gpu1, model: gpu, vram: 128MiB, hive: xgmi }',
      ],
      program: [
        ...MEMORY,
        `{ actor: app, do: gpu0.migrate-to-device, va: ${VA}, size: 8KiB, expect: { moved: 2 } }`,
        `{ actor: app, do: gpu1.migrate-to-device, va: ${VA}, size: 16KiB, expect: { moved: 4 } }`,
        `{ actor: app, do: gpu1.migrate-to-device, va: ${VA}, size: 16KiB, expect: { moved: 0 } }`,
        `{ actor: app, do: gpu0.device-read, va: ${VA}, size: 16KiB, expect: { words: [{ word: 1, count: false, pages: 4 }] } }`,
        `expect: [ { pte: { actor: app, va: ${VA}, kind: device_private_write } } ]`,
      ],
    });
    expect(wrong).toEqual([]);
  });
});
