/**
 * Whole machines, where their files are at hand: other people's files are read in place and never
 * copied, so these tests are skipped without them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importFiles } from '../../../src/main/formats/import.ts';
import { parseLab } from '../../../src/shared/lab/parse.ts';

const ROOT =
  process.env['PFNLAB_SHARED'] ?? new URL('../../../../shared', import.meta.url).pathname;
const SAMPLES = `${ROOT}/samples/iomem-dmesg`;
const CAPTURES = `${ROOT}/oracle/captures`;
const sample = (name: string) => ({ name, text: readFileSync(`${SAMPLES}/${name}`, 'utf8') });

function lab(...files: { name: string; text: string }[]) {
  const result = importFiles(files);
  expect(result.problems).toEqual([]);
  const read = parseLab(result.yaml ?? '', 'imported').lab;
  if (!read) throw new Error('no lab');
  return { lab: read, notes: result.notes };
}

describe.skipIf(!existsSync(SAMPLES))('formats/import: machines of other people', () => {
  const VIEWS = ['dmesg', 'iomem', 'zoneinfo', 'buddyinfo', 'pagetypeinfo'].map(
    (view) => `coreos-hyperv-${view}.txt`,
  );

  it('a Hyper-V guest in five views: the views agree, and its zones are what it must show', () => {
    const { lab: guest, notes } = lab(...VIEWS.map(sample));
    expect(guest.kernel.version).toBe('4.18.0-80.11.2.el8_0');
    expect(guest.machine.memory).toHaveLength(15);
    expect(guest.machine.cpu).toEqual({
      phys_bits: 46,
      vendor: 'Intel',
      hypervisor: true,
      la57: false,
    });
    expect(guest.machine.firmware_updates).toEqual([]);
    expect(notes.filter(({ reason }) => reason === 'disagrees')).toEqual([]);
    const zones = guest.expect.flatMap(({ kind, want }) => (kind === 'zone' ? [want] : []));
    expect(zones).toEqual([
      { node: 0, zone: 'DMA', start_pfn: 1, spanned: 4095, present: 3999 },
      { node: 0, zone: 'DMA32', start_pfn: 4096, spanned: 1044480, present: 1011520 },
      { node: 0, zone: 'Normal', start_pfn: 1048576, spanned: 1081344, present: 1081344 },
      { node: 0, zone: 'Movable', spanned: 0, present: 0 },
      { node: 0, zone: 'Device', spanned: 0, present: 0 },
    ]);
  });

  it('no result of the kernel is among the input: without them the machine is the same', () => {
    const { name, text } = sample('coreos-hyperv-dmesg.txt');
    const silent = text
      .split('\n')
      .filter(
        (line) =>
          !/Zone ranges|^\S+\s+\S+ {3}(DMA|DMA32|Normal|Device)|node {3}0:|zone: |totalpages|last_pfn|Memory: /.test(
            line,
          ),
      )
      .join('\n');
    const told = lab({ name, text }).lab;
    const untold = lab({ name, text: silent }).lab;
    expect(untold.expect.length).toBeLessThan(told.expect.length);
    expect({ ...untold.machine, cpu: 0 }).toEqual({ ...told.machine, cpu: 0 });
  });

  it('one node in two SRAT ranges', () => {
    const { lab: three } = lab(sample('redhat-1tb-3node-srat.txt'));
    expect(three.machine.nodes.map(({ id }) => id)).toEqual([0, 1, 2]);
    expect(three.machine.srat.filter(({ node }) => node === 2)).toHaveLength(2);
  });

  it('CXL persistent memory: two devices under one window, four namespaces noted', () => {
    const { lab: cxl, notes } = lab(sample('cxl-pmem-namespaces.iomem.txt'));
    expect(cxl.devices.map(({ range }) => range)).toEqual([
      { start: 0xa90000000n, size: 0x20000000n },
      { start: 0xab0000000n, size: 0x20000000n },
    ]);
    expect(notes.filter(({ text }) => /namespace\d/.test(text))).toHaveLength(4);
  });

  it('System RAM under a DAX device is not the RAM of the machine', () => {
    const { lab: kmem, notes } = lab(sample('pmem-devdax-kmem.iomem.txt'));
    expect(kmem.machine.memory).toEqual([]);
    expect(kmem.devices[0]?.range).toEqual({ start: 0x140000000n, size: 0x200000000n });
    expect(notes.some(({ text }) => text.includes('System RAM (kmem)'))).toBe(true);
  });
});

interface Facts {
  boot_log: string[];
  cmdline: string;
  firmware_map: string[];
}
const captures = existsSync(CAPTURES)
  ? readdirSync(CAPTURES).flatMap((name) =>
      readdirSync(`${CAPTURES}/${name}`).map((kernel) => `${name}/${kernel}`),
    )
  : [];
const x86 = captures.filter((name) => name.endsWith('-amd64'));
const TYPES: Record<string, string> = {
  'System RAM': 'usable',
  Reserved: 'reserved',
  'ACPI Tables': 'acpi',
  'ACPI Non-volatile Storage': 'nvs',
};

describe.skipIf(x86.length === 0)('formats/import: captures of real kernels', () => {
  it.each(x86.length > 0 ? x86 : ['none'])('%s: the memory map is /sys/firmware/memmap', (name) => {
    const facts = JSON.parse(readFileSync(`${CAPTURES}/${name}/facts.json`, 'utf8')) as Facts;
    const text = [`Command line: ${facts.cmdline}`, ...facts.boot_log, ''].join('\n');
    const { lab: machine } = lab({ name: 'dmesg', text });
    const wanted = facts.firmware_map.map((line) => {
      const [, start, end, type = ''] = /^(0x[0-9a-f]+)-(0x[0-9a-f]+) (.*)$/.exec(line) ?? [];
      return [start, end, TYPES[type] ?? type.toLowerCase().replace('device reserved', 'reserved')];
    });
    const got = machine.machine.memory.map((m) => [
      `0x${m.start.toString(16)}`,
      `0x${m.end.toString(16)}`,
      m.type,
    ]);
    expect(got).toEqual(wanted);
    expect(machine.machine.firmware_updates).toEqual([]);
    expect(machine.expect.some(({ kind }) => kind === 'zone_range')).toBe(true);
  });
});
