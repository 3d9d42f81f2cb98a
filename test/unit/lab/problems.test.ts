import { describe, expect, it } from 'vitest';
import { formatProblem, parseLab } from '../../../src/shared/lab/parse.ts';

/** What a lab with this text is told, sorted by place. */
const told = (text: string) => parseLab(text, 'bad.lab.yaml').problems.map(formatProblem);

const HEAD = `pfnlab: 1
kernel: { version: "6.12", arch: x86_64 }
machine:
  memory:
    - { start: 0x0, end: 0x9fbff, type: usable }
`;

describe('lab/parse: what is wrong with a lab, and where', () => {
  it.each<[string, string, string[]]>([
    ['an empty file', '', ['bad.lab.yaml:1:1: the file is empty; expected a lab']],
    [
      'something else',
      'just words\n',
      ['bad.lab.yaml:1:1: this is no lab file; expected a map that begins with `pfnlab: 1`'],
    ],
    [
      'no format number',
      'title: x\n',
      ['bad.lab.yaml:1:1: `pfnlab: 1` is missing, so this is no lab file'],
    ],
    [
      'a newer format',
      'pfnlab: 2\nnews: 1\n',
      ['bad.lab.yaml:1:9: this lab has format 2, from a newer pfnlab; this one reads format 1'],
    ],
    [
      'an unknown key, with the one that was meant',
      HEAD.replace('  memory:', '  memroy: 3\n  memory:'),
      ['bad.lab.yaml:4:3: unknown key `memroy` in machine; did you mean `memory`?'],
    ],
    [
      'an unknown key at the top',
      `${HEAD}xyzzy: 1\n`,
      [
        'bad.lab.yaml:6:1: unknown key `xyzzy` in the lab; expected one of pfnlab, title, topic, kernel, machine, devices, plugins, seed, schedule, invariants, program, expect',
      ],
    ],
    [
      'an unknown memory type',
      HEAD.replace('usable', 'usabel'),
      [
        'bad.lab.yaml:5:41: machine.memory[0].type is "usabel"; expected one of usable, reserved, acpi, nvs, unusable, pmem, pmem-legacy, soft-reserved; did you mean `usable`?',
      ],
    ],
    [
      'an errno with a letter too many',
      `${HEAD}program: [ { boot: {}, expect: { errno: EINVALL } } ]\n`,
      [
        'bad.lab.yaml:6:41: program[0].expect.errno is "EINVALL"; expected an errno; did you mean `EINVAL`?',
      ],
    ],
    [
      'overlapping ranges',
      `${HEAD}    - { start: 0x9f000, end: 0xfffff, type: reserved }\n`,
      [
        'bad.lab.yaml:6:7: the reserved range 0x9f000-0xfffff overlaps the usable range 0x0-0x9fbff of line 5',
      ],
    ],
    [
      'a range that ends before it starts',
      `${HEAD}    - { start: 0x200000, end: 0x1fffff, type: usable }\n`,
      ['bad.lab.yaml:6:16: the usable range starts at 0x200000, after its end 0x1fffff'],
    ],
    [
      'a range over what the CPU addresses',
      `${HEAD}    - { start: 0x400000000000, size: 1MiB, type: usable }\n`,
      [
        'bad.lab.yaml:6:7: the usable range ends at 0x4000000fffff, over 0x3fffffffffff (cpu.phys_bits: 46)',
      ],
    ],
    [
      'a range over what the architecture addresses',
      `${HEAD}    - { start: 0x10000000000000, size: 4KiB, type: reserved }\n`,
      [
        'bad.lab.yaml:6:7: the reserved range ends at 0x10000000000fff, over 0xfffffffffffff (the limit of x86_64)',
      ],
    ],
    [
      'more address bits than the architecture has',
      HEAD.replace('machine:', 'machine:\n  cpu: { phys_bits: 57 }'),
      ['bad.lab.yaml:4:21: cpu.phys_bits is 57; x86_64 has 12 to 52'],
    ],
    [
      'a device id used twice',
      `${HEAD}devices:\n  - { id: n0, model: nvdimm }\n  - { id: n0, model: nvdimm }\n`,
      ['bad.lab.yaml:8:11: device id `n0` is already used on line 7'],
    ],
    [
      'a device over RAM',
      `${HEAD}devices:\n  - { id: n0, model: nvdimm, range: { start: 0x1000, size: 4KiB } }\n`,
      [
        'bad.lab.yaml:7:37: the range of n0 0x1000-0x1fff overlaps the usable range 0x0-0x9fbff of line 5',
      ],
    ],
    [
      'a node declared twice, and one not at all',
      `${HEAD}  nodes: [ { id: 0, distances: [10, 20] }, { id: 0, distances: [20, 10] } ]\n  srat: [ { start: 0x0, end: 0x9fbff, node: 3 } ]\n`,
      [
        'bad.lab.yaml:6:50: node 0 is declared twice',
        'bad.lab.yaml:7:45: node 3 is not among machine.nodes',
      ],
    ],
    [
      'a version that YAML takes for a number',
      HEAD.replace('"6.12"', '6.10'),
      [
        'bad.lab.yaml:2:20: kernel.version must be quoted: version: "6.10" (unquoted, 6.10 would be 6.1)',
      ],
    ],
    [
      'an architecture nobody knows',
      HEAD.replace('x86_64', 'vax'),
      [
        'bad.lab.yaml:2:34: kernel.arch is "vax"; expected one of x86_64, x86_32, arm64, riscv64, s390x, ppc64',
      ],
    ],
    [
      'a missing end',
      HEAD.replace(' end: 0x9fbff,', ''),
      ['bad.lab.yaml:5:7: machine.memory[0]: a range needs an `end` (inclusive) or a `size`'],
    ],
    [
      'an address that is none',
      HEAD.replace('0x9fbff', '640K'),
      [
        'bad.lab.yaml:5:26: machine.memory[0].end is "640K"; expected an address: an integer from 0 to 2^64 - 1, hex (0x100000) or decimal',
      ],
    ],
    [
      'a key written twice',
      `${HEAD}seed: 1\nseed: 2\n`,
      ['bad.lab.yaml:7:1: this key stands twice in the same map'],
    ],
    [
      'an expectation nobody can check',
      `${HEAD}expect:\n  - zoen: { node: 0 }\n`,
      ['bad.lab.yaml:7:5: unknown expectation `zoen`; did you mean `zone`?'],
    ],
    [
      'an unknown field of an expectation',
      `${HEAD}expect:\n  - zone: { node: 0, zone: DMA, spaned: 1 }\n`,
      ['bad.lab.yaml:7:33: unknown key `spaned` in expect[0].zone; did you mean `spanned`?'],
    ],
    [
      'an expectation among the arguments',
      `${HEAD}program:\n  - n0.remove: { expect: { ok: true } }\n`,
      [
        'bad.lab.yaml:7:18: program[0]: `expect` stands beside `n0.remove`, not among its arguments',
      ],
    ],
    [
      'an entry without an operation',
      `${HEAD}program:\n  - { actor: app }\n`,
      [
        'bad.lab.yaml:7:5: program[0] names no operation; expected an operation such as `boot` or `nvdimm0.create-namespace`',
      ],
    ],
    [
      'a schedule entry that is none',
      `${HEAD}schedule: [ { hold: { actor: app, at: 3 } }, { wait: app } ]\n`,
      [
        'bad.lab.yaml:6:39: schedule[0].hold.at is 3; expected text',
        'bad.lab.yaml:6:46: schedule[1] is a map; expected a map { step, actor }, { run }, { hold } or { release }',
      ],
    ],
    [
      'a concurrently block of one actor',
      `${HEAD}program:\n  - boot\n  - concurrently:\n      - { actor: app, do: online, block: 3 }\n`,
      [
        'bad.lab.yaml:9:7: program[1].concurrently: all of it is done by app, one after the other; expected a list of operations of two actors or more',
      ],
    ],
    [
      'a concurrently block inside another, and a boot in one',
      `${HEAD}program:\n  - concurrently:\n      - concurrently: []\n      - boot\n`,
      [
        'bad.lab.yaml:8:9: program[0].concurrently[0]: a `concurrently` block holds no other',
        'bad.lab.yaml:9:9: program[0].concurrently[1]: `boot` runs with nothing beside it',
      ],
    ],
    [
      'a recorded schedule with a wrong step',
      `${HEAD}schedule: [ { step: x, actor: app } ]\n`,
      ['bad.lab.yaml:6:21: schedule[0].step is "x"; expected an integer from 0 to 2^53 - 1'],
    ],
    [
      'two operations in one entry',
      `${HEAD}program:\n  - { boot: {}, halt: {} }\n`,
      [
        'bad.lab.yaml:7:17: program[0] names two operations, boot and halt; write one entry for each',
      ],
    ],
  ])('%s', (_name, text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  it('broken YAML is located where it breaks', () => {
    const [first] = parseLab('pfnlab: 1\nmachine: { memory: [ }\n', 'bad.lab.yaml').problems;
    expect(first).toMatchObject({ code: 'yaml', severity: 'error', line: 2, column: 22 });
    expect(first?.message).toMatch(/^broken YAML: /);
  });

  it('all problems are collected, in the order of the file', () => {
    const lines = told(`pfnlab: 1
titel: x
kernel: { version: "6.12", modle: flatmem }
machine:
  memory:
    - { start: 0x0, end: 12GB, type: usable }
devices:
  - { model: nvdimm }
program:
  - "not an operation"
`);
    expect(lines.map((line) => line.split(':')[1])).toEqual(['2', '3', '6', '8', '10']);
    expect(lines[3]).toBe('bad.lab.yaml:8:5: `id` is missing in devices[0]; expected text');
  });

  it('a problem names its path, the expectation and a fix', () => {
    const { problems } = parseLab(HEAD.replace('  memory:', '  memroy: 3\n  memory:'), 'f');
    expect(problems[0]).toMatchObject({
      code: 'unknown-key',
      path: ['machine', 'memroy'],
      fixes: ['memory'],
      line: 4,
      column: 3,
      endColumn: 9,
    });
  });

  it('a machine without RAM is a warning, and still a lab', () => {
    const { lab, problems } = parseLab(HEAD.replace('usable', 'reserved'), 'f');
    expect(lab).toBeDefined();
    expect(problems.map(formatProblem)).toEqual([
      'f:5:5: warning: the machine has no usable memory, so no kernel can boot on it',
    ]);
  });

  it('a device over RAM that mem= takes away is a warning', () => {
    const { lab, problems } = parseLab(
      `${HEAD.replace('arch: x86_64', 'cmdline: "mem=512K"')}devices:\n  - { id: n0, model: nvdimm, range: { start: 0x90000, size: 4KiB } }\n`,
      'f',
    );
    expect(lab).toBeDefined();
    expect(problems[0]?.severity).toBe('warning');
  });
});
