// Modules the API offers to plugins, imported by a plugin, in its sandbox.
import { describe, expect, it } from 'vitest';
import { LIBRARY } from '../../../src/main/plugins/library.ts';
import { loadFolder, manifest, ModelRun, moduleWith, pluginFolder } from './model-run.ts';

const REGISTERS = [
  { id: 'free', type: 'json', count: 4 },
  { id: 'depth', type: 'u32', reset: 0 },
  { id: 'mirrors', type: 'json', count: 64 },
];
const LIST = "const LIST = { runs: 'free', top: 'depth', most: 4 };\n";

async function problemsOf(before: string, go = 'return 0;'): Promise<string[]> {
  const text = manifest({}, { registers: REGISTERS });
  const result = await loadFolder(pluginFolder(text, moduleWith(go, before)));
  return result.ok ? [] : result.problems.map(({ message }) => message);
}

/** What the action gives back in a plugin that imports `names` of `module`. */
async function given(module: string, names: string, go: string): Promise<unknown> {
  const text = manifest({}, { registers: REGISTERS });
  const source = moduleWith(go, `import { ${names} } from '${module}';\n${LIST}`);
  const result = await loadFolder(pluginFolder(text, source));
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  const [model] = result.plugin.models;
  if (!model) throw new Error('no model');
  return new ModelRun(model).act();
}

describe('a module of the library', () => {
  it.each([...LIBRARY.keys()])('%s loads in a plugin', async (name) => {
    expect(await problemsOf(`import '${name}';\n`)).toEqual([]);
  });

  it('that is not there is told with the name that may have been meant', async () => {
    expect(await problemsOf("import { take } from 'pfnlab:freelist';\n")).toEqual([
      "there is no 'pfnlab:freelist'; did you mean 'pfnlab:free-list'?",
    ]);
  });

  it('of the sandbox itself is not to be had', async () => {
    const [message] = await problemsOf("import 'pfnlab:prelude.js';\n");
    expect(message).toMatch(/^there is no 'pfnlab:prelude.js'; /);
  });

  it('keeps nothing that a plugin writes to it', async () => {
    const go = `try { push.kept = 1; } catch (error) { return { name: error.name, kept: push.kept ?? 0 }; }`;
    expect(await given('pfnlab:free-list', 'push', go)).toEqual({ name: 'TypeError', kept: 0 });
  });
});

describe('pfnlab:free-list', () => {
  const list = (go: string) => given('pfnlab:free-list', 'forget, push, take', go);

  it('take: gives the pages that were pushed last, lowest first, fewer than asked where a run ends', async () => {
    const go = `
      push(k, LIST, { pfn: 100, end: 104 });
      push(k, LIST, { pfn: 200, end: 202 });
      return [take(k, LIST, 1), take(k, LIST, 9), take(k, LIST, 1), take(k, LIST, 9), take(k, LIST, 1)];`;
    expect(await list(go)).toEqual([
      { pfn: 200, end: 201 },
      { pfn: 201, end: 202 },
      { pfn: 100, end: 101 },
      { pfn: 101, end: 104 },
      null,
    ]);
  });

  it('take: whole blocks of an order at their alignment, and the pages around them stay', async () => {
    // From 513 to 2047: the block at 512 lacks its first page, that at 1536 its last; 1024 is whole.
    const go = `
      push(k, LIST, { pfn: 513, end: 2047 });
      return [take(k, LIST, 600, 9), take(k, LIST, 1, 9), take(k, LIST, 2000)];`;
    expect(await list(go)).toEqual([{ pfn: 1024, end: 1536 }, null, { pfn: 513, end: 1024 }]);
  });

  it('push: joins what touches, on either side, and says where the list is full', async () => {
    const go = `
      push(k, LIST, { pfn: 10, end: 20 });
      push(k, LIST, { pfn: 20, end: 30 });
      push(k, LIST, { pfn: 5, end: 10 });
      const joined = [k.read('depth'), k.read('free', 0)];
      const kept = [50, 60, 70, 80].map((pfn) => push(k, LIST, { pfn, end: pfn + 1 }));
      return { joined, kept };`;
    expect(await list(go)).toEqual({
      joined: [1, { pfn: 5, end: 30 }],
      kept: [true, true, true, false],
    });
  });

  it('usedRuns: what of a range is not free, in order, however the list stands', async () => {
    const go = `
      for (const pfn of [50, 10, 30]) push(k, LIST, { pfn, end: pfn + 5 });
      return [usedRuns(k, LIST, { pfn: 0, end: 60 }), usedRuns(k, LIST, { pfn: 12, end: 33 })];`;
    const used = [
      [
        { pfn: 0, end: 10 },
        { pfn: 15, end: 30 },
        { pfn: 35, end: 50 },
        { pfn: 55, end: 60 },
      ],
      [{ pfn: 15, end: 30 }],
    ];
    expect(await given('pfnlab:free-list', 'push, usedRuns', go)).toEqual(used);
  });

  it('forget: a range, or everything', async () => {
    const go = `
      for (const pfn of [10, 30, 50]) push(k, LIST, { pfn, end: pfn + 5 });
      forget(k, LIST, { pfn: 32, end: 40 });
      const some = [k.read('depth'), k.read('free', 0), k.read('free', 1), k.read('free', 2)];
      forget(k, LIST);
      return { some, left: k.read('depth') };`;
    expect(await list(go)).toEqual({
      some: [2, { pfn: 10, end: 15 }, { pfn: 50, end: 55 }, null],
      left: 0,
    });
  });
});

