import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../src/main/engine/kernel/memmodel/models.ts';
import { KERNEL_OPS } from '../../src/main/engine/lab/machine/ops.ts';
import { failed, type KernelFunction } from '../../src/main/engine/core/world/operation.ts';
import { TABLES } from '../../src/shared/world/tables.ts';
import type { Args } from '../../src/shared/world/value.ts';
import { boot } from '../unit/memmodel/boot-lab.ts';
import { benchOf } from '../unit/pgmap/small-machine.ts';

const GIB = 1n << 30n;

/** Kernels that can add and remove memory, by architecture and memory model. */
const KERNELS: readonly (readonly [arch: string, version: string, model: string])[] = [
  ['x86_64', '4.3', 'sparsemem'],
  ['x86_64', '5.3', 'sparsemem'],
  ['x86_64', '6.12', 'sparsemem'],
  ['x86_32', '4.3', 'sparsemem'],
  ['x86_32', '5.3', 'sparsemem'],
  ['arm64', '5.10', 'sparsemem'],
  ['arm64', '5.14', 'sparsemem-vmemmap'],
  ['arm64', '6.12', 'sparsemem-vmemmap'],
  ['riscv64', '6.12', 'sparsemem-vmemmap'],
  ['riscv64', '7.2', 'sparsemem-vmemmap'],
  ['ppc64', '5.14', 'sparsemem-vmemmap'],
  ['ppc64', '6.18', 'sparsemem-vmemmap'],
  ['s390x', '6.12', 'sparsemem-vmemmap'],
  ['s390x', '6.18', 'sparsemem-vmemmap'],
];

/** What stays when memory was added and removed: variables, roots, types of page blocks. */
const APART = ['kernel_log', 'vars', 'section_roots', 'zones', 'pages'];

function machine([arch, version, model]: (typeof KERNELS)[number]) {
  const low = arch === 'arm64' ? GIB : arch === 'riscv64' ? 2n * GIB : 0x100000n;
  const b = boot({
    arch,
    version,
    model,
    cmdline: 'memhp_default_state=offline memory_hotplug.memmap_on_memory=1',
    ram: [[low, (low / GIB) * GIB + GIB - 1n]],
    cpu: { phys_bits: arch === 'x86_32' ? 36 : 44 },
  });
  const bench = benchOf(b.world, b.facts);
  const run = (op: string, args: Args): string => {
    const outcome = bench.call(KERNEL_OPS[op] as KernelFunction<Args, unknown>, args);
    return failed(outcome) ? outcome.errno : 'ok';
  };
  const rows = (): Map<string, unknown> =>
    new Map(TABLES.map(({ name }) => [name, [...b.world.rows(name)]]));
  return { ...b, run, rows };
}

describe('memory that comes and goes on every architecture', () => {
  it('has struct pages while it is there, and leaves nothing but variables, roots and page block types', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...KERNELS),
        fc.integer({ min: 0, max: 5 }),
        fc.array(fc.constantFrom('online', 'online_kernel', 'online_movable', ''), {
          minLength: 1,
          maxLength: 4,
        }),
        (kernel, place, types) => {
          const m = machine(kernel);
          const before = m.rows();
          const bytes = BigInt(m.world.need('vars', 'memory_block_size').value as bigint);
          const pages = Number(bytes >> BigInt(m.facts.arch.page_shift));
          const start = 8n * GIB + BigInt(place) * bytes;
          const first = Number(start / bytes);
          const size = bytes * BigInt(types.length);
          expect(m.run('add-memory', { start, size, memmap_on_memory: true })).toBe('ok');
          expect(m.run('add-memory', { start, size })).toBe('EEXIST');
          const rules = modelOf(m);
          for (const pfn of [first * pages, (first + types.length) * pages - 1]) {
            expect(rules.pfnValid(m, pfn).valid).toBe(true);
          }
          types.forEach((type, at) => {
            if (type !== '') m.run('online', { block: first + at, type });
          });
          const somewhere = first * pages + 77;
          if (m.world.at('pages', somewhere)?.state === 'init') {
            const { page } = rules.pfnToPage(m, somewhere);
            expect(rules.pageToPfn(m, page as bigint).pfn).toBe(somewhere);
          }
          types.forEach((_, at) => m.run('offline', { block: first + at }));
          expect(m.run('remove-memory', { start, size })).toBe('ok');
          const after = m.rows();
          // Before 5.4 a removal shrinks one zone only, that of the first page.
          const { era } = m.facts;
          const shrinks =
            era.get('zone_shrinks_at_offline') || types.every((type) => type === 'online');
          const kept = shrinks ? APART : [...APART, 'nodes'];
          for (const { name } of TABLES) {
            if (!kept.includes(name)) expect(after.get(name), name).toEqual(before.get(name));
          }
          const zones = (rows: Map<string, unknown>): unknown[] =>
            (rows.get('zones') as { contiguous: boolean }[]).map((z) => ({ ...z, contiguous: 0 }));
          if (shrinks) expect(zones(after)).toEqual(zones(before));
        },
      ),
      { numRuns: 60 },
    );
  });
});
