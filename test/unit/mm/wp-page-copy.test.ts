import { expect, it } from 'vitest';
import { runLab } from '../hmm/lab-run.ts';

const VA = '0x7f0000000000';

// A run of pages is copied in one step, but each entry is compared by itself, as pte_same() does.
it.each(['5.3', '6.12', '7.2'])(
  'wp_page_copy on %s leaves alone the pages that another thread copied meanwhile',
  async (version) => {
    const wrong = await runLab({
      version,
      devices: ['{ id: gpu0, model: gpu }'],
      program: [
        `{ actor: app, do: mmap, at: ${VA}, size: 16KiB }`,
        `{ actor: app, do: write, va: ${VA}, size: 16KiB, word: 1 }`,
        '{ actor: app, do: fork, child: child }',
        '{ actor: app, do: thread, child: thread }',
        `concurrently: [
          { actor: app, do: write, va: ${VA}, size: 16KiB, word: 2 },
          { actor: thread, do: write, va: 0x7f0000002000, size: 4KiB, word: 3 } ]`,
        `{ actor: child, do: read, va: ${VA}, size: 16KiB, expect: { words: [{ word: 1, count: false, pages: 4 }] } }`,
        '{ actor: thread, do: exit }',
        '{ actor: app, do: exit }',
        `{ actor: child, do: write, va: ${VA}, size: 16KiB, word: 4 }`,
        '{ actor: child, do: exit }',
      ],
      rest: [
        'schedule:',
        '  - hold: { actor: app, at: vma_alloc_folio }',
        '  - run: { actor: app }',
        '  - run: { actor: thread }',
        '  - release: app',
      ],
    });
    expect(wrong).toEqual([]);
  },
);
