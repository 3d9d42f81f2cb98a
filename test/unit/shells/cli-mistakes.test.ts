import { afterAll, describe, expect, test } from 'vitest';
import { CallerFolder } from './capture-terminal.ts';

const folder = new CallerFolder();
afterAll(() => folder.remove());

/** A lab without a mistake: each line that begins with a name of MISTAKES is replaced by one. */
const LINES = {
  version: 'kernel: { version: "6.12",',
  switches: '  switches: { },',
  cmdline: '  cmdline: "" }',
  memory: 'machine: { memory: [ { start: 0x0, size: 1GiB, type: usable } ] }',
  device: 'devices: [ { id: nv0, model: nvdimm,',
  config: '  label_size: 128KiB,',
  range: '  range: { start: 0x100000000, size: 1GiB } } ]',
  schedule: 'schedule: [ { run: { actor: app } } ]',
  boot: 'program: [ boot,',
  argument: '  { actor: app, do: mmap, size: 4MiB },',
  action: '  nv0.create-namespace: { mode: fsdax } ]',
  expectation: 'expect: [ zone: { node: 0, zone: DMA },',
  register: '  device: { id: nv0, registers: { align: 1 } } ]',
};
type Part = keyof typeof LINES;

/** The mistake that can stand in each line, and what is told of it. */
const MISTAKES: Readonly<Partial<Record<Part, readonly [string, string]>>> = {
  version: ['kernel: { version: "2.6",', '2.6'],
  switches: ['  switches: { low_1m_reservd: true },', 'did you mean `low_1m_reserved`?'],
  cmdline: ['  cmdline: "crashkernel=256M" }', 'which is not modelled'],
  memory: [
    'machine: { memory: [ { start: 0x0, size: 1GiB, type: usabel } ] }',
    'did you mean `usable`?',
  ],
  device: ['devices: [ { id: nv0, model: nvdim,', 'did you mean `nvdimm`?'],
  config: ['  label_sise: 128KiB,', ':3: there is no `label_sise`; did you mean `label_size`?'],
  schedule: ['schedule: [ { run: { actor: ap } } ]', 'did you mean `app`?'],
  argument: ['  { actor: app, do: mmap, size: 4MiB, shard: true },', 'did you mean `shared`?'],
  action: ['  nv0.create-namespce: { mode: fsdax } ]', 'did you mean `create-namespace`?'],
  expectation: ['expect: [ zone: { node: 0, zone: DMA, spaned: 1 },', 'did you mean `spanned`?'],
  register: ['  device: { id: nv0, registers: { algn: 1 } } ]', 'did you mean `align`?'],
};
const PARTS = Object.keys(LINES) as Part[];
/** Parts whose mistake hides nothing: a model nobody has says nothing of config and actions. */
const ALL = (Object.keys(MISTAKES) as Part[]).filter((part) => part !== 'device');

async function told(...wrong: Part[]) {
  const text = ['pfnlab: 1', ...PARTS.map((part) => lineOf(part, wrong))].join('\n');
  return folder.run('run', folder.write('wrong.lab.yaml', `${text}\n`));
}

function lineOf(part: Part, wrong: readonly Part[]): string {
  return (wrong.includes(part) ? MISTAKES[part]?.[0] : undefined) ?? LINES[part];
}

async function expectTold(...wrong: Part[]): Promise<void> {
  const { code, out, err } = await told(...wrong);
  expect([code, out]).toEqual([2, '']);
  for (const part of wrong) {
    const line = PARTS.indexOf(part) + 2;
    const here = err.filter((text) => text.startsWith(`wrong.lab.yaml:${line}:`));
    expect({ part, here: here.join('\n') }).toEqual({
      part,
      here: expect.stringContaining(MISTAKES[part]?.[1] ?? '-') as string,
    });
  }
  expect(err.filter((text) => !text.includes('warning:'))).toHaveLength(wrong.length);
}

describe('lab run on a file with mistakes', () => {
  test('eight different ones are all told, each at its place, and the exit code is 2', async () => {
    await expectTold(...ALL.slice(0, 8));
  });

  test('so are all there are', async () => {
    await expectTold(...ALL);
  });

  const pairs = ALL.flatMap((first, at) => ALL.slice(at + 1).map((second) => [first, second]));
  test.each(pairs)('%s and %s', async (first, second) => {
    await expectTold(first as Part, second as Part);
  });

  // Each with the two that follow it, and with two from further on.
  const triples = ALL.flatMap((first, at) =>
    [1, 3].map((step) => [first, ALL[(at + step) % ALL.length], ALL[(at + 2 * step) % ALL.length]]),
  );
  test.each(triples)('%s, %s and %s', async (...parts) => {
    await expectTold(...parts.filter((part) => part !== undefined));
  });

  test("a misspelt argument of a device's action is told at its key", async () => {
    const text = PARTS.map((part) => LINES[part]).join('\n');
    const wrong = `pfnlab: 1\n${text.replace('{ mode: fsdax }', '{ mood: fsdax }')}\n`;
    const { code, err } = await folder.run('run', folder.write('action.lab.yaml', wrong));
    expect([code, err[0]]).toEqual([
      2,
      'action.lab.yaml:12:27: there is no `mood`; did you mean `mode`?',
    ]);
  });

  test('a model nobody has is told once, and nothing that only it could say', async () => {
    await expectTold('device', 'argument', 'expectation');
  });

  test('a second document is a mistake', async () => {
    folder.write('two.lab.yaml', 'pfnlab: 1\n---\npfnlab: 1\n');
    const { code, err } = await folder.run('run', 'two.lab.yaml');
    expect(code).toBe(2);
    expect(err).toContain('two.lab.yaml:2:1: a lab is one YAML document; a second one begins here');
  });
});
