import { describe, expect, it } from 'vitest';
import { memoryBlocksText } from '../../../src/main/engine/lab/inspect/memory-blocks.ts';
import { boot, factsOf, problemsOf } from '../memmodel/boot-lab.ts';
import { HotplugMachine } from './hotplug-machine.ts';

const GIB = 1n << 30n;
const MIB = 1n << 20n;

function text(machine: HotplugMachine): string[] {
  return memoryBlocksText(machine.world, machine.bench.facts).split('\n');
}

describe('/sys/devices/system/memory', () => {
  it('says size in hex, policy, and of each block state, number, zones, removable, phys_device', () => {
    const machine = new HotplugMachine('6.12.117');
    machine.add(0x100000000n, 1);
    const [size, policy, first, ...rest] = text(machine);
    expect(size).toBe('block_size_bytes=8000000');
    expect(policy).toBe('auto_online_blocks=offline');
    expect(first).toContain('memory0 state=online phys_index=00000000 node0 valid_zones=none');
    expect(rest.at(-2)).toContain(
      'memory32 state=offline phys_index=00000020 node0 valid_zones=Normal Movable',
    );
    expect(rest.at(-2)).toMatch(/ removable=1 phys_device=0$/);
    machine.do('auto-online', { type: 'online_movable' });
    expect(text(machine)[1]).toBe('auto_online_blocks=online_movable');
  });

  it('had no auto_online_blocks before 4.6, and removable looked at the pages before 5.6', () => {
    const machine = new HotplugMachine('4.3');
    const lines = text(machine);
    expect(lines[1]).toMatch(/^memory0 .* removable=0 /);
    // block 6 is all free; block 7 has the memmap of the machine
    expect(lines[7]).toMatch(/^memory6 .* removable=1 /);
    expect(lines[8]).toMatch(/^memory7 .* removable=0 /);
  });

  it('shows before 4.13 the zones the boundary can move a block to', () => {
    const machine = new HotplugMachine('4.12');
    machine.add(0x100000000n, 2);
    expect(machine.block(32)).toBe('offline Normal');
    expect(machine.block(33)).toBe('offline Normal Movable');
  });
});

describe('probe', () => {
  it('is no file on a kernel without ARCH_MEMORY_PROBE', () => {
    const machine = new HotplugMachine('6.12.117');
    expect(machine.do('probe', { start: 0x100000000n })).toMatch(/^ENOENT .*ARCH_MEMORY_PROBE/);
  });
});

describe('memory block sizes', () => {
  const s390x = (version: string, increment?: string) =>
    boot({
      arch: 's390x',
      version,
      ram: [[0n, 4n * GIB - 1n]],
      ...(increment === undefined ? {} : { increment }),
    });
  const size = (b: ReturnType<typeof boot>): unknown =>
    b.world.get('vars', 'memory_block_size')?.value;

  it('on s390x are what SCLP adds memory in, but not less than a section', () => {
    expect(size(s390x('6.12'))).toBe(256n * MIB);
    expect(size(s390x('6.12', '1MiB'))).toBe(256n * MIB);
    expect(size(s390x('6.18', '1MiB'))).toBe(128n * MIB);
    expect(size(s390x('6.18', '1GiB'))).toBe(GIB);
  });

  it('on a powerpc partition are its logical memory blocks, else a section of 16 MiB', () => {
    const ram = [[0n, 4n * GIB - 1n]] as const;
    expect(size(boot({ arch: 'ppc64', version: '6.12', ram }))).toBe(16n * MIB);
    const lmb = boot({ arch: 'ppc64', version: '6.12', ram, increment: '256MiB' });
    expect(size(lmb)).toBe(256n * MIB);
    expect([...lmb.world.rows('memory_blocks')].map(({ start, end }) => [start, end])).toEqual([
      [0, 8],
      [8, 16],
    ]);
  });

  it('that make the kernel panic, or that the architecture has not, are refused', () => {
    const ram = [[0n, GIB - 1n]] as const;
    const problem = (arch: string, increment: string): string[] =>
      problemsOf({ arch, version: '6.12', ram, increment }).map(
        ({ path, message }) => `${path}: ${message}`,
      );
    expect(problem('ppc64', '48MiB')[0]).toMatch(/^machine.memory_increment: .*power of two/);
    expect(problem('ppc64', '8MiB')[0]).toMatch(/at least a section/);
    expect(problem('x86_64', '1GiB')[0]).toMatch(/x86_64 has no memory increment/);
    expect(factsOf({ version: '6.12', ram }).machine.memory_increment).toBeNull();
  });
});
