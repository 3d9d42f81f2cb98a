import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODELLED_RELEASES } from '../../src/main/engine/core/era/version.ts';
import { finalState } from '../../src/main/engine/lab/inspect/final-state.ts';
import { iomemText } from '../../src/main/engine/lab/inspect/iomem.ts';
import { memoryBlocksText } from '../../src/main/engine/lab/inspect/memory-blocks.ts';
import { zoneinfoText } from '../../src/main/engine/lab/inspect/zoneinfo.ts';
import type { World } from '../../src/main/engine/core/world/world.ts';
import { Cursor } from '../../src/main/engine/core/world/timeline.ts';
import { boot } from '../unit/boot/booted.ts';

const UNITS = [1, 512, 4096, 65536, 1 << 21, 1 << 27, 1 << 30];
const TYPES = [
  'usable',
  'usable',
  'usable',
  'reserved',
  'acpi',
  'nvs',
  'pmem',
  'pmem-legacy',
  'soft-reserved',
];
const PARAMS = [
  'mem=64M',
  'mem=0',
  'mem=abc',
  'memmap=exactmap',
  'memmap=100M@1M',
  'memmap=64M$256M',
  'memmap=10M!500M',
  'memmap=8M%300M-1+2',
  'memmap=1K$0x123456',
  'memmap=exactmap,640K@0,200M@1M',
  'kernelcore=50%',
  'kernelcore=200M',
  'movablecore=30%',
  'movablecore=1G',
  'kernelcore=mirror',
  'movable_node',
  'numa=off',
  'kernelcore=',
];

const step = fc.record({
  gap: fc.nat(4),
  gapUnit: fc.constantFrom(...UNITS),
  size: fc.integer({ min: 1, max: 40 }),
  unit: fc.constantFrom(...UNITS.slice(0, 6)),
  type: fc.constantFrom(...TYPES),
});
const srat = fc.record({
  gap: fc.nat(2),
  size: fc.integer({ min: 1, max: 30 }),
  node: fc.nat(2),
  hotplug: fc.boolean(),
});
const machines = fc.record({
  version: fc.constantFrom(...MODELLED_RELEASES, '5.10'),
  memory: fc.array(step, { maxLength: 8 }),
  srat: fc.array(srat, { maxLength: 4 }),
  params: fc.array(fc.constantFrom(...PARAMS), { maxLength: 3 }),
  hypervisor: fc.boolean(),
});

function labText({
  version,
  memory,
  srat: nodes,
  params,
  hypervisor,
}: typeof machines extends fc.Arbitrary<infer M> ? M : never): string {
  let at = 0n;
  const ranges = memory.map(({ gap, gapUnit, size, unit, type }) => {
    const start = at + BigInt(gap) * BigInt(gapUnit);
    at = start + BigInt(size) * BigInt(unit);
    return `{ start: 0x${start.toString(16)}, end: 0x${(at - 1n).toString(16)}, type: ${type} }`;
  });
  let base = 0n;
  const affinity = nodes.map(({ gap, size, node, hotplug }) => {
    const start = base + (BigInt(gap) << 27n);
    base = start + (BigInt(size) << 27n);
    return `{ start: 0x${start.toString(16)}, end: 0x${(base - 1n).toString(16)}, node: ${node}, hotplug: ${hotplug} }`;
  });
  return `kernel: { version: "${version}", cmdline: "${params.join(' ')}" }
machine:
  cpu: { hypervisor: ${hypervisor} }
  memory: [ ${ranges.join(', ')} ]
  nodes: [ { id: 0 }, { id: 1 }, { id: 2, cpus: 0 } ]
  srat: [ ${affinity.join(', ')} ]
`;
}

/** What the kernel printed, as one text. */
const said = (world: World): string =>
  [...world.rows('kernel_log')].map(({ text }) => text).join('\n');

describe('boot/start_kernel on any machine', () => {
  it('ends, with zones inside their nodes, every page of their memory once, and goes back to nothing', () => {
    fc.assert(
      fc.property(machines, (machine) => {
        const { world, facts, log } = boot(labText(machine));
        let present = 0;
        for (const zone of world.rows('zones')) {
          expect(zone.present_pages).toBeGreaterThanOrEqual(0);
          expect(zone.present_pages).toBeLessThanOrEqual(zone.spanned_pages);
          expect(zone.managed_pages).toBeLessThanOrEqual(zone.present_pages);
          present += zone.present_pages;
        }
        let memory = 0;
        for (const { start, end, nid } of world.rows('memblock_memory')) {
          if (world.get('nodes', nid)) memory += Number((end >> 12n) - (start >> 12n));
          if (!world.get('nodes', nid)?.node_present_pages) continue;
          for (const row of world.overlapping('pages', Number(start >> 12n), Number(end >> 12n))) {
            const from = Math.max(row.start, Number(start >> 12n));
            // A section that found no memory for its memmap is lost, and the kernel says so.
            const valid = world.at('sections', Math.floor(from / facts.arch.pages_per_section));
            if (valid) expect(row.state).toBe('init');
            else expect(said(world)).toContain('memory map backing failed');
          }
        }
        expect(present).toBe(memory);
        zoneinfoText(world, facts);
        iomemText(world);
        memoryBlocksText(world, facts);
        JSON.stringify(finalState(world, facts));
        const cursor = new Cursor(log, log.length);
        cursor.seek(0);
        expect(cursor.hashText()).toBe('0'.repeat(32));
      }),
      { numRuns: 200 },
    );
  });
});
