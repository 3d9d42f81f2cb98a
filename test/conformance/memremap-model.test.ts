import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBatch } from '../../src/main/bench/batch/run.ts';
import {
  factsOf,
  fixture,
  type CallEvent,
  type DumpEvent,
  type Fixture,
} from './memremap-fixture.ts';

const ROOT = join(import.meta.dirname, '..', '..');

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** The captured machine, as a lab file says it. */
function machineOf(captured: Fixture): object {
  const { machine } = factsOf(captured);
  const ranges = <T extends { start: bigint; end: bigint }>(list: readonly T[]) =>
    list.map((entry) => ({ ...entry, start: hex(entry.start), end: hex(entry.end) }));
  return {
    cpu: { phys_bits: machine.cpu.phys_bits, vendor: 'AMD', hypervisor: true },
    memory: ranges(machine.memory),
    nodes: machine.nodes,
    srat: ranges(machine.srat),
    acpi_tables: ranges(machine.acpi_tables),
    resources: ranges(machine.resources),
  };
}

/** What the captures' own module did beside the call: `add id type start size nid [reserve free [shift]]`. */
function step({ command, errno, altmap, free_region }: CallEvent): object[] {
  const [verb, name = '', ...words] = command.split(' ');
  if (verb === 'del') return [{ 'zdev.unmap': { name } }];
  if (verb === 'rmmod') return [{ 'zdev.unbind': {} }];
  if (verb !== 'add') return [];
  const [type, start = '0', size = '0', nid = '0', reserve = '-1', free = '0', shift = '0'] = words;
  const found = type === '1' && start === '0';
  const driven = type === '1' || type === '2';
  const [from = ''] = free_region?.split('-') ?? [];
  const altmapTook = altmap ? { altmap_alloc: altmap.alloc, altmap_align: altmap.align } : {};
  const place = found ? { start: Number(from), end: Number(BigInt(from) + BigInt(size) - 1n) } : {};
  return [
    {
      'zdev.map': {
        ...{ name, type, size, nid: Number(nid), vmemmap_shift: Number(shift) },
        ...(found ? {} : { start }),
        ...(reserve === '-1' ? {} : { reserve: Number(reserve), free: Number(free) }),
        ops: driven ? 'migrate_to_ram page_free folio_free' : '',
        owner: driven ? 'zdev' : '',
      },
      expect: errno === null ? { ...altmapTook, ...place } : { errno },
    },
  ];
}

function expectations({ device, pgmaps, sections }: DumpEvent): object {
  const zone = { node: 0, zone: 'Device', start_pfn: device.start_pfn, spanned: device.spanned };
  return {
    expect: [
      { zone: { ...zone, present: 0, managed: 0 } },
      ...sections.map(({ nr, subsections }) => ({ section: { nr, subsections } })),
      ...pgmaps.flatMap(({ ranges, altmap }) =>
        ranges.map(([start, end]) => ({
          pgmap: { start, end, exists: true, ...(altmap ? { altmap } : {}) },
        })),
      ),
    ],
  };
}

describe.each([
  'z1-memremap-params-6.12.117',
  'z1-memremap-params-7.2.13',
  'z2-memremap-altmap-6.12.117',
  'z2-memremap-altmap-7.2.13',
  'z4-device-private-6.12.117',
  'z4-device-private-7.2.13',
])('the shipped model `memremap` asked as the kernel was: %s', (name) => {
  it('answers with the errnos, altmaps, free regions, spans and sections of the capture', async () => {
    const captured = fixture(name);
    const lab = {
      pfnlab: 1,
      title: name,
      kernel: { version: captured.kernel, arch: 'x86_64', model: 'sparsemem-vmemmap' },
      machine: machineOf(captured),
      devices: [{ id: 'zdev', model: 'memremap', node: 0 }],
      program: [
        'boot',
        ...captured.events.flatMap((event): object[] => {
          if ('dump' in event) return [expectations(event)];
          return event.reached ? step(event) : [];
        }),
      ],
    };
    const batch = await runBatch(name, JSON.stringify(lab), ROOT);
    if (!batch.ok) throw new Error(batch.problems.join('\n'));
    const { verdicts, faults } = batch.value;
    expect([...faults, ...verdicts].filter(({ ok }) => !ok)).toEqual([]);
    const asked = captured.events.filter((event) => 'step' in event && /^add/.test(event.command));
    expect(verdicts.length).toBeGreaterThan(asked.length);
  });
});
