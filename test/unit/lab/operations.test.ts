import { describe, expect, it } from 'vitest';
import { EXPECTATIONS } from '../../../src/shared/lab/expectations/expectations.ts';
import { fieldViews } from '../../../src/shared/lab/fields.ts';
import type { OperationDeclaration } from '../../../src/shared/lab/operations/declaration.ts';
import { OPERATIONS } from '../../../src/shared/lab/operations/operations.ts';
import { formatProblem, parseLab } from '../../../src/shared/lab/parse.ts';

const HEAD = `pfnlab: 1
kernel: { version: "6.12" }
machine: { memory: [ { start: 0x0, size: 1GiB, type: usable } ] }
`;
const told = (text: string) => parseLab(HEAD + text, 'a').problems.map(formatProblem);
const ops = Object.entries<OperationDeclaration>(OPERATIONS);
const kinds = Object.entries(EXPECTATIONS);

describe('lab/operations: every declaration', () => {
  it.each(ops)('%s has an example that reads without a word', (name, { example }) => {
    expect(told(`program: [ ${example} ]\n`)).toEqual([]);
    expect(example).toContain(name);
  });

  it.each(ops)('%s says what each argument and each result is', (_name, { args, returns }) => {
    for (const field of [...fieldViews(args.shape), ...fieldViews(returns)]) {
      expect(field).toMatchObject({ description: /.../, kind: /./ });
    }
  });

  it.each(kinds)('%s, an expectation, has an example that reads', (name, { example }) => {
    expect(told(`expect: [ ${example} ]\n`)).toEqual([]);
    expect(example).toContain(`${name}:`);
  });

  it.each(kinds)('%s says where to look and what to compare', (_name, { where, compared }) => {
    for (const field of [...fieldViews(where), ...fieldViews(compared)]) {
      expect(field.description).not.toBe('');
    }
  });
});

describe('lab/operations: arguments are checked when a file is read', () => {
  it.each([
    [
      'a name that is not there, with the one that was meant',
      'mmap: { sise: 4MiB }',
      [
        'a:5:11: `size` is missing in program[0].mmap; expected a size in bytes: an integer, or a number with one of B, KiB, MiB, GiB, TiB, PiB (1GiB)',
        'a:5:13: unknown key `sise` in program[0].mmap; did you mean `size`?',
      ],
    ],
    [
      'the same beside an actor',
      '{ actor: app, do: mmap, size: 1MiB, shard: true }',
      ['a:5:41: unknown key `shard` in program[0]; did you mean `shared`?'],
    ],
    [
      'an actor that is none in a long form',
      '{ actr: app, do: exit }',
      ['a:5:7: unknown key `actr` in program[0]; did you mean `actor`?'],
    ],
    [
      'a value of the wrong kind',
      'online: { block: first }',
      ['a:5:22: program[0].online.block is "first"; expected an integer from 0 to 2^53 - 1'],
    ],
    [
      'a word that is none of a few',
      'online: { block: 1, type: onlin }',
      [
        'a:5:31: program[0].online.type is "onlin"; expected one of offline, online, online_kernel, online_movable; did you mean `online`?',
      ],
    ],
    [
      'access in other letters',
      'mmap: { size: 4KiB, prot: rq }',
      ['a:5:31: program[0].mmap.prot is "rq"; expected letters of r, w, x, or none'],
    ],
    [
      'a file system nobody can make files of',
      'create-file: { file: /f, fs: none }',
      ['a:5:34: program[0].create-file.fs is "none"; expected one of tmpfs, generic'],
    ],
    [
      'a child without a name',
      'fork: {}',
      ['a:5:11: `child` is missing in program[0].fork; expected text'],
    ],
    [
      'two that exclude each other',
      'munmap: { va: 0x1000, size: 4KiB, pages: 1 }',
      ['a:5:46: program[0].munmap.pages: give `size` or `pages`, not both'],
    ],
    [
      'an operation nobody knows',
      'mmapp: { size: 4KiB }',
      ['a:5:5: unknown operation `mmapp`; did you mean `mmap`?'],
    ],
    [
      'a field that it does not return',
      '{ do: read, va: 0x1000, expect: { wrd: 7 } }',
      ['a:5:39: `read` returns no `wrd`; did you mean `word`?'],
    ],
    [
      'several in one entry',
      'add-memory: { node: x, start: there, size: 1MB }',
      [
        'a:5:25: program[0].add-memory.node is "x"; expected an integer from 0 to 2^53 - 1',
        'a:5:35: program[0].add-memory.start is "there"; expected an address: an integer from 0 to 2^64 - 1, hex (0x100000) or decimal',
        'a:5:48: program[0].add-memory.size is "1MB"; expected a size in bytes: an integer, or a number with one of B, KiB, MiB, GiB, TiB, PiB (1GiB)',
      ],
    ],
  ])('%s', (_name, entry, expected) => {
    expect(told(`program:\n  - ${entry}\n`)).toEqual(expected);
  });

  it('leaves to the kernel what only the kernel can answer', () => {
    expect(told('program:\n  - mmap: { size: 0 }\n  - unpin: { name: nobody }\n')).toEqual([]);
  });
});
