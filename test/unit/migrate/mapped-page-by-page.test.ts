// migrate_vma_collect_pmd() and a huge folio that is mapped page by page, since mprotect() took the
// right to write from one of its pages: mm/migrate_device.c of 6.12 leaves such pages (PageTransCompound),
// that of 7.2 splits the folio (migrate_vma_split_folio).
import { describe, expect, it } from 'vitest';
import { recordLab, runLab } from '../hmm/lab-run.ts';

const program = (moved: number) => [
  '{ actor: app, do: mmap, at: 0x7f0000000000, size: 4MiB }',
  '{ actor: app, do: madvise, va: 0x7f0000000000, size: 4MiB, advice: hugepage }',
  '{ actor: app, do: write, va: 0x7f0000000000, size: 2MiB, word: 1 }',
  '{ actor: app, do: mprotect, va: 0x7f0000000000, size: 4KiB, prot: r }',
  `{ actor: app, do: gpu0.migrate-to-device, va: 0x7f0000010000, size: 64KiB, expect: { moved: ${moved} } }`,
];

describe('migrate_vma_collect_pmd', () => {
  it.each([
    ['6.12', 0],
    ['6.18', 0],
    ['6.19', 16],
    ['7.2', 16],
  ])('in %s takes %i of 16 pages of the folio', async (version, moved) => {
    expect(await runLab({ version, program: program(moved) })).toEqual([]);
  });

  it.each([
    ['6.18', false],
    ['7.2', true],
  ])('in %s migrate_vma_split_folio runs: %s', async (version, runs) => {
    const log = await recordLab({ version, program: program(runs ? 16 : 0) });
    const names = Array.from({ length: log.length }, (_, nth) => log.step(nth + 1).fn);
    expect(names.includes('migrate_vma_split_folio')).toBe(runs);
  });
});
