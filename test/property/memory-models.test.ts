import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../src/main/engine/kernel/memmodel/models.ts';
import type { ModelName } from '../../src/main/engine/core/arch/model-config.ts';
import { boot, type Booted, type Machine } from '../unit/memmodel/boot-lab.ts';

const MODELS: readonly ModelName[] = ['flatmem', 'discontigmem', 'sparsemem', 'sparsemem-vmemmap'];
const UNIT = 0x4000; // pages of 64 MiB: where nodes of such machines begin

interface Range {
  start: number;
  end: number;
  node: number;
}

/** RAM in PFNs: 1 GiB from 1 MiB on, then ranges with holes; a node begins at a multiple of 64 MiB. */
const machines: fc.Arbitrary<Range[]> = fc
  .array(
    fc.record({
      gap: fc.oneof(fc.nat(3 * UNIT), fc.constant(0x8000), fc.constant(1)),
      size: fc.oneof(fc.integer({ min: 1, max: 0x10000 }), fc.constant(0x8000)),
      next: fc.boolean(),
    }),
    { maxLength: 6 },
  )
  .map((parts) => {
    const ranges: Range[] = [{ start: 0x100, end: 0x40000, node: 0 }];
    for (const { gap, size, next } of parts) {
      const before = ranges.at(-1) as Range;
      let start = before.end + Math.max(gap, 1);
      if (next) start = Math.ceil(start / UNIT) * UNIT;
      // Before 6.7 a node with less than 4 MiB is not brought up.
      const end = start + (next ? Math.max(size, 0x400) : size);
      ranges.push({ start, end, node: before.node + (next ? 1 : 0) });
    }
    return ranges;
  });

function machineOf(ranges: readonly Range[], version: string, model: ModelName): Machine {
  return {
    version,
    model,
    hypothetical: true,
    ram: ranges.map(({ start, end }) => [BigInt(start) << 12n, (BigInt(end) << 12n) - 1n] as const),
    nodes: ranges.map(({ node }) => node),
  };
}

/** Every edge, its neighbours, the middles, and the edges of sections and units around them. */
function places(ranges: readonly Range[]): number[] {
  const found = new Set<number>([0, 1]);
  for (const { start, end } of ranges) {
    for (const edge of [start, end]) {
      for (const unit of [1, 512, UNIT, 0x8000]) {
        const low = Math.floor(edge / unit) * unit;
        for (const at of [low - 1, low, low + unit - 1, low + unit]) if (at >= 0) found.add(at);
      }
    }
    found.add(Math.floor((start + end) / 2));
  }
  return [...found];
}

/** What pfn_valid() of a model says by its rule, from the RAM alone. */
function byRule(model: ModelName, ranges: readonly Range[], pfn: number): boolean {
  const meets = (unit: number, { start, end }: Range): boolean => {
    const at = Math.floor(pfn / unit);
    return at >= Math.floor(start / unit) && at <= Math.floor((end - 1) / unit);
  };
  switch (model) {
    case 'flatmem':
      return pfn < (ranges.at(-1)?.end ?? 0);
    case 'discontigmem': {
      // The last range that marks the unit says its node.
      const node = ranges.filter((range) => meets(UNIT, range)).at(-1)?.node;
      const end = ranges.filter((range) => range.node === node).at(-1)?.end ?? 0;
      return node !== undefined && pfn < end;
    }
    default:
      return ranges.some((range) => meets(0x8000, range));
  }
}

function roundTrip(b: Booted, pfn: number): number | undefined {
  const model = modelOf(b);
  const { page } = model.pfnToPage(b, pfn);
  return page === undefined ? undefined : model.pageToPfn(b, page).pfn;
}

describe('memory models on random machines', () => {
  it.each(['4.14', '5.3', '5.10', '6.12', '7.2'])(
    '%s: all agree on RAM, each answers for holes by its own rule, and pages lead back to their PFNs',
    (version) => {
      fc.assert(
        fc.property(machines, (ranges) => {
          const pfns = places(ranges);
          for (const name of MODELS) {
            const b = boot(machineOf(ranges, version, name));
            const model = modelOf(b);
            for (const pfn of pfns) {
              const ram = ranges.some(({ start, end }) => pfn >= start && pfn < end);
              const { valid } = model.pfnValid(b, pfn);
              expect([name, pfn, valid]).toEqual([name, pfn, byRule(name, ranges, pfn)]);
              if (ram) expect([name, pfn, valid]).toEqual([name, pfn, true]);
              if (!valid) continue;
              // A page that no one initialised says section 0, node 0: page_to_pfn() cannot know.
              const there = b.world.at('pages', pfn)?.state === 'init';
              if (ram || version === '6.12' || version === '7.2') expect(there).toBe(true);
              if (there) expect([name, pfn, roundTrip(b, pfn)]).toEqual([name, pfn, pfn]);
            }
          }
        }),
        { numRuns: 12 },
      );
    },
  );

  it('present pages are the RAM of each node, whatever the model', () => {
    fc.assert(
      fc.property(machines, fc.constantFrom(...MODELS), (ranges, name) => {
        const b = boot(machineOf(ranges, '6.12', name));
        const nodes = new Map<number, number>();
        for (const { start, end, node } of ranges) {
          // Without NUMA all memory is on node 0.
          const nid = name === 'flatmem' ? 0 : node;
          nodes.set(nid, (nodes.get(nid) ?? 0) + end - start);
        }
        for (const [nid, pages] of nodes) {
          expect(b.world.need('nodes', nid).node_present_pages).toBe(pages);
        }
      }),
      { numRuns: 25 },
    );
  });
});
