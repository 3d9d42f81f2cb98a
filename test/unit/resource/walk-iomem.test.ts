import { describe, expect, it } from 'vitest';
import { insert_resource } from '../../../src/main/engine/kernel/resource/request.ts';
import { walk_iomem_res_desc } from '../../../src/main/engine/kernel/resource/walk-iomem.ts';
import { smallMachine } from '../pgmap/small-machine.ts';

const desc = 'PERSISTENT_MEMORY_LEGACY';
const ALL = { desc, flags: [], start: 0n, end: 2n ** 64n - 1n };
const NAME = 'Persistent Memory (legacy)';

describe('walk_iomem_res_desc', () => {
  it('finds memory of one description by address, at any depth', () => {
    const { call } = smallMachine();
    const put = (start: bigint, end: bigint, what: string): void => {
      call(insert_resource, { start, end, name: NAME, flags: 'MEM', desc: what });
    };
    put(0x800000000n, 0x8ffffffffn, 'NONE');
    put(0x880000000n, 0x88fffffffn, desc);
    put(0x500000000n, 0x50fffffffn, desc);
    put(0x600000000n, 0x60fffffffn, 'PERSISTENT_MEMORY');
    expect(call(walk_iomem_res_desc, ALL)).toMatchObject([
      { start: 0x500000000n, end: 0x50fffffffn },
      { start: 0x880000000n, end: 0x88fffffffn },
    ]);
  });

  it('does not look inside what it found', () => {
    const { call } = smallMachine();
    const outer = { start: 0x500000000n, end: 0x50fffffffn };
    call(insert_resource, { ...outer, name: NAME, flags: 'MEM', desc });
    call(insert_resource, {
      start: 0x501000000n,
      end: 0x501ffffffn,
      name: 'x',
      flags: 'MEM',
      desc,
    });
    expect(call(walk_iomem_res_desc, ALL)).toMatchObject([outer]);
  });

  it('finds RAM of any description where flags say so, cut to the bytes asked for', () => {
    const { call } = smallMachine();
    const put = (start: bigint, end: bigint, flags: string): void => {
      call(insert_resource, { start, end, name: 'x', flags, desc: 'NONE' });
    };
    put(0x500000000n, 0x50fffffffn, 'MEM|SYSTEM_RAM|BUSY');
    put(0x600000000n, 0x60fffffffn, 'MEM|SYSTEM_RAM');
    const asked = { desc: 'NONE', flags: ['SYSTEM_RAM', 'BUSY'], end: 0x6ffffffffn };
    expect(call(walk_iomem_res_desc, { ...asked, start: 0x508000000n })).toMatchObject([
      { start: 0x508000000n, end: 0x50fffffffn },
    ]);
    expect(call(walk_iomem_res_desc, { ...asked, start: 0x510000000n })).toEqual([]);
  });
});
