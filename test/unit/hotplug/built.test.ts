import { describe, expect, it } from 'vitest';
import { add_memory } from '../../../src/main/engine/kernel/hotplug/add-memory.ts';
import type { KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import { boot, type Machine } from '../memmodel/boot-lab.ts';
import { benchOf } from '../pgmap/small-machine.ts';

const RAM = { ram: [[0x100000n, 0x3fffffffn]] } as const;

/** add_memory() of 128 MiB at 1 GiB, on a machine that has booted. */
function added(machine: Omit<Machine, 'ram'>): unknown {
  const { world, facts } = boot({ ...RAM, ...machine });
  const bench = benchOf(world, facts);
  const fn = add_memory as unknown as KernelFunction<object, unknown>;
  return bench.call(fn, { nid: 0, start: 0x40000000n, size: 0x8000000n });
}

describe('MEMORY_HOTPLUG', () => {
  it('is not built without SPARSEMEM: FLATMEM and DISCONTIGMEM have no add_memory', () => {
    expect(
      added({ version: '4.3', arch: 'x86_32', model: 'flatmem', config: { NUMA: 'n' } }),
    ).toMatchObject({
      errno: 'ENOSYS',
      check: 'add_memory() is not built: MEMORY_HOTPLUG depends on SPARSEMEM, this is flatmem',
    });
    expect(
      added({ version: '4.3', arch: 'x86_32', model: 'discontigmem', config: { NUMA: 'y' } }),
    ).toMatchObject({
      errno: 'ENOSYS',
      check: 'add_memory() is not built: MEMORY_HOTPLUG depends on SPARSEMEM, this is discontigmem',
    });
  });

  it('needs SPARSEMEM_VMEMMAP in 7.2, so classic SPARSEMEM has no add_memory there', () => {
    expect(added({ version: '7.2', model: 'sparsemem', hypothetical: true })).toMatchObject({
      errno: 'ENOSYS',
      check:
        'add_memory() is not built: MEMORY_HOTPLUG depends on SPARSEMEM_VMEMMAP in this kernel',
    });
  });

  it('can be left out of the configuration', () => {
    expect(added({ version: '6.12.117', config: { MEMORY_HOTPLUG: 'n' } })).toMatchObject({
      errno: 'ENOSYS',
      check: 'add_memory() is not built: MEMORY_HOTPLUG is not set',
    });
  });
});