describe('pfnlab:runs', () => {
  const runs = (go: string) =>
    given('pfnlab:runs', 'bytesOf, hugeOrder, joinWords, pagesIn, pairs', go);

  it('pages and bytes, by the architecture', async () => {
    expect(await runs('return [bytesOf(k, 3), pagesIn(k, 0x3fffn), hugeOrder(k)];')).toEqual([
      0x3000n,
      3,
      9,
    ]);
  });

  it('pairs: where a migrated source meets a destination', async () => {
    const go = `
      const src = [
        { index: 0, count: 4, migrate: true },
        { index: 4, count: 4, migrate: false },
        { index: 8, count: 8, migrate: true },
      ];
      const dst = [{ index: 2, count: 8, pfn: 100 }, { index: 12, count: 2, pfn: 200 }];
      return pairs(src, dst).map(({ index, count, dst: to }) => [index, count, to.pfn]);`;
    expect(await runs(go)).toEqual([
      [2, 2, 100],
      [8, 2, 100],
      [12, 2, 200],
    ]);
  });

  it('joinWords: what counts on over 1024 words a page is one', async () => {
    const go = `return joinWords(k, [
      { pages: 2, word: 0, count: true },
      { pages: 1, word: 2048, count: true },
      { pages: 1, word: 7, count: false },
      { pages: 3, word: 7, count: false },
    ]);`;
    expect(await runs(go)).toEqual([
      { word: 0, count: true, pages: 3 },
      { word: 7, count: false, pages: 4 },
    ]);
  });
});

describe('pfnlab:migration', () => {
  it('wholeFolios: the fault takes the folio around it along, as far as the VMA goes', async () => {
    const go = `
      const vma = { start: 0x7f0000001000n, end: 0x7f0000600000n };
      return [
        wholeFolios(k, { address: 0x7f0000003000n, pages: 2, order: 0 }, vma),
        wholeFolios(k, { address: 0x7f0000003000n, pages: 1, order: 9 }, vma),
        wholeFolios(k, { address: 0x7f0000403000n, pages: 512, order: 9 }, vma),
      ];`;
    expect(await given('pfnlab:migration', 'wholeFolios', go)).toEqual([
      { start: 0x7f0000003000n, size: 0x2000n },
      { start: 0x7f0000001000n, size: 0x1ff000n },
      { start: 0x7f0000400000n, size: 0x200000n },
    ]);
  });
});
