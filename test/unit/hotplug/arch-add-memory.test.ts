import { describe, expect, it } from 'vitest';
import { KERNEL_OPS } from '../../../src/main/engine/lab/machine/ops.ts';
import { failed, type KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import type { Args } from '../../../src/shared/world/value.ts';
import { boot, type Machine } from '../memmodel/boot-lab.ts';
import { benchOf } from '../pgmap/small-machine.ts';

const GIB = 1n << 30n;
const MIB = 1n << 20n;

/** 1 GiB of RAM where the architecture has it, and operations on it. */
function machine(arch: string, version: string, more: Partial<Machine> = {}) {
  const low = arch === 'arm64' ? GIB : arch === 'riscv64' ? 2n * GIB : 0n;
  const b = boot({
    arch,
    version,
    cmdline: 'memhp_default_state=offline',
    ram: [[low, low + GIB - 1n]],
    ...more,
  });
  const bench = benchOf(b.world, b.facts);
  const run = (op: string, args: Args): string => {
    const outcome = bench.call(KERNEL_OPS[op] as KernelFunction<Args, unknown>, args);
    return failed(outcome) ? `${outcome.errno} ${outcome.check}` : 'ok';
  };
  const number = (name: string): number => Number(b.world.get('vars', name)?.value ?? 0);
  const functions = (): string[] =>
    Array.from({ length: bench.log.length }, (_, at) => bench.log.step(at + 1).fn);
  const sources = (fn: string): (string | undefined)[] =>
    Array.from({ length: bench.log.length }, (_, at) => bench.log.step(at + 1))
      .filter((step) => step.fn === fn)
      .map(({ source }) => source);
  return { b, run, number, functions, sources };
}

describe('arch_add_memory of arm64', () => {
  it('maps, adds and raises max_pfn since 6.15; high_memory stays', () => {
    const m = machine('arm64', '6.18');
    const high = m.b.world.get('vars', 'high_memory')?.value;
    expect(m.run('add-memory', { start: 8n * GIB, size: 256n * MIB })).toBe('ok');
    expect(m.number('max_pfn')).toBe(0x210000);
    expect(m.functions()).toContain('__create_pgd_mapping');
    expect(new Set(m.sources('arch_add_memory'))).toEqual(
      new Set(['arch/arm64/mm/mmu.c:arch_add_memory']),
    );
    expect(m.run('add-memory', { start: 4n * GIB, size: 128n * MIB })).toBe('ok');
    expect(m.number('max_pfn')).toBe(0x210000);
    expect(m.b.world.get('vars', 'high_memory')?.value).toBe(high);
    expect(m.b.world.at('direct_map', 0x200000)).toMatchObject({ by: 'hotplug' });
    expect(m.run('remove-memory', { start: 8n * GIB, size: 256n * MIB })).toBe('ok');
    expect(m.b.world.at('direct_map', 0x200000)).toBeUndefined();
    expect(m.number('max_pfn')).toBe(0x210000);
  });

  it('assigned max_pfn from 5.16 to 6.14: memory added below brings it down', () => {
    const m = machine('arm64', '6.1');
    m.run('add-memory', { start: 8n * GIB, size: 128n * MIB });
    expect(m.number('max_pfn')).toBe(0x208000);
    m.run('add-memory', { start: 4n * GIB, size: 128n * MIB });
    expect(m.number('max_pfn')).toBe(0x108000);
  });

  it('did not touch max_pfn before 5.16', () => {
    const m = machine('arm64', '5.14');
    expect(m.run('add-memory', { start: 8n * GIB, size: 128n * MIB })).toBe('ok');
    expect(m.number('max_pfn')).toBe(0x80000);
  });

  it('cannot take memory before 5.0, nor give it back before 5.7', () => {
    const old = machine('arm64', '4.18');
    expect(old.run('add-memory', { start: 8n * GIB, size: GIB })).toMatch(/^ENOSYS .*arm64/);
    const adds = machine('arm64', '5.3');
    expect(adds.run('add-memory', { start: 8n * GIB, size: GIB })).toBe('ok');
    expect(adds.run('remove-memory', { start: 8n * GIB, size: GIB })).toMatch(/^ENOSYS/);
  });

  it('takes memory only where its linear map reaches: 128 TiB from the start of RAM with 48 bits', () => {
    const m = machine('arm64', '6.1');
    expect(m.run('add-memory', { start: 0n, size: 128n * MIB })).toMatch(/^E2BIG/);
    // RAM begins at 1 GiB: the linear map ends at 128 TiB and 1 GiB
    const end = (1n << 47n) + GIB;
    expect(m.run('add-memory', { start: end, size: 128n * MIB })).toMatch(/^E2BIG/);
    expect(m.run('add-memory', { start: end - 128n * MIB, size: 128n * MIB })).toBe('ok');
    const log = [...m.b.world.rows('kernel_log')].map(({ text }) => text);
    expect(log.join('\n')).toContain('[0x40000000-0x80003fffffff]');
  });

  it('keeps the memory of the boot online: -EPERM of a notifier, and the isolation is undone', () => {
    const m = machine('arm64', '6.12');
    const answer = m.run('offline', { block: 9 });
    expect(answer).toMatch(/^EPERM prevent_bootmem_remove_notifier.*notifier failure/);
    expect(m.b.world.at('memory_blocks', 9)?.state).toBe('online');
    expect(m.b.world.at('pages', 9 * 32768 + 100)?.migratetype).toBe('MOVABLE');
  });

  it('has blocks of 512 MiB with 64 KiB pages, whose memmap of 8 base pages never is on memory', () => {
    const m = machine('arm64', '6.12', {
      config: { ARM64_64K_PAGES: 'y' },
      cmdline: 'memhp_default_state=offline memory_hotplug.memmap_on_memory=force',
    });
    expect(m.run('add-memory', { start: 8n * GIB, size: 128n * MIB })).toMatch(/^EINVAL/);
    const add = { start: 8n * GIB, size: 512n * MIB, memmap_on_memory: true };
    expect(m.run('add-memory', add)).toBe('ok');
    expect(m.b.world.at('vmemmap', 0x20000)).toMatchObject({ mapping: 'PTE', source: 'ram' });
    expect(m.functions()).toContain('vmemmap_populate_basepages');
  });
});

describe('arch_add_memory of riscv64', () => {
  it('assigns max_pfn, and is there since 6.11', () => {
    const m = machine('riscv64', '6.12');
    expect(m.run('add-memory', { start: 16n * GIB, size: 128n * MIB })).toBe('ok');
    expect(m.number('max_pfn')).toBe(0x408000);
    m.run('add-memory', { start: 8n * GIB, size: 128n * MIB });
    expect(m.number('max_pfn')).toBe(0x208000);
    expect(m.number('max_low_pfn')).toBe(0x208000);
    const old = machine('riscv64', '6.1');
    expect(old.run('add-memory', { start: 16n * GIB, size: GIB })).toMatch(/^ENOSYS/);
    expect(old.b.world.count('memory_blocks')).toBe(0);
  });
});

describe('arch_add_memory of powerpc', () => {
  it('moves max_pfn, max_low_pfn and high_memory since 5.19', () => {
    const m = machine('ppc64', '6.12');
    expect(m.run('add-memory', { start: 4n * GIB, size: 64n * MIB })).toBe('ok');
    expect(m.number('max_pfn')).toBe(0x10400);
    expect(m.b.world.need('vars', 'high_memory').value).toBe(0xc000000104000000n);
    expect(m.sources('update_end_of_memory_vars')).toEqual([
      'arch/powerpc/mm/mem.c:update_end_of_memory_vars',
    ]);
    const old = machine('ppc64', '5.14');
    old.run('add-memory', { start: 4n * GIB, size: 64n * MIB });
    expect(old.number('max_pfn')).toBe(0x4000);
  });

  it('lets four sections of 16 MiB share the one page that holds their memmap', () => {
    const m = machine('ppc64', '6.12');
    const [one, two] = [0x10000, 0x10100];
    m.run('add-memory', { start: 4n * GIB, size: 16n * MIB });
    const first = m.b.world.at('vmemmap', one)?.phys ?? -1n;
    m.run('add-memory', { start: 4n * GIB + 16n * MIB, size: 16n * MIB });
    const row = m.b.world.at('vmemmap', two);
    expect(row?.phys).toBe(first + BigInt(two - (row?.start ?? 0) - 256) * 64n);
    const page = Number(first >> 16n);
    expect(m.b.world.at('pages', page)).toMatchObject({ buddy: false, refcount: 1 });
    m.run('remove-memory', { start: 4n * GIB, size: 16n * MIB });
    expect(m.b.world.at('pages', page)).toMatchObject({ buddy: false });
    m.run('remove-memory', { start: 4n * GIB + 16n * MIB, size: 16n * MIB });
    expect(m.b.world.at('pages', page)).toMatchObject({ buddy: true });
  });
});

describe('the probe file', () => {
  it('adds one block on powerpc, where it is always there', () => {
    const m = machine('ppc64', '6.12', { increment: '256MiB' });
    expect(m.run('probe', { start: 4n * GIB + 16n * MIB })).toMatch(/^EINVAL phys_addr/);
    expect(m.run('probe', { start: 4n * GIB })).toBe('ok');
    expect(m.b.world.at('memory_blocks', 16)).toMatchObject({ state: 'offline', nid: 0 });
    expect(m.run('probe', { start: 4n * GIB })).toMatch(/^EEXIST/);
  });

  it('takes the node of the first boot memory for memory that only SRAT knows', () => {
    const m = machine('x86_64', '6.12', {
      config: { ARCH_MEMORY_PROBE: 'y' },
      ram: [
        [0x100000n, GIB - 1n],
        [4n * GIB, 5n * GIB - 1n],
      ],
      nodes: [1, 0],
    });
    expect(m.run('probe', { start: 8n * GIB })).toBe('ok');
    expect(m.b.world.at('memory_blocks', 64)?.nid).toBe(1);
  });
});

describe('arch_add_memory of s390', () => {
  it('leaves max_pfn alone', () => {
    const m = machine('s390x', '6.12');
    const before = m.number('max_pfn');
    expect(m.run('add-memory', { start: 4n * GIB, size: 256n * MIB })).toBe('ok');
    expect(m.number('max_pfn')).toBe(before);
    expect(m.functions()).toContain('vmem_add_mapping');
    expect(m.run('online', { block: 16, type: 'online' })).toBe('ok');
    expect(m.number('max_pfn')).toBe(before);
  });
});
