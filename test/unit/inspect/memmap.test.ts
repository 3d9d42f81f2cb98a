import { describe, expect, it } from 'vitest';
import { memmapText } from '../../../src/main/engine/lab/inspect/memmap.ts';
import { boot } from '../memmodel/boot-lab.ts';

describe('inspect/memmapText', () => {
  it('adds up what FLATMEM costs, holes included', () => {
    const ram = [[0x100000n, 0x3fffffffn]] as const;
    const { world, facts } = boot({ version: '4.3', arch: 'x86_32', model: 'flatmem', ram });
    // 262144 entries of 32 bytes; 256 PFNs below 1 MiB are no memory.
    expect(memmapText(world, facts).split('\n')).toEqual([
      'FLATMEM, struct page of 32 bytes',
      '     8388608  mem_map, 262144 entries, 8192 bytes of them for pages that are no memory (node 0, RAM)',
      '     8388608  in all',
      '',
    ]);
  });

  it('charges each node for the sections it has', () => {
    const ram = [
      [0x100000n, 0x3fffffffn],
      [0x40000000n, 0x7fffffffn],
    ] as const;
    const { world, facts } = boot({ version: '6.12', ram, nodes: [0, 1] });
    const lines = memmapText(world, facts).split('\n');
    expect(lines[0]).toBe('SPARSEMEM_VMEMMAP, struct page of 64 bytes');
    for (const node of [0, 1]) {
      // Eight sections of 2 MiB each.
      expect(lines).toContain(`    16777216  memmap of 8 sections (node ${node}, RAM)`);
      expect(lines).toContain(`         448  mem_section_usage of 8 sections (node ${node}, RAM)`);
    }
    const [total = ''] = (lines.at(-2) ?? '').trim().split(' ');
    const parts = lines.slice(1, -2).map((line) => BigInt(line.trim().split(' ')[0] ?? '0'));
    expect(BigInt(total)).toBe(parts.reduce((sum, bytes) => sum + bytes, 0n));
  });
});
