import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareLab } from '../../../src/main/bench/session/sessions.ts';
import type { PluginCatalogue } from '../../../src/main/bench/plugins/catalogue.ts';
import { pluginSet } from '../../../src/main/bench/session/plugin-set.ts';
import { MAX_WORDS } from '../../../src/shared/lab/token-limit.ts';
import { BlockCounter } from './block-counter.ts';

let plugins: PluginCatalogue;
const counter = new BlockCounter();
beforeAll(async () => {
  plugins = await pluginSet(join(import.meta.dirname, '../../..'));
  await counter.ready();
});
afterAll(() => counter.stop());

const check = (text: string) => prepareLab('large.lab.yaml', text, plugins).problems;
const hex = (value: number) => `0x${value.toString(16)}`;
const rows = (n: number, row: (at: number) => string, between = '\n') =>
  Array.from({ length: n }, (_, at) => row(at)).join(between);

interface Parts {
  readonly kernel?: string;
  readonly memory?: string;
  readonly machine?: string;
  readonly rest?: string;
}

const MEMORY = '    - { start: 0x1000, end: 0x7ffdffff, type: usable }';
const lab = ({ kernel = '', memory = MEMORY, machine = '', rest = 'program: [boot]' }: Parts) =>
  `pfnlab: 1\nkernel: { version: "6.12"${kernel} }\nmachine:\n  memory:\n${memory}\n${machine}\n${rest}\n`;
const page = (at: number) => `start: ${hex(at * 0x2000)}, end: ${hex(at * 0x2000 + 0xfff)}`;
const program = (n: number, row: (at: number) => string) =>
  lab({ rest: `program:\n  - boot\n${rows(n, row)}` });
const device = (at: number) => `  - { id: nv${at}, model: nvdimm, locked: perhaps }`;

/** Labs with `n` of something. */
const LABS: Record<string, (n: number) => string> = {
  'unknown keys of the file': (n) => lab({ rest: rows(n, (at) => `divices${at}: 1`) }),
  'unknown switches': (n) =>
    lab({ kernel: `, switches: { ${rows(n, (at) => `subsection_hotplu${at}: true`, ', ')} }` }),
  'unknown Kconfig names': (n) =>
    lab({ kernel: `, config: { ${rows(n, (at) => `ZONE_DEVCE${at}: y`, ', ')} }` }),
  'unknown kernel parameters': (n) =>
    lab({ kernel: `, cmdline: "${rows(n, (at) => `memap${at}=1`, ' ')}"` }),
  'e820 entries': (n) => lab({ memory: rows(n, (at) => `    - { ${page(at)}, type: usable }`) }),
  'e820 entries over each other': (n) =>
    lab({ memory: rows(n, () => '    - { start: 0x1000, end: 0x1fff, type: usable }') }),
  'SRAT entries': (n) =>
    lab({ machine: `  srat:\n${rows(n, (at) => `    - { ${page(at)}, node: 0 }`)}` }),
  'misspelt operations': (n) => program(n, (at) => `  - mmapp${at}: { size: 4KiB }`),
  'misspelt arguments': (n) => program(n, (at) => `  - mmap: { size: 4KiB, prott${at}: r }`),
  'devices that are not there, among as many': (n) =>
    lab({
      rest: `devices:\n${rows(n, device)}\nprogram:\n  - boot\n${rows(n, (at) => `  - nx${at}.bind`)}`,
    }),
  'actors nobody is, among as many': (n) =>
    lab({
      rest: `program:\n  - boot\n${rows(n, (at) => `  - { actor: a${at}, do: mmap, size: 4KiB }`)}\nschedule:\n${rows(n, (at) => `  - { release: b${at} }`)}`,
    }),
  'misspelt expectations': (n) =>
    lab({ rest: `program: [boot]\nexpect:\n${rows(n, (at) => `  - zonne${at}: { node: 0 }`)}` }),
  'broken lines': (n) => lab({ rest: rows(n, () => '- a: }') }),
};

describe('checking a lab costs as much as it is long', () => {
  it.each(Object.entries(LABS))('%s', async (_what, text) => {
    // As many as a lab may have devices, in the end.
    expect(await counter.growth('lab', text, 250)).toBeLessThan(1.2);
  });
});

describe('what is too much is refused by a stated limit, at its place', () => {
  const limit = `a lab file has at most ${MAX_WORDS} keys and values, and as many lines, entries or signs of one kind; here is one more`;

  it.each([
    ['20,000 unknown keys', lab({ rest: rows(20_000, (at) => `key${at}: 1`) })],
    [
      '24,000 nodes',
      lab({ machine: `  nodes:\n${rows(24_000, (at) => `    - { id: ${at}, cpus: 1 }`)}` }),
    ],
    [
      '10,000 e820 entries',
      lab({ memory: rows(10_000, (at) => `    - { ${page(at)}, type: usable }`) }),
    ],
    ['brackets', lab({ rest: `program: ${'['.repeat(40_000)}` })],
    ['commas', lab({ rest: `program: [${','.repeat(40_000)}]` })],
    ['lines', lab({ rest: '\n'.repeat(40_000) })],
  ])('%s', (_what, text) => {
    expect(check(text).map(({ code, message }) => [code, message])).toEqual([['limit', limit]]);
  });

  it('says where the first one too many stands', () => {
    const text = `pfnlab: 1\ntitle: "not: [counted, here]"\nprogram: [${'a, '.repeat(MAX_WORDS)}]`;
    // Five words come before the list: the sixth of the end of the limit is one too many.
    const [{ line, column } = { line: 0, column: 0 }] = check(text);
    expect([line, column]).toEqual([3, 'program: ['.length + 1 + (MAX_WORDS - 5) * 'a, '.length]);
  });

  it('4,096 SRAT entries are told to be too many for any kernel', () => {
    const srat = rows(4096, (at) => `    - { ${page(at)}, node: 0 }`);
    expect(check(lab({ machine: `  srat:\n${srat}` })).map(({ message }) => message)).toEqual([
      'machine.srat is a list; expected at most 2048 entries',
    ]);
  });

  it('an e820 and an SRAT of as many entries as a kernel has room for are read', () => {
    const memory = rows(3200, (at) => `    - { ${page(at)}, type: usable }`);
    const srat = rows(2048, (at) => `    - { ${page(at)}, node: 0 }`);
    expect(check(lab({ memory, machine: `  srat:\n${srat}` }))).toEqual([]);
  });
});
