import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARCHITECTURES, MAX_PHYS_BITS, MEMORY_MODELS } from '../../src/shared/lab/architecture.ts';
import type { ExpectEntry } from '../../src/shared/lab/expectations/expectations.ts';
import { MEMORY_TYPES, UPDATE_TYPES } from '../../src/shared/lab/machine.ts';
import { formatProblem, parseLab } from '../../src/shared/lab/parse.ts';
import type { EntrySource } from '../../src/shared/lab/program.ts';
import type { Lab, Value } from '../../src/shared/lab/schema.ts';
import { writeLab } from '../../src/shared/lab/write.ts';

const place = { file: 'f', line: 1, column: 1 };
const text = fc.string({ maxLength: 20 });
const word = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
  .filter((w) => !['do', 'expect', 'actor', 'id', 'model', 'node', 'range'].includes(w));
const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.boolean(),
    fc.constant(null),
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((d) => !Number.isInteger(d)),
    fc.bigInt({ min: 1n << 53n, max: (1n << 64n) - 1n }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(word, tie('value'), { maxKeys: 3 }),
  ),
})).value;
const values = fc.dictionary(word, value, { maxKeys: 3 });
const errno = fc.constantFrom('EINVAL', 'ENOMEM', 'EBUSY');

/** Ranges that follow one another with gaps. */
const chain = (limitBits: number, maxLength: number) =>
  fc
    .array(
      fc.tuple(fc.bigInt({ min: 0n, max: 1n << 30n }), fc.bigInt({ min: 1n, max: 1n << 34n })),
      { maxLength },
    )
    .map((steps) => {
      let at = 0n;
      return steps.map(([gap, size]) => {
        const start = at + gap;
        at = start + size;
        return { start, end: at - 1n };
      });
    })
    .filter((ranges) => (ranges.at(-1)?.end ?? 0n) < 1n << BigInt(limitBits));

const expectation: fc.Arbitrary<ExpectEntry> = fc.oneof(
  fc.record({
    kind: fc.constant('zone' as const),
    want: fc.record(
      {
        node: fc.nat(3),
        zone: fc.constantFrom('DMA' as const, 'Device' as const),
        start_pfn: fc.nat(),
        present: fc.nat(),
      },
      { requiredKeys: ['node', 'zone'] },
    ),
    source: fc.constant(place),
  }),
  fc.record({
    kind: fc.constant('iomem' as const),
    want: fc.record({ start: fc.bigInt(0n, 99n), end: fc.bigInt(100n, 1n << 60n), name: text }),
    source: fc.constant(place),
  }),
  fc.record({
    kind: fc.constant('var' as const),
    want: fc.dictionary(word, fc.maxSafeNat(), { maxKeys: 2 }),
    source: fc.constant(place),
  }),
  fc.record({
    kind: fc.constant('device' as const),
    want: fc.record({ id: text, registers: values }),
    source: fc.constant(place),
  }),
);

const operation = fc.record(
  {
    actor: word,
    target: word,
    op: word,
    args: values,
    expect: fc.oneof(
      fc.record({
        errno,
        returns: values.map(({ errno: _e, ok: _o, ...rest }) => rest),
        state: fc.constant<ExpectEntry[]>([]),
        source: fc.constant(place),
      }),
      fc.record({
        returns: fc.constant({}),
        state: fc.array(expectation, { minLength: 1, maxLength: 2 }),
        source: fc.constant(place),
      }),
    ),
    source: fc.constant<EntrySource>({ ...place, path: [], args: [] }),
  },
  // Whose operation it is decides what its arguments may be: a device's are its model's.
  { requiredKeys: ['target', 'op', 'args', 'source'] },
);

