import { describe, expect, it } from 'vitest';
import type { EntrySource } from '../../../src/shared/lab/program.ts';
import { formatProblem, parseLab, type Path } from '../../../src/shared/lab/parse.ts';

/** Where an entry stands, and its arguments below a key of it or beside the others. */
function at(line: number, path: Path, ...key: string[]): EntrySource {
  return { file: 'a.lab.yaml', line, column: 5, path, args: [...path, ...key] };
}

const BASE = `pfnlab: 1
kernel: { version: "6.12" }
machine:
  memory:
    - { start: 0x1000, end: 0x9fbff, type: usable }
`;

function good(text: string) {
  const { lab, problems } = parseLab(text, 'a.lab.yaml');
  expect(problems.map(formatProblem)).toEqual([]);
  if (!lab) throw new Error('no lab');
  return lab;
}

describe('lab/parse: a good lab', () => {
  it('fills in what a lab need not say', () => {
    const lab = good(BASE);
    expect(lab.kernel).toEqual({
      version: '6.12',
      arch: 'x86_64',
      model: 'sparsemem-vmemmap',
      cmdline: '',
      config: {},
      switches: {},
      hypothetical: false,
    });
    expect(lab.machine.cpu).toEqual({ phys_bits: 46, hypervisor: false, la57: false });
    expect(lab.machine.nodes).toEqual([{ id: 0, cpus: 1, distances: [10] }]);
    expect(lab.schedule).toBe('sequential');
    expect(lab.seed).toBe(1);
  });

  it('keeps every digit of an address that no double can hold', () => {
    const lab = good(`pfnlab: 1
kernel: { version: "6.12", arch: riscv64 }
machine:
  memory:
    - { start: 0xfffffffffff001, end: 72057594037927935, type: usable }
`);
    expect(lab.machine.memory).toEqual([
      { start: 0xfffffffffff001n, end: 0xffffffffffffffn, type: 'usable' },
    ]);
  });

  it('reads a range by its size as well as by its inclusive end', () => {
    const lab = good(`${BASE}    - { start: 0x100000, size: 1MiB, type: pmem }\n`);
    expect(lab.machine.memory[1]).toEqual({ start: 0x100000n, end: 0x1fffffn, type: 'pmem' });
  });

  it('gives a device its own configuration, untouched', () => {
    const lab = good(
      `${BASE}devices:
  - { id: n0, model: nvdimm, range: { start: 0x100000000, size: 1GiB }, interleave: 2 }
`,
    );
    expect(lab.devices).toEqual([
      {
        id: 'n0',
        model: 'nvdimm',
        range: { start: 0x100000000n, size: 0x40000000n },
        config: { interleave: 2 },
        source: { file: 'a.lab.yaml', line: 7, column: 5 },
      },
    ]);
  });

  it('reads the three ways to write an operation', () => {
    const lab = good(`${BASE}program:
  - boot
  - nvdimm0.create-namespace: { mode: fsdax, map: dev }
  - { actor: app, do: pin, va: 0x7f0000000000, pages: 512, expect: { errno: EOPNOTSUPP } }
`);
    expect(lab.program).toEqual([
      { op: 'boot', args: {}, source: at(7, ['program', 0]) },
      {
        target: 'nvdimm0',
        op: 'create-namespace',
        args: { mode: 'fsdax', map: 'dev' },
        source: at(8, ['program', 1], 'nvdimm0.create-namespace'),
      },
      {
        actor: 'app',
        op: 'pin',
        args: { va: 0x7f0000000000, pages: 512 },
        expect: {
          errno: 'EOPNOTSUPP',
          returns: {},
          state: [],
          source: { file: 'a.lab.yaml', line: 9, column: 68 },
        },
        source: at(9, ['program', 2]),
      },
    ]);
  });

  it('reads expectations at the end, inline, and between operations, each with its line', () => {
    const lab = good(`${BASE}program:
  - boot
  - expect:
      - var: { max_pfn: 159 }
  - n0.unbind: {}
    expect:
      - zone: { node: 0, zone: Device, spanned: 0 }
expect:
  - page: { pfn: 0x101200, zone: Device, refcount: 1 }
  - iomem: { start: 0x1000, end: 0x9fbff, name: System RAM }
`);
    expect(lab.program[1]?.op).toBe('expect');
    expect(lab.program[1]?.expect?.state).toEqual([
      {
        kind: 'var',
        want: { max_pfn: 159 },
        source: {
          ...{ file: 'a.lab.yaml', line: 9, column: 9 },
          path: ['program', 1, 'expect', 0, 'var'],
        },
      },
    ]);
    expect(lab.program[2]?.expect?.state[0]?.kind).toBe('zone');
    expect(lab.expect.map(({ kind, source }) => [kind, source.line])).toEqual([
      ['page', 14],
      ['iomem', 15],
    ]);
    expect(lab.expect[1]?.want).toEqual({ start: 0x1000n, end: 0x9fbffn, name: 'System RAM' });
  });

  it('accepts architectures and memory models that exist but are not modelled yet', () => {
    expect(good(BASE.replace('"6.12"', '"4.3", arch: arm64, model: flatmem')).kernel.model).toBe(
      'flatmem',
    );
  });

  it('accepts a recorded schedule and switches of any plain type', () => {
    const lab = good(
      `${BASE.replace('"6.12"', '"4.3", switches: { device_memory_moves_max_pfn: false, limit: 3 }')}schedule: [ { step: 12, actor: app } ]\n`,
    );
    expect(lab.schedule).toEqual([{ step: 12, actor: 'app' }]);
    expect(lab.kernel.switches).toEqual({ device_memory_moves_max_pfn: false, limit: 3 });
  });

  it('locates any part of the document for reports about it', () => {
    const { locate } = parseLab(BASE, 'a.lab.yaml');
    expect(locate(['machine', 'memory', 0, 'end'])).toMatchObject({
      line: 5,
      column: 29,
      endColumn: 36,
    });
    expect(locate(['machine', 'memory', 0, 'nothing'])).toMatchObject({ line: 5, column: 7 });
  });
});
