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
