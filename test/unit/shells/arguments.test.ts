import { describe, expect, test } from 'vitest';
import { parseArguments, readPfn } from '../../../src/main/shells/cli/arguments.ts';
import type { Verb } from '../../../src/main/shells/cli/verb.ts';

const verb: Verb = {
  name: 'look',
  operands: 'FILE PFN',
  count: [1, 2],
  summary: 'Look',
  options: {
    json: { text: 'as JSON' },
    at: { value: 'N', kind: 'number', text: 'then' },
    out: { value: 'FILE', text: 'there' },
    between: { value: 'A B', kind: 'pair', text: 'two' },
  },
  run: () => 0,
};

function message(...argv: string[]): string {
  const parsed = parseArguments(verb, argv);
  return parsed.ok ? 'fine' : parsed.message;
}

describe('command line arguments', () => {
  test('options may stand before, between and after operands', () => {
    for (const argv of [
      ['--json', 'a', '--at', '7', 'b', '--out=x'],
      ['a', 'b', '--out', 'x', '--at=7', '--json'],
    ]) {
      const parsed = parseArguments(verb, argv);
      if (!parsed.ok) throw new Error(parsed.message);
      expect(parsed.given.operands).toEqual(['a', 'b']);
      expect([...parsed.given.switches]).toEqual(['json']);
      expect(parsed.given.numbers.get('at')).toBe(7);
      expect(parsed.given.values.get('out')).toBe('x');
    }
  });

  test('after -- everything is an operand, and - alone is one', () => {
    const parsed = parseArguments(verb, ['-', '--', '--json']);
    expect(parsed.ok && parsed.given.operands).toEqual(['-', '--json']);
  });

  test('a pair takes the two words after it, wherever it stands', () => {
    for (const argv of [
      ['a', '--between', '1', '2', 'b'],
      ['--between=1', '2', 'a', 'b'],
    ]) {
      const parsed = parseArguments(verb, argv);
      if (!parsed.ok) throw new Error(parsed.message);
      expect(parsed.given.operands).toEqual(['a', 'b']);
      expect(parsed.given.pairs.get('between')).toEqual(['1', '2']);
    }
  });

  test('--help wins over whatever else is missing', () => {
    expect(parseArguments(verb, ['--help'])).toMatchObject({ ok: true, help: true });
  });

  test.each([
    [['a', '--jsom'], 'unknown option --jsom; did you mean --json?'],
    [['a', '--zzzzzz'], 'unknown option --zzzzzz'],
    [['a', '-x'], 'unknown option -x'],
    [['a', '--json=yes'], '--json takes no value'],
    [['a', '--at'], '--at takes a value: --at N'],
    [['a', '--at', '--json'], '--at takes a value: --at N'],
    [['a', '--out='], '--out takes a value: --out FILE'],
    [['a', '--at', '-1'], '--at takes a number from 0, not "-1"'],
    [['a', '--at', '1e3'], '--at takes a number from 0, not "1e3"'],
    [['a', '--at', '9'.repeat(16)], `--at takes a number from 0, not "${'9'.repeat(16)}"`],
    [['a', '--between', '1'], '--between takes two values: --between A B'],
    [['a', '--between', '1', '--json', '2'], '--between takes two values: --between A B'],
    [['a', '--constructor'], 'unknown option --constructor'],
    [[], 'it takes FILE PFN'],
    [['a', 'b', 'c'], '"c" is too much: it takes FILE PFN'],
  ])('%j: %s', (argv, wanted) => {
    expect(message(...argv)).toBe(wanted);
  });

  test.each([
    ['0', 0],
    ['4096', 4096],
    ['0x1000', 4096],
    ['0XABC', 2748],
    ['4503599627370495', 2 ** 52 - 1],
    ['4503599627370496', undefined],
    ['-1', undefined],
    ['0x', undefined],
    ['1.5', undefined],
    ['', undefined],
    ['1 ', undefined],
  ])('the PFN "%s" is %s', (text, pfn) => {
    expect(readPfn(text)).toBe(pfn);
  });
});
