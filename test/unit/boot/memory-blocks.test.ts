import { describe, expect, it } from 'vitest';
import { memoryBlocksText } from '../../../src/main/engine/lab/inspect/memory-blocks.ts';
import { boot } from './booted.ts';

const GIB = 1n << 30n;

/** A machine whose RAM ends `end` bytes up, with the PC's holes. */
const machine = (end: bigint, hypervisor: boolean) => `machine:
  cpu: { hypervisor: ${hypervisor} }
  memory:
    - { start: 0x0, end: 0x9ffff, type: usable }
    - { start: 0x100000, end: 0xbfffffff, type: usable }
    - { start: 0x100000000, end: 0x${(end - 1n).toString(16)}, type: usable }
`;
const blockSize = (version: string, end: bigint, hypervisor: boolean) =>
  boot(`kernel: { version: "${version}" }\n${machine(end, hypervisor)}`).world.get(
    'vars',
    'memory_block_size',
  )?.value;

describe('boot/probe_memory_block_size', () => {
  it('is 128 MiB below 64 GiB', () => {
    expect(blockSize('6.12', 32n * GIB, false)).toBe(128n << 20n);
  });

  it('is 2 GiB on bare metal from 64 GiB on', () => {
    expect(blockSize('6.12', 65n * GIB + (128n << 20n), false)).toBe(2n * GIB);
  });

  it('must divide the end of memory under a hypervisor: 1 GiB for 67 GiB, 128 MiB for 65.125', () => {
    expect(blockSize('6.12', 67n * GIB, true)).toBe(GIB);
    expect(blockSize('6.12', 65n * GIB + (128n << 20n), true)).toBe(128n << 20n);
  });
});

describe('boot/memory_dev_init', () => {
  it('has a block for every block with a section, and no zone where there are two', () => {
    const { world, facts } = boot(`kernel: { version: "6.12" }\n${machine(5n * GIB, true)}`);
    const blocks = [...world.rows('memory_blocks')].map(({ start, end, zone }) => [
      start,
      end,
      zone,
    ]);
    // 128 MiB blocks: DMA and DMA32 share block 0; none in the hole from 3 to 4 GiB.
    expect(blocks).toEqual([
      [0, 1, null],
      [1, 24, 'DMA32'],
      [32, 40, 'Normal'],
    ]);
    const lines = memoryBlocksText(world, facts).split('\n');
    expect(lines[0]).toBe('block_size_bytes=8000000');
    expect(lines[1]).toBe('auto_online_blocks=online');
    expect(lines[2]).toBe(
      'memory0 state=online phys_index=00000000 node0 valid_zones=none range=0x0000000000000000-0x0000000007ffffff removable=1 phys_device=0',
    );
    expect(lines[26]).toContain(
      'memory32 state=online phys_index=00000020 node0 valid_zones=Normal',
    );
  });
});