const lab: fc.Arbitrary<Lab> = fc.constantFrom(...ARCHITECTURES).chain((arch) => {
  const bits = MAX_PHYS_BITS[arch];
  return fc.record({
    pfnlab: fc.constant(1 as const),
    title: text,
    topic: text,
    kernel: fc.record({
      version: fc.constantFrom('6.12', '4.3', '6.10', '4.18.0-80.11.2.el8_0'),
      arch: fc.constant(arch),
      model: fc.constantFrom(...MEMORY_MODELS),
      cmdline: text,
      config: values,
      switches: fc.dictionary(word, fc.oneof(fc.boolean(), text, fc.nat()), { maxKeys: 2 }),
      hypothetical: fc.boolean(),
    }),
    machine: fc.record({
      cpu: fc.record(
        {
          phys_bits: fc.constant(bits),
          vendor: text,
          hypervisor: fc.boolean(),
          la57: fc.boolean(),
        },
        { requiredKeys: ['phys_bits', 'hypervisor', 'la57'] },
      ),
      memory: chain(bits, 6).chain((ranges) =>
        fc.tuple(
          ...ranges.map((r) => fc.constantFrom(...MEMORY_TYPES).map((type) => ({ ...r, type }))),
        ),
      ),
      nodes: fc.constantFrom(
        [{ id: 0, cpus: 1, distances: [10] }],
        [
          { id: 0, cpus: 0, distances: [10, 31] },
          { id: 7, cpus: 4, distances: [31, 10] },
        ],
      ),
      srat: chain(bits, 3).map((ranges) =>
        ranges.map((r, i) => ({ ...r, node: 0, hotplug: i === 1, non_volatile: i === 2 })),
      ),
      cfmws: chain(bits, 2).map((ranges) =>
        ranges.map((r, i) => ({
          ...r,
          targets: i === 0 ? [7] : [0, 1],
          granularity: 512n,
          restrictions: ['type3' as const, 'volatile' as const],
          qtg: i,
        })),
      ),
      hmat: fc.constantFrom(
        [],
        [
          {
            ...{ initiator: 0, target: 0, read_latency: 80, write_latency: 81 },
            ...{ read_bandwidth: 100_000, write_bandwidth: 90_000 },
          },
        ],
      ),
      firmware_updates: chain(bits, 2).chain((ranges) =>
        fc.tuple(
          ...ranges.map((r) =>
            fc.record({
              action: fc.constant('update' as const),
              start: fc.constant(r.start),
              end: fc.constant(r.end),
              from: fc.constantFrom(...UPDATE_TYPES),
              to: fc.constantFrom(...UPDATE_TYPES),
              origin: text,
            }),
          ),
        ),
      ),
      acpi_tables: chain(bits, 2).map((ranges) => ranges.map((r) => ({ ...r, name: 'FACP' }))),
      pci: fc.boolean(),
      resources: chain(bits, 3).chain((ranges) =>
        fc.tuple(
          ...ranges.map((r) =>
            fc.record({
              start: fc.constant(r.start),
              end: fc.constant(r.end),
              name: text,
              image: fc.boolean(),
            }),
          ),
        ),
      ),
    }),
    devices: fc
      .array(fc.record({ model: word, config: values }), { maxLength: 2 })
      .map((list) => list.map((device, i) => ({ id: `d${i}`, ...device, source: place }))),
    plugins: fc.constantFrom(
      [],
      [{ id: 'org.pfnlab.nvdimm', version: '1.0.0', sha256: 'a'.repeat(64) }],
    ),
    seed: fc.nat(),
    schedule: fc.oneof(
      fc.constant('sequential' as const),
      fc.array(
        fc.oneof(
          fc.record({ step: fc.nat(), actor: word }),
          fc.record({
            run: fc.record(
              { actor: word, until: fc.constantFrom('memunmap_pages', 'gup_pte_range:recheck') },
              { requiredKeys: ['actor'] },
            ),
          }),
          fc.record({ hold: fc.record({ actor: word, at: fc.constant('memunmap_pages') }) }),
          fc.record({ release: word }),
        ),
        { maxLength: 3 },
      ),
    ),
    invariants: fc.constantFrom('stop' as const, 'report' as const),
    program: fc
      .array(fc.oneof(operation, fc.tuple(operation, operation)), { maxLength: 4 })
      .map((list) =>
        list.flatMap((item, at) => {
          if (!Array.isArray(item)) return [item];
          return item.map((entry, index) => ({
            ...entry,
            op: `${entry.op}x`,
            actor: `actor${index}`,
            concurrent: at,
          }));
        }),
      ),
    expect: fc.array(expectation, { maxLength: 4 }),
  });
});

/** A lab without the places, which differ between two texts of it. */
function withoutPlaces(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(withoutPlaces);
  if (typeof input !== 'object' || input === null) return Object.is(input, -0) ? 0 : input;
  return Object.fromEntries(
    Object.entries(input).flatMap(([key, inner]) =>
      key === 'source' ? [] : [[key, withoutPlaces(inner)]],
    ),
  );
}

describe('lab: writing and reading', () => {
  it('gives back every lab that was written', () => {
    fc.assert(
      fc.property(lab, (written) => {
        const yaml = writeLab(written);
        const { lab: read, problems } = parseLab(yaml, 'f');
        expect(problems.filter(({ severity }) => severity === 'error').map(formatProblem)).toEqual(
          [],
        );
        expect(withoutPlaces(read)).toEqual(withoutPlaces(written));
      }),
      { numRuns: 300 },
    );
  });
});
