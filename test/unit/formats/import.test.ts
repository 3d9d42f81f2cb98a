import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatNote, importFiles } from '../../../src/main/formats/import.ts';
import { formatProblem, parseLab } from '../../../src/shared/lab/parse.ts';

const LOGS = new URL('../../fixtures/captures/boot-logs/', import.meta.url);
const file = (name: string) => ({ name, text: readFileSync(new URL(name, LOGS), 'utf8') });
const machine = (name: string, ...kinds: string[]) =>
  kinds.map((kind) => file(`${name}.${kind}.txt`));

/** The lab of an import without problems, read again from its own text. */
function imported(files: { name: string; text: string }[], options = {}) {
  const result = importFiles(files, options);
  expect(result.problems).toEqual([]);
  const { lab, problems } = parseLab(result.yaml ?? '', 'imported.lab.yaml');
  expect(problems.filter(({ severity }) => severity === 'error').map(formatProblem)).toEqual([]);
  if (!lab) throw new Error('no lab');
  return { lab, notes: result.notes, lines: result.notes.map(formatNote) };
}
const zones = (lab: ReturnType<typeof imported>['lab']) =>
  lab.expect.flatMap(({ kind, want }) => (kind === 'zone' ? [want] : []));

describe('formats/import: boot logs of real kernels', () => {
  it('a 4 GiB machine with a PCI hole: the map is input, the zones are expectations', () => {
    const { lab } = imported(machine('b-pci-hole-4g-6.12', 'dmesg', 'iomem', 'zoneinfo'));
    expect(lab.kernel.version).toBe('6.12.117');
    expect(lab.machine.memory.filter(({ type }) => type === 'usable')).toEqual([
      { start: 0n, end: 0x9fbffn, type: 'usable' },
      { start: 0x100000n, end: 0xbffdffffn, type: 'usable' },
      { start: 0x100000000n, end: 0x13fffffffn, type: 'usable' },
    ]);
    expect(lab.machine.firmware_updates).toEqual([]);
    expect(zones(lab)).toContainEqual({
      node: 0,
      zone: 'Normal',
      start_pfn: 1048576,
      spanned: 262144,
      present: 262144,
    });
    expect(lab.expect).toContainEqual(
      expect.objectContaining({ kind: 'var', want: { max_pfn: 0x140000 } }),
    );
    expect(lab.program.map(({ op }) => op)).toEqual(['boot']);
  });

  it('two nodes: SRAT and the CPUs of each', () => {
    const { lab } = imported(machine('c-numa2-unequal-6.1', 'dmesg', 'iomem', 'zoneinfo'));
    expect(lab.kernel.version).toBe('6.1.192');
    expect(lab.machine.nodes.map(({ id, cpus }) => [id, cpus])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(lab.machine.srat.map(({ start, node }) => [start, node])).toEqual([
      [0n, 0],
      [0x100000n, 0],
      [0x20000000n, 1],
    ]);
    expect(zones(lab)).toContainEqual({
      node: 1,
      zone: 'DMA32',
      start_pfn: 131072,
      spanned: 65504,
      present: 65504,
    });
  });

  it('holes asked for on the command line stay there, and are not in the memory map', () => {
    const { lab, notes } = imported(machine('p2-memmap-holes-6.18', 'dmesg', 'iomem', 'zoneinfo'));
    expect(lab.kernel.cmdline).toMatch(
      / memmap=64M\$256M memmap=1M\$400M memmap=0x3000\$0x1c001000$/,
    );
    expect(lab.machine.memory).toHaveLength(7);
    expect(lab.machine.memory[3]).toEqual({ start: 0x100000n, end: 0x3ffdffffn, type: 'usable' });
    expect(zones(lab)).toContainEqual({
      node: 0,
      zone: 'DMA32',
      start_pfn: 4096,
      spanned: 258016,
      present: 241373,
    });
    expect(notes.filter(({ reason }) => reason === 'disagrees')).toEqual([]);
  });

  it('reads the words of 7.2, and says which kernel it was', () => {
    const { lab } = imported(machine('z1-memremap-params-7.2', 'dmesg'));
    expect(lab.kernel.version).toBe('7.2.13');
    expect(lab.machine.memory.map(({ type }) => type)).toEqual([
      'usable',
      'reserved',
      'reserved',
      'usable',
      'reserved',
      'reserved',
      'reserved',
    ]);
    expect(lab.machine.firmware_updates).toEqual([]);
  });

  it('5-level paging is read from max_arch_pfn', () => {
    expect(imported(machine('q-la57-6.18', 'dmesg')).lab.machine.cpu.la57).toBe(true);
    expect(imported(machine('z1-memremap-params-7.2', 'dmesg')).lab.machine.cpu.la57).toBe(false);
  });

  it('persistent memory that a driver found becomes an NVDIMM; its namespaces are noted', () => {
    const { lab, lines } = imported(machine('g-fsdax-map-dev-6.18', 'dmesg', 'iomem'));
    expect(lab.devices).toEqual([
      {
        id: 'nvdimm0',
        model: 'nvdimm',
        node: 0,
        range: { start: 0x100000000n, size: 0x40000000n },
        config: {},
        source: expect.objectContaining({ file: 'imported.lab.yaml' }),
      },
    ]);
    expect(lines.filter((line) => line.includes('namespace0'))).toEqual([
      expect.stringMatching(
        /^g-fsdax-map-dev-6\.18\.iomem\.txt:\d+: not used: {3}100000000-11fffffff : namespace0\.0 \(/,
      ),
      expect.stringMatching(/namespace0\.1/),
    ]);
  });

  it('the rest of the resource tree is kept, and what belongs to the running image is marked', () => {
    const { lab } = imported(machine('b-pci-hole-4g-6.12', 'dmesg', 'iomem'));
    const names = new Map(lab.machine.resources.map(({ name, image }) => [name, image]));
    expect(names.get('Kernel code')).toBe(true);
    expect(names.get('IOAPIC 0')).toBe(false);
    expect(names.has('System RAM')).toBe(false);
    expect(names.has('Reserved')).toBe(false);
    expect(names.has('RAM buffer')).toBe(false);
  });

  it('time stamps, line ends and syslog prefixes do not change the machine', () => {
    const { name, text } = file('c-numa2-unequal-6.1.dmesg.txt');
    const { lab } = imported([{ name, text }]);
    const bare = text.replace(/^\[ *\d+\.\d+\] /gm, '');
    for (const variant of [
      bare,
      text.replaceAll('\n', '\r\n'),
      bare.replace(/^/gm, 'Nov 21 11:00:00 host kernel: '),
      bare.replace(/^/gm, 'kern  :info  : [Thu Nov 21 11:00:00 2026] '),
    ]) {
      const again = imported([{ name, text: variant }]).lab;
      expect(again.machine).toEqual(lab.machine);
      expect(again.kernel).toEqual(lab.kernel);
    }
  });

  it('every line is either used or noted, with its number', () => {
    const log = file('b-pci-hole-4g-6.12.dmesg.txt');
    const { notes } = imported([log]);
    const noted = new Set(notes.flatMap(({ line }) => line ?? []));
    const silent = log.text.split('\n').filter((text, i) => text !== '' && !noted.has(i + 1));
    const USED =
      /Linux version|ommand line:|RAM map|BIOS-e820|DMI: QEMU|last_pfn|Zone ranges|\[mem 0x[0-9a-f]{16}-|  (DMA|DMA32|Normal|Device) |empty$|Movable zone|Early memory|unavailable ranges|Memory: |Allowing|CPU0|Brought up|SRAT|node {2}#|ACPI: \w{4} 0x|ACPI: Reserving/;
    expect(silent.filter((text) => !USED.test(text))).toEqual([]);
    expect(silent.length).toBeGreaterThan(25);
  });
});

describe('formats/import: what is missing is assumed, and said', () => {
  const MAP = [
    'BIOS-provided physical RAM map:',
    'BIOS-e820: [mem 0x0000000000000000-0x000000003fffffff] usable',
  ].join('\n');

  it('a log without a banner takes the newest era and says so', () => {
    const { lab, lines } = imported([{ name: 'd', text: `${MAP}\n` }]);
    expect(lab.kernel.version).toBe('7.2');
    expect(lines).toContain(
      "d: assumed: kernel.version is 7.2, the newest era; no file has the kernel's banner",
    );
    expect(lines).toContain('d: assumed: the command line is empty; the log does not print it');
  });

  it('--kernel and --arch win over the files', () => {
    const { lab } = imported([file('z1-memremap-params-7.2.dmesg.txt')], {
      kernel: '6.1',
      arch: 'amd64',
    });
    expect(lab.kernel.version).toBe('6.1');
    expect(lab.kernel.arch).toBe('x86_64');
  });

  it('/proc/iomem alone gives the machine as the kernel left it', () => {
    const { lab, lines } = imported(machine('b-pci-hole-4g-6.12', 'iomem'));
    expect(
      lab.machine.memory
        .filter(({ type }) => type === 'usable')
        .map(({ start, end }) => [start, end]),
    ).toEqual([
      [0x1000n, 0x9fbffn],
      [0x100000n, 0xbffdffffn],
      [0x100000000n, 0x13fffffffn],
    ]);
    expect(
      lines.some((line) => line.includes("as the running kernel left it, not firmware's own")),
    ).toBe(true);
  });

  it('RAM in /proc/iomem that the log does not know is reported, and the log wins', () => {
    const { lab, lines } = imported([
      { name: 'd', text: `${MAP}\n` },
      {
        name: 'i',
        text: '00001000-0009ffff : System RAM\n00100000-3fffffff : System RAM\n100000000-107ffffff : System RAM\n',
      },
    ]);
    expect(lab.machine.memory).toHaveLength(1);
    expect(lines).toContain(
      'i:3: disagrees: 100000000-107ffffff : System RAM (0x100000000-0x107ffffff is no RAM in d: added after boot, or another machine; the log was taken)',
    );
  });

  it('a zone that changed after boot is reported, and the figure at boot is kept', () => {
    const { lab, lines } = imported([
      {
        name: 'd',
        text: `${MAP}\nOn node 0 totalpages: 262045\n  DMA zone: 3998 pages, LIFO batch:0\n`,
      },
      { name: 'z', text: 'Node 0, zone      DMA\n        spanned  4095\n        present  3000\n' },
    ]);
    expect(zones(lab)).toEqual([{ node: 0, zone: 'DMA', present: 3998 }]);
    expect(lines).toContain(
      'z:1: disagrees: node 0, zone DMA has 3000 pages present, but 3998 at boot; the log was taken',
    );
  });

  it('nodes that claim the same memory are reported, and the first is taken', () => {
    const { lab, lines } = imported([
      {
        name: 'd',
        text: `${MAP}\nACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x3fffffff]\nACPI: SRAT: Node 1 PXM 1 [mem 0x20000000-0x2fffffff]\n`,
      },
    ]);
    expect(lab.machine.srat).toHaveLength(1);
    expect(
      lines.some((line) =>
        line.startsWith('d: disagrees: SRAT gives 0x20000000-0x2fffffff to node 1'),
      ),
    ).toBe(true);
  });

  it('free page counts are recognised, and none of them is used', () => {
    const { lines } = imported([
      { name: 'd', text: `${MAP}\n` },
      {
        name: 'b',
        text: 'Node 0, zone      DMA      1      1      1      0      2      1      1      0      1      1      3 \n',
      },
    ]);
    expect(lines.find((line) => line.startsWith('b:'))).toMatch(
      /^b:1: not used: Node 0, zone {6}DMA .*free pages/,
    );
  });
});

describe('formats/import: what cannot be recognised', () => {
  const told = (files: { name: string; text: string }[], options = {}) => {
    const { lab, yaml, problems } = importFiles(files, options);
    expect([lab, yaml]).toEqual([undefined, undefined]);
    return problems.map(formatProblem);
  };
  const EXPECTED =
    'expected one of a kernel boot log (dmesg), /proc/iomem, /proc/zoneinfo, /proc/buddyinfo, /proc/pagetypeinfo';

  it('is one located message for each file', () => {
    expect(
      told([
        { name: 'a.txt', text: 'Dear diary\n' },
        { name: 'b.bin', text: '\u007fELF\0\0\0' },
        { name: 'c.txt', text: '' },
      ]),
    ).toEqual([
      `a.txt:1:1: this file is not recognised; ${EXPECTED}`,
      `b.bin:1:1: this is a binary file; ${EXPECTED}`,
      'c.txt:1:1: the file is empty',
    ]);
  });

  it('an option that cannot be is a message, not a guess', () => {
    const log = file('z1-memremap-params-7.2.dmesg.txt');
    expect(told([log], { arch: 'vax', kernel: 'newest' })).toEqual([
      '--arch:1:1: "vax" is no architecture; expected one of x86_64, x86_32, arm64, riscv64, s390x, ppc64',
      '--kernel:1:1: "newest" is no kernel version; expected one such as 6.12',
    ]);
    expect(told([])).toEqual(['import:1:1: no file was given']);
  });
});
