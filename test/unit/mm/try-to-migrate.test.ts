import { expect, it } from 'vitest';
import { runLab } from '../hmm/lab-run.ts';

const VA = '0x7f0000000000';

it.each(['6.1', '6.12', '7.2'])(
  'try_to_migrate_one on %s looks again: what a process unmapped while notifiers ran is gone',
  async (version) => {
    const wrong = await runLab({
      version,
      devices: ['{ id: gpu0, model: coherent-gpu, range: { start: 0x140000000, size: 256MiB } }'],
      program: [
        `{ actor: app, do: mmap, at: ${VA}, size: 16KiB }`,
        `{ actor: app, do: write, va: ${VA}, size: 16KiB, word: 1 }`,
        '{ actor: app, do: fork, child: child }',
        `{ actor: app, do: gpu0.migrate-to-device, va: ${VA}, size: 16KiB, expect: { moved: 4 } }`,
        `concurrently: [
          { actor: admin, do: gpu0.evict },
          { actor: app, do: exit } ]`,
        `{ actor: child, do: read, va: ${VA}, size: 16KiB, expect: { words: [{ word: 1, count: false, pages: 4 }] } }`,
        '{ actor: child, do: exit }',
        'gpu0.unbind',
      ],
      rest: [
        'schedule:',
        '  - hold: { actor: admin, at: mn_itree_invalidate }',
        '  - run: { actor: admin }',
        '  - run: { actor: app }',
        '  - release: admin',
      ],
    });
    expect(wrong).toEqual([]);
  },
);
