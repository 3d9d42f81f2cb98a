import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { importFiles } from '../../src/main/formats/import.ts';
import type { MemoryRange, SratRange } from '../../src/shared/lab/machine.ts';
import { parseLab } from '../../src/shared/lab/parse.ts';

const WORDS = {
  usable: ['usable', ' System RAM'],
  reserved: ['reserved', ' device reserved'],
  acpi: ['ACPI data', ' ACPI data'],
  nvs: ['ACPI NVS', ' ACPI NVS'],
  unusable: ['unusable', ' unusable'],
  pmem: ['persistent (type 7)', ' persistent RAM (type 7)'],
  'pmem-legacy': ['persistent (type 12)', ' persistent RAM (type 12)'],
  'soft-reserved': ['soft reserved', ' soft reserved'],
} as const;
type Type = keyof typeof WORDS;
const hex = (address: bigint, digits: number) => `0x${address.toString(16).padStart(digits, '0')}`;

/** A memory map as firmware may report it: sorted, without overlaps, page aligned or not. */
const map: fc.Arbitrary<MemoryRange[]> = fc
  .array(
    fc.tuple(
      fc.bigInt(0n, 1n << 32n),
      fc.bigInt(1n, 1n << 36n),
      fc.constantFrom(...(Object.keys(WORDS) as Type[])),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((steps) => {
    let at = 0n;
    return steps.map(([gap, size, type]) => {
      const start = at + gap;
      at = start + size;
      return { start, end: at - 1n, type };
    });
  });

const srat: fc.Arbitrary<SratRange[]> = fc
  .array(fc.tuple(fc.bigInt(1n, 1n << 38n), fc.nat(3), fc.boolean(), fc.boolean()), {
    maxLength: 6,
  })
  .map((steps) => {
    let at = 0n;
    return steps.map(([size, node, hotplug, non_volatile]) => {
      const start = at;
      at += size;
      return { start, end: at - 1n, node, hotplug, non_volatile };
    });
  });

const prefix = fc.constantFrom(
  '',
  '[    0.000000] ',
  '[    1.234567][    T1] ',
  'kern  :info  : [    0.000000] ',
  'Nov  1 11:00:00 host kernel: ',
);

function log(
  memory: MemoryRange[],
  affinity: SratRange[],
  before: string,
  era: 0 | 1,
  noise: string[],
): string {
  const lines = [
    'Linux version 6.12.1 (a@b) (x86_64-linux-gnu-gcc) #1 SMP',
    'BIOS-provided physical RAM map:',
    ...memory.map(
      ({ start, end, type }) =>
        `BIOS-e820: [mem ${hex(start, 16)}-${hex(end, 16)}] ${WORDS[type][era]}`,
    ),
    ...noise,
    ...affinity.map(
      ({ start, end, node, hotplug, non_volatile }) =>
        `ACPI: SRAT: Node ${node} PXM ${node} [mem ${hex(start, 8)}-${hex(end, 8)}]${hotplug ? ' hotplug' : ''}${non_volatile ? ' non-volatile' : ''}`,
    ),
  ];
  return lines.map((line) => `${before}${line}\n`).join('');
}

describe('formats/import: any machine', () => {
  it('a log printed from a machine gives that machine back, in any era and with any prefix', () => {
    fc.assert(
      fc.property(
        map,
        srat,
        prefix,
        fc.constantFrom(0 as const, 1 as const),
        fc.array(fc.stringMatching(/^[a-z]{1,8}: [ -~]{0,40}$/), { maxLength: 5 }),
        (memory, affinity, before, era, noise) => {
          const text = log(memory, affinity, before, era, noise);
          const { yaml, problems } = importFiles([{ name: 'd', text }]);
          expect(problems).toEqual([]);
          const { lab } = parseLab(yaml ?? '', 'd');
          expect(lab?.machine.memory).toEqual(memory);
          expect(lab?.machine.srat).toEqual(affinity);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('/proc/iomem printed from a machine gives its RAM back', () => {
    fc.assert(
      fc.property(map, (memory) => {
        const names = {
          usable: 'System RAM',
          reserved: 'Reserved',
          acpi: 'ACPI Tables',
          nvs: 'ACPI Non-volatile Storage',
          unusable: 'Unusable memory',
          'pmem-legacy': 'Persistent Memory (legacy)',
          'soft-reserved': 'Soft Reserved',
        };
        const shown = memory.filter(({ type }) => type !== 'pmem');
        fc.pre(shown.length > 0);
        const text = shown
          .map(
            ({ start, end, type }) =>
              `${hex(start, 8).slice(2)}-${hex(end, 8).slice(2)} : ${names[type as keyof typeof names]}\n`,
          )
          .join('');
        const { lab } = importFiles([{ name: 'i', text }]);
        expect(lab?.machine.memory).toEqual(shown);
      }),
      { numRuns: 200 },
    );
  });
});
