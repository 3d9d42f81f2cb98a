import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanSource } from '../../../src/main/plugins/source-scan.ts';
import { BlockCounter } from '../lab/block-counter.ts';

describe('scanSource', () => {
  it('finds imports and top-level names at their places', () => {
    const source =
      "import a from './a.js';\n\nconst b = 1,\n  c = 2;\nfunction* d() { const e = 3; }\n";
    expect(scanSource(source)).toEqual({
      imports: [{ specifier: './a.js', line: 1, column: 1 }],
      bindings: [
        { name: 'b', line: 3, column: 7 },
        { name: 'c', line: 4, column: 3 },
        { name: 'd', line: 5, column: 11 },
      ],
      faults: [],
    });
  });

  it.each([
    ["export { a } from './a.js';", ['1:14: import a name first, then export it']],
    ["export { a };\nimport b from './b.js';", []],
    ["import b from './b.js';\nexport { b };", []],
    [
      "import b from './b.js'\nexport { c } from './c.js'",
      ['2:14: import a name first, then export it'],
    ],
    [
      "import b = 1; const c = './c.js';",
      ["1:1: write import { name } from './file.js' at the top of the module"],
    ],
  ])('%s', (source, faults) => {
    const told = scanSource(source).faults.map(
      ({ line, column, message }) => `${line}:${column}: ${message}`,
    );
    expect(told).toEqual(faults);
  });
});

describe('scanSource takes work in proportion to the module', () => {
  const counter = new BlockCounter();
  beforeAll(() => counter.ready());
  afterAll(() => counter.stop());

  it.each([
    ['names', 'const a = 1;\n'],
    ['faults', 'let a = 1;\n'],
    ['imports', "import a from './a.js';\n"],
    ['imports without an end', 'import '],
    ['words that look like re-exports', "from 'x' "],
    ['templates in templates', '`${'],
    ['brackets', '(['],
    ['strings without an end', '"\\'],
  ])('%s', async (_what, piece) => {
    expect(await counter.growth('module', (n) => piece.repeat(n), 500)).toBeLessThan(1.2);
  });
});
