import { describe, expect, it } from 'vitest';
import { acpi_table_parse_cedt } from '../../../src/main/engine/kernel/cxl/windows.ts';
import { possibleNodes } from '../../../src/main/engine/kernel/numa/initmem-init.ts';
import {
  memory_add_physaddr_to_nid,
  phys_to_target_node,
} from '../../../src/main/engine/kernel/numa/target-node.ts';
import { bootParsed, type Booted } from '../memmodel/boot-lab.ts';
import { benchOf } from '../pgmap/small-machine.ts';
import type { KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import { labFacts } from '../../../src/main/engine/lab/machine/lab-facts.ts';
import { parseLab } from '../../../src/shared/lab/parse.ts';

/** 1 GiB of RAM in two pieces of node 0, and what of 4 GiB up the tables say. */
function booted(
  version: string,
  cfmws: string,
  { srat = '', config = '', ram = '', nodes = '' } = {},
): Booted {
  const { lab, problems } = parseLab(
    `pfnlab: 1
kernel: { version: "${version}", config: { ${config} } }
machine:
  memory:
    - { start: 0x0, end: 0x1fffffff, type: usable }
    - { start: 0x40000000, end: 0x5fffffff, type: usable }
${ram}
  nodes: [{ id: 0 }, ${nodes}]
  srat:
    - { start: 0x0, end: 0x1fffffff, node: 0 }
    - { start: 0x40000000, end: 0x5fffffff, node: 0 }
${srat}
  cfmws: [${cfmws}]
program: [boot]
`,
    'cxl.lab.yaml',
  );
  if (!lab) throw new Error(JSON.stringify(problems));
  return bootParsed(lab);
}

/** What a function returns after the boot. */
const call = <P, R>({ world, facts }: Booted, fn: KernelFunction<P, R>, params: P) =>
  benchOf(world, facts).call(fn, params);

const ask = (run: Booted, start: bigint) => call(run, phys_to_target_node, { start });
const printed = ({ world }: Booted) => [...world.rows('kernel_log')].map(({ text }) => text);
const calls = ({ log }: Booted, name: string) =>
  Array.from({ length: log.length }, (_, at) => log.step(at + 1)).filter(
    ({ fn, kind }) => fn === name && kind === 'call',
  );
const windows = ({ world }: Booted) =>
  [...world.rows('resources')].filter(({ name }) => name.startsWith('CXL Window'));

describe('acpi_parse_cfmws', () => {
  it('acpi_parse_cfmws gives a window SRAT does not name the next node, in order of the CEDT', () => {
    const run = booted(
      '6.12',
      '{ start: 0x100000000, size: 4GiB }, { start: 0x200000000, size: 4GiB }',
    );
    expect([ask(run, 0x100000000n), ask(run, 0x2ffffffffn), ask(run, 0x300000000n)]).toEqual([
      1, 2, -1,
    ]);
    expect(possibleNodes(run.k)).toEqual([0, 1, 2]);
  });

  it('has no such node before 6.1 and 6.0.8', () => {
    const window = '{ start: 0x100000000, size: 4GiB }';
    expect(possibleNodes(booted('6.0.7', window).k)).toEqual([0]);
    expect(possibleNodes(booted('6.0.8', window).k)).toEqual([0, 1]);
  });

  it('keeps the node of SRAT for all of a window since 6.7, for none of it before', () => {
    const srat = '    - { start: 0x140000000, size: 1GiB, node: 5, hotplug: true }';
    const window = '{ start: 0x100000000, size: 4GiB }';
    // The window begins 1 GiB before what SRAT names of it.
    expect(ask(booted('6.7', window, { srat, nodes: '{ id: 5, cpus: 0 }' }), 0x1c0000000n)).toBe(5);
    expect(ask(booted('6.6', window, { srat, nodes: '{ id: 5, cpus: 0 }' }), 0x100000000n)).toBe(6);
  });
});

describe('probe_memory_block_size', () => {
  it('follows the alignment of the windows since 6.15, on bare metal too', () => {
    // 64 GiB up to 65.5 GiB: the end of memory is a multiple of 512 MiB and of nothing more.
    const ram = '    - { start: 0x60000000, end: 0x105fffffff, type: usable }';
    const srat = '    - { start: 0x60000000, end: 0x105fffffff, node: 0 }';
    const size = (version: string, window: string) =>
      booted(version, window, { ram, srat }).world.get('vars', 'memory_block_size')?.value;
    expect(size('6.12', '{ start: 0x2000000000, size: 256MiB }')).toBe(1n << 31n);
    expect(size('7.2', '{ start: 0x2000000000, size: 256MiB }')).toBe(1n << 28n);
    expect(size('7.2', '{ start: 0x2000000000, size: 64GiB }')).toBe(1n << 29n);
    expect(size('7.2', '')).toBe(1n << 31n);
  });
});

describe('phys_to_target_node', () => {
  it('phys_to_target_node asks the window first since 7.0 and 6.12.75, RAM around it before', () => {
    const window = '{ start: 0x30000000, size: 256MiB }';
    // The two pieces of node 0 are joined over the hole that holds the window.
    expect(ask(booted('6.12.74', window), 0x30000000n)).toBe(0);
    expect(ask(booted('6.12.75', window), 0x30000000n)).toBe(1);
  });

  it('memory_add_physaddr_to_nid falls back to the first node', () => {
    const run = booted('6.12', '{ start: 0x100000000, size: 4GiB }');
    expect(call(run, memory_add_physaddr_to_nid, { start: 0x100000000n })).toBe(0);
    expect(call(run, memory_add_physaddr_to_nid, { start: 0x50000000n })).toBe(0);
  });
});

describe('acpi_parse_cfmws', () => {
  it('acpi_parse_cfmws, then cxl_acpi_probe with cxl_acpi_cfmws_verify, come once a window', () => {
    const run = booted(
      '6.12',
      '{ start: 0x100000000, size: 128MiB }, { start: 0x200000000, size: 1GiB }',
    );
    expect(calls(run, 'acpi_parse_cfmws').map(({ args }) => args['nid'])).toEqual([1, 2]);
    expect(calls(run, 'cxl_acpi_probe')).toHaveLength(1);
    expect(calls(run, 'cxl_acpi_cfmws_verify').map(({ err }) => err?.errno)).toEqual([
      'EINVAL',
      undefined,
    ]);
  });

  it('add_cxl_resources calls insert_resource_expand_to_fit for each window that is whole', () => {
    const run = booted(
      '6.12',
      '{ start: 0x100000000, size: 128MiB }, { start: 0x200000000, size: 1GiB }',
    );
    const [parent] = calls(run, 'add_cxl_resources');
    expect(calls(run, 'insert_resource_expand_to_fit')).toMatchObject([
      { parent: parent?.seq, args: { name: 'CXL Window 0', start: 0x200000000n } },
    ]);
  });
});

describe('what a lab may say of windows and HMAT', () => {
  const problems = (machine: string, arch = 'x86_64') => {
    const { lab, problems: found } = parseLab(
      `pfnlab: 1\nkernel: { version: "6.12", arch: ${arch} }\nmachine:\n  memory: [{ start: 0x0, end: 0x3fffffff, type: usable }]\n  ${machine}\nprogram: [boot]\n`,
      'x.lab.yaml',
    );
    const late = lab ? labFacts(lab).problems : [];
    return [...found, ...late].map(({ message }) => message);
  };
  const at = (nodes: string) =>
    `{ ${nodes}, read_latency: 1, write_latency: 1, read_bandwidth: 1, write_bandwidth: 1 }`;

  it('tells of windows that overlap, of ways no decoder has, and of other architectures', () => {
    const two = 'cfmws: [{ start: 0x100000000, size: 1GiB }, { start: 0x120000000, size: 1GiB }]';
    expect(problems(two)).toEqual([
      'the CXL window 0x120000000-0x15fffffff overlaps the CXL window 0x100000000-0x13fffffff of line 5',
    ]);
    const five = 'cfmws: [{ start: 0x100000000, size: 1GiB, targets: [0, 1, 2, 3, 4] }]';
    expect(problems(five).join()).toContain('a window interleaves over 1, 2, 3, 4, 6, 8, 12, 16');
    expect(problems('cfmws: [{ start: 0x100000000, size: 1GiB }]', 'arm64').join()).toContain(
      'a limit of pfnlab, not of the kernel',
    );
  });

  it('tells of nodes that are not there and of what is said twice', () => {
    const hmat = `hmat: [${at('initiator: 0, target: 9')}, ${at('initiator: 0, target: 0')}, ${at('initiator: 0, target: 0')}]`;
    expect(problems(hmat)).toEqual([
      'node 9 is not among machine.nodes',
      'HMAT says twice how node 0 to 0 performs',
    ]);
  });
});

describe('cxl_acpi_probe', () => {
  it('add_cxl_resources names the windows; cxl_acpi_cfmws_verify leaves out what is not whole', () => {
    const run = booted(
      '6.12',
      '{ start: 0x100000000, size: 128MiB }, { start: 0x200000000, size: 1GiB, targets: [3, 4] }',
    );
    expect(windows(run)).toMatchObject([
      { name: 'CXL Window 0', start: 0x200000000n, end: 0x23fffffffn, desc: 'CXL' },
    ]);
    expect(printed(run)).toEqual(
      expect.arrayContaining([
        'cxl_acpi: CFMWS Window Size not 256MB aligned',
        'cxl_acpi: Failed to add decode range: [0x100000000 - 0x107ffffff] (-22)',
      ]),
    );
    expect(call(run, acpi_table_parse_cedt, { id: 'CFMWS' })).toMatchObject([
      { start: 0x200000000n, targets: [3, 4], granularity: 256n, resource: windows(run)[0]?.id },
    ]);
  });

  it('insert_resource_expand_to_fit goes above what lies in a window and over what it would cut', () => {
    const ram =
      '    - { start: 0x100000000, size: 256MiB, type: soft-reserved }\n' +
      '    - { start: 0x130000000, size: 512MiB, type: soft-reserved }';
    const run = booted('6.12', '{ start: 0x100000000, size: 1GiB }', { ram });
    const [window] = windows(run);
    // The second range ends 256 MiB past the window.
    expect(window).toMatchObject({ start: 0x100000000n, end: 0x14fffffffn, parent: 0 });
    expect(printed(run)).toContain(
      'Expanded resource CXL Window 0 due to conflict with Soft Reserved',
    );
    const soft = [...run.world.rows('resources')].filter(({ name }) => name === 'Soft Reserved');
    expect(soft.map(({ parent }) => parent)).toEqual([window?.id, window?.id]);
  });

  it('acpi_table_parse_cedt and the tree have none without CONFIG_CXL_ACPI', () => {
    const run = booted('6.12', '{ start: 0x100000000, size: 1GiB }', { config: 'CXL_ACPI: n' });
    expect(windows(run)).toEqual([]);
    expect(call(run, acpi_table_parse_cedt, { id: 'CFMWS' })).toEqual([]);
  });
});
