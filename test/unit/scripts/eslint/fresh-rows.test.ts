import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { root } from '../project.ts';

/** The project's own rules, typed: the code stands in for a file of the engine. */
const eslint = new ESLint({
  cwd: root,
  // Where CI is set the parser else takes the file's text from the disk, not what it is given.
  overrideConfig: {
    languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } },
  },
});
const FILE = `${root}/src/main/engine/kernel/page/page-ref.ts`;

const HEAD = `import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, leaf, type Operation } from '../../core/world/operation.ts';
declare const f: never;
declare function at(k: Kernel): RowOf<'pages'>;
declare function sumOf(page: RowOf<'pages'>): number;
`;

/** Names the rule complains of in the body of an operation. */
async function stale(body: string, params = ''): Promise<string[]> {
  const text = `${HEAD}export function* g(k: Kernel${params}): Operation<void> {\n${body}\n}\n`;
  return names(text);
}

async function names(text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: FILE });
  return result!.messages
    .filter(({ ruleId }) => ruleId === 'pfnlab/fresh-rows')
    .map(({ message }) => message.split(' ')[0] ?? '');
}

const READ = `const page = k.world.need('vars', 'a');`;

describe('fresh-rows', () => {
  it.each([
    // The lost update that was: a count of before the yield.
    [
      `const page = at(k); yield* call(f, {}); k.world.update('pages', 1, 2, { refcount: page.refcount + 1 });`,
      ['page'],
    ],
    [
      `const { refcount } = at(k); yield* call(f, {}); k.world.update('pages', 1, 2, { refcount });`,
      ['refcount'],
    ],
    [
      `const n = sumOf(at(k)); yield* call(f, {}); k.world.update('pages', 1, 2, { refcount: n });`,
      ['n'],
    ],
    [
      `const n = k.world.at('pages', 1)?.refcount ?? 0; yield* call(f, {}); k.world.update('pages', 1, 2, () => ({ refcount: n }));`,
      ['n'],
    ],
    [`${READ} yield* call(f, {}); k.world.patch('vars', 'a', { value: page.value });`, ['page']],
    // Written by the next turn of a loop.
    [
      `${READ} for (const key of ['a', 'b']) { k.world.patch('vars', key, { value: page.value }); yield* call(f, {}); }`,
      ['page'],
    ],
    [
      `for (const page of k.world.rows('vars')) { yield* call(f, {}); k.world.put('vars', { ...page, value: 1 }); }`,
      ['page'],
    ],
  ])('finds in %s %j', async (body, found) => {
    expect(await stale(body)).toEqual(found);
  });

  it.each([
    `yield* call(f, {}); ${READ} k.world.patch('vars', 'a', { value: page.value });`,
    `yield* call(f, {}); k.world.update('pages', 1, 2, ({ refcount }) => ({ refcount: refcount + 1 }));`,
    // Names and places stay what they are.
    `const page = at(k); yield* call(f, {}); k.world.update('pages', page.start, page.end, { nid: page.nid });`,
    // Who yields leaves, or is another branch.
    `${READ} if (page.value) { yield* call(f, {}); return; } k.world.patch('vars', 'a', { value: page.value });`,
    `${READ} if (page.value) yield* call(f, {}); else k.world.patch('vars', 'a', { value: page.value });`,
    // What decides, but is not written.
    `${READ} yield* call(f, {}); if (page.value) k.world.patch('vars', 'a', { value: 1 });`,
  ])('finds nothing in %s', async (body) => {
    expect(await stale(body)).toEqual([]);
  });

  it('takes rows a kernel function is given for old: others run between its call and its body', async () => {
    const of = (write: string) =>
      names(
        `${HEAD}export const h = leaf<{ page: RowOf<'pages'>; pfn: number }, void>('h', 'mm/a.c:h', (k, { page, pfn }) => { k.world.update('pages', pfn, pfn + 1, ${write}); });\n`,
      );
    expect(await of('{ refcount: page.refcount + 1 }')).toEqual(['page']);
    expect(await of('{ refcount: pfn, nid: page.nid }')).toEqual([]);
  });

  it('takes rows of a helper’s parameters for old after its first yield only', async () => {
    const write = `k.world.update('pages', 1, 2, { refcount: page.refcount });`;
    const params = `, page: RowOf<'pages'>`;
    expect(await stale(`${write} yield* call(f, {});`, params)).toEqual([]);
    expect(await stale(`yield* call(f, {}); ${write}`, params)).toEqual(['page']);
  });
});
