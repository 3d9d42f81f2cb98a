import { describe, expect, it } from 'vitest';
import { modelOf } from '../../../src/main/engine/kernel/memmodel/models.ts';
import { KERNEL_OPS } from '../../../src/main/engine/lab/machine/ops.ts';
import { failed, type KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import type { Args } from '../../../src/shared/world/value.ts';
import { boot, type Booted } from '../memmodel/boot-lab.ts';
import { benchOf } from '../pgmap/small-machine.ts';

const GIB = 1n << 30n;

/** x86_64 with 1 GiB of RAM and classic SPARSEMEM, ready for operations. */
function classic(
  version: string,
  ram = GIB,
): { b: Booted; run: (op: string, args: Args) => string } {
  const b = boot({
    version,
    model: 'sparsemem',
    cmdline: 'memhp_default_state=offline',
    ram: [[0x100000n, ram - 1n]],
  });
  const bench = benchOf(b.world, b.facts);
  const run = (op: string, args: Args): string => {
    const outcome = bench.call(KERNEL_OPS[op] as KernelFunction<Args, unknown>, args);
    return failed(outcome) ? `${outcome.errno} ${outcome.check}` : 'ok';
  };
  return { b, run };
}

const AT = 4n * GIB;
const PFN = 0x100000;

describe.each(['4.3', '4.9', '4.14', '5.3', '5.14', '6.12'])(
  'memory hotplug with classic SPARSEMEM in %s',
  (version) => {
    it('takes a block of 512 pages for the memmap of each section, which finds its way back', () => {
      const { b, run } = classic(version);
      const free = b.world.need('vars', 'totalram_pages').value;
      expect(run('add-memory', { start: AT, size: 2n << 27n })).toBe('ok');
      const allocated = [...b.world.rows('pages')].filter(
        (page) => page.compound_order === 9 && page.refcount === 1,
      );
      expect(allocated.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(1024);
      const rules = modelOf(b);
      for (const pfn of [PFN, PFN + 32767, PFN + 32768, PFN + 65535]) {
        expect(rules.pfnValid(b, pfn).valid).toBe(true);
      }
      expect(run('online', { block: 32, type: 'online' })).toBe('ok');
      const { page } = rules.pfnToPage(b, PFN + 77);
      expect(page).toBeDefined();
      expect(rules.pageToPfn(b, page as bigint).pfn).toBe(PFN + 77);
      expect(b.world.need('vars', 'totalram_pages').value).toBe(Number(free) + 32768);
    });

    it('gives the memmap back when the memory goes', () => {
      const { b, run } = classic(version);
      const before = [...b.world.rows('pages')].filter(({ buddy }) => buddy);
      run('add-memory', { start: AT, size: 1n << 27n });
      run('online', { block: 32, type: 'online' });
      expect(run('offline', { block: 32 })).toBe('ok');
      expect(run('remove-memory', { start: AT, size: 1n << 27n })).toBe('ok');
      const after = [...b.world.rows('pages')].filter(({ buddy }) => buddy);
      const pages = (rows: typeof after): number =>
        rows.reduce((sum, { start, end }) => sum + end - start, 0);
      expect(pages(after)).toBe(pages(before));
      expect(b.world.at('sections', 32)).toBeUndefined();
      expect(b.world.at('section_mem_maps', 32)).toBeUndefined();
      expect(modelOf(b).pfnValid(b, PFN).valid).toBe(false);
    });
  },
);

describe('a memmap that no single block can hold', () => {
  it('comes from vmalloc, page by page, and converts there and back', () => {
    // arm64 before 5.12: 1 GiB sections, whose memmap of 16 MiB is more than the largest block
    const b = boot({
      version: '5.10',
      arch: 'arm64',
      model: 'sparsemem',
      cmdline: 'memhp_default_state=offline',
      ram: [[GIB, 3n * GIB - 1n]],
    });
    const bench = benchOf(b.world, b.facts);
    const run = (op: string, args: Args): string => {
      const outcome = bench.call(KERNEL_OPS[op] as KernelFunction<Args, unknown>, args);
      return failed(outcome) ? `${outcome.errno} ${outcome.check}` : 'ok';
    };
    expect(run('add-memory', { start: 8n * GIB, size: GIB })).toBe('ok');
    const pfn = 0x200000;
    expect(b.world.at('vmemmap', pfn)).toMatchObject({ mapping: 'vmalloc' });
    expect(run('online', { block: 8, type: 'online' })).toBe('ok');
    const { page } = modelOf(b).pfnToPage(b, pfn + 1234);
    expect(page).toBe(0xffffc90000000000n + BigInt(pfn + 1234) * 64n);
    expect(modelOf(b).pageToPfn(b, page as bigint).pfn).toBe(pfn + 1234);
    expect(run('offline', { block: 8 })).toBe('ok');
    expect(run('remove-memory', { start: 8n * GIB, size: GIB })).toBe('ok');
    expect(b.world.at('vmemmap', pfn)).toBeUndefined();
  });
});
