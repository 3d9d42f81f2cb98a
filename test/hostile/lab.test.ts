import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblem, parseLab } from '../../src/shared/lab/parse.ts';

const LAB = readFileSync(new URL('../../labs/first-light.lab.yaml', import.meta.url), 'utf8');

/** A lab, or located errors; never both, never neither, never an exception. */
function survives(text: string) {
  const { lab, problems } = parseLab(text, 'hostile');
  const errors = problems.filter(({ severity }) => severity === 'error');
  expect(lab === undefined).toBe(errors.length > 0);
  const lines = text.split(/\r\n|\n/).length;
  for (const problem of problems) {
    expect(formatProblem(problem)).toMatch(/^hostile:\d+:\d+: \S/);
    expect(problem.line).toBeLessThanOrEqual(lines);
    expect(problem.message).not.toMatch(/\[object|undefined|NaN/);
  }
  return errors;
}

describe('lab/parse: hostile input', () => {
  it('a lab cut at every 97th byte', () => {
    for (let at = 0; at < LAB.length; at += 97) survives(LAB.slice(0, at));
  });

  it('random bytes inside a lab', () => {
    fc.assert(
      fc.property(
        fc.nat(LAB.length),
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.nat(60),
        (at, bytes, gap) => {
          survives(LAB.slice(0, at) + bytes + LAB.slice(at + gap));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('any value in any place', () => {
    const values = [
      'null',
      '{}',
      '[]',
      '-1',
      '1.5',
      '.nan',
      '.inf',
      '"x"',
      '0xffffffffffffffffffff',
      'true',
      '!!binary aGk=',
      '2026-11-21',
      '*nowhere',
      '&a 1',
      '? x',
    ];
    const places = [...LAB.matchAll(/: (?=[^\s{[])[^,}\n]+/g)];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.constantFrom(...values), (place, value) => {
        const at = place.index;
        survives(`${LAB.slice(0, at)}: ${value}${LAB.slice(at + place[0].length)}`);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['only comments', '# hello\n'],
    ['NULs', 'pfnlab: 1\0\n'],
    ['tabs for indentation', 'pfnlab: 1\nkernel:\n\tversion: "6.12"\n'],
    ['two documents', 'pfnlab: 1\n---\npfnlab: 1\n'],
    ['a list', '- 1\n'],
    ['lists nested 100,000 deep', `pfnlab: ${'['.repeat(100_000)}`],
    ['maps nested 10,000 deep', `pfnlab: ${'{a: '.repeat(10_000)}`],
    [
      'a billion laughs',
      `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 9 }, () => `*a${i}`).join(',')}]\n`).join('')}pfnlab: 1\n`,
    ],
    ['a key that is a map', '{ a: 1 }: 2\npfnlab: 1\n'],
    [
      'a prototype',
      'pfnlab: 1\n__proto__: { polluted: true }\nkernel: { version: "6.12" }\nmachine: { memory: [] }\n',
    ],
    ['five million characters', `pfnlab: 1\ntitle: "${'x'.repeat(5_000_000)}"\n`],
  ])('%s', (_name, text) => {
    expect(survives(text).length).toBeGreaterThan(0);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('a prototype among arguments and configuration is data', () => {
    const { lab } = parseLab(
      'pfnlab: 1\nkernel: { version: "6.12" }\nmachine: { memory: [] }\ndevices: [ { id: d, model: m, deep: { __proto__: { polluted: true } } } ]\nprogram: [ { d.go: { __proto__: 1 } } ]\n',
      'f',
    );
    expect(lab).toBeDefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf(lab?.program[0]?.args)).toBe(Object.prototype);
  });

  it('thirty thousand wrong entries are all located', () => {
    const { lab, problems } = parseLab(
      `pfnlab: 1\nkernel: { version: "6.12" }\nmachine: { memory: [] }\nprogram: [ ${'1,'.repeat(30_000)} ]\n`,
      'hostile',
    );
    expect(lab).toBeUndefined();
    expect(problems.filter(({ severity }) => severity === 'error')).toHaveLength(30_000);
    expect(problems.at(-1)).toMatchObject({ line: 4, column: 60_010 });
  });

  it('five thousand overlapping ranges are each reported, in linear work', () => {
    const rows = Array.from(
      { length: 5_000 },
      (_, i) => `    - { start: ${i}, end: 0xffffff, type: usable }`,
    );
    const errors = survives(
      `pfnlab: 1\nkernel: { version: "6.12" }\nmachine:\n  memory:\n${rows.join('\n')}\n`,
    );
    // One for each range after the first, and that the map is longer than a kernel's.
    expect(errors).toHaveLength(5_000);
    expect(errors.filter(({ code }) => code === 'overlap')).toHaveLength(4_999);
  });
});
