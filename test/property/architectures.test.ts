import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../src/main/engine/kernel/memmodel/models.ts';
import { MODELLED_RELEASES } from '../../src/main/engine/core/era/version.ts';
import { ARCHITECTURES, MEMORY_MODELS } from '../../src/shared/lab/architecture.ts';
import { boot, type Machine } from '../unit/memmodel/boot-lab.ts';

/** Physical address bits that each architecture's kernels of every version can use here. */
const BITS = { x86_64: 46, x86_32: 32, arm64: 48, riscv64: 56, s390x: 44, ppc64: 46 };
const MIB = 1n << 20n;

type Name = (typeof ARCHITECTURES)[number];

/** RAM of up to 3 GiB at a place anywhere below the limit, in two ranges with a hole between. */
function ramOf(arch: Name, at: number, sizes: readonly [number, number, number]): Machine['ram'] {
  const [first, hole, second] = sizes.map((size) => BigInt(size) * 16n * MIB) as never as bigint[];
  const limit = (1n << BigInt(BITS[arch])) - 4n * 1024n * MIB;
  // x86 boots from memory below 1 MiB up; powerpc runs at the start of memory.
  const movable = arch === 'arm64' || arch === 'riscv64';
  const start = movable ? ((BigInt(at) * limit) / 1_000_000n / (16n * MIB)) * 16n * MIB : MIB * 16n;
  const a = first ?? MIB;
  const b = start + a + (hole ?? 0n) + 16n * MIB;
  return [
    [start, start + a - 1n],
    [b, b + (second ?? MIB) - 1n],
  ];
}

const machines = fc.record({
  arch: fc.constantFrom(...ARCHITECTURES),
  version: fc.constantFrom(...MODELLED_RELEASES),
  model: fc.constantFrom(...MEMORY_MODELS),
  at: fc.integer({ min: 0, max: 1_000_000 }),
  sizes: fc.tuple(
    fc.integer({ min: 8, max: 64 }),
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 1, max: 64 }),
  ),
});

describe('every architecture, version and memory model', () => {
  it('boots, has struct pages for its RAM, and gets back from each to its PFN', () => {
    fc.assert(
      fc.property(machines, ({ arch, version, model, at, sizes }) => {
        const ram = ramOf(arch, at, sizes);
        const b = boot({ arch, version, model, hypothetical: true, ram });
        const shift = BigInt(b.facts.arch.page_shift);
        const rules = modelOf(b);
        for (const { start, end } of b.world.rows('memblock_memory')) {
          for (const phys of [start, (start + end) / 2n, end - 1n]) {
            const pfn = Number(phys >> shift);
            const { page } = rules.pfnToPage(b, pfn);
            const state = b.world.at('pages', pfn)?.state;
            const { valid } = rules.pfnValid(b, pfn);
            // 4.3's physnode_map can miss a unit that a range only begins.
            if (!valid && version === '4.3' && model === 'discontigmem') continue;
            const back = page === undefined ? undefined : rules.pageToPfn(b, page).pfn;
            expect([pfn, valid, state, back]).toEqual([pfn, true, 'init', pfn]);
          }
        }
      }),
      {
        numRuns: 60,
        // A range that ends in a unit its steps from the start do not meet: physnode_map lacks it.
        examples: [
          [
            {
              arch: 'arm64',
              version: '4.3',
              model: 'discontigmem',
              at: 215_421,
              sizes: [32, 3, 1],
            },
          ],
        ],
      },
    );
  });

  it('boots machines too small for their own memmap, or without memory, to the end', () => {
    const tiny = fc.constantFrom<Machine['ram']>(
      [],
      [[0x100000n, 0x100fffn]],
      [[0x100000n, 0x1fffffn]],
      [[0x1000000n, 0x13fffffn]],
    );
    const lines = fc.constantFrom('', 'mem=1M', 'numa=off kernelcore=50%', 'movable_node');
    fc.assert(
      fc.property(machines, tiny, lines, ({ arch, version, model }, ram, cmdline) => {
        const b = boot({ arch, version, model, hypothetical: true, ram, cmdline });
        const rules = modelOf(b);
        for (const pfn of [0, 1, 0x100, 0x1000, 0xffffff]) {
          const { page } = rules.pfnToPage(b, pfn);
          if (rules.pfnValid(b, pfn).valid && page !== undefined) rules.pageToPfn(b, page);
        }
        expect(b.log.length).toBeGreaterThan(10);
      }),
      { numRuns: 60 },
    );
  });
});
