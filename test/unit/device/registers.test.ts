import { describe, expect, it } from 'vitest';
import { RegisterFault, type RegisterSpec } from '../../../src/main/engine/kernel/device/model.ts';
import {
  readRegister,
  sameValue,
  writeRegister,
} from '../../../src/main/engine/kernel/device/registers.ts';
import { formatHash } from '../../../src/main/engine/core/world/hash.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';

const bytes: RegisterSpec = { id: 'labels', type: 'bytes', count: 262_144, reset: 0 };
const align: RegisterSpec = { id: 'align', type: 'u64', count: 1, reset: 0x1000000n };
const table: RegisterSpec = { id: 'table', type: 'json', count: 4, reset: null };

describe('a register', () => {
  it('reads as its reset value until it is written', () => {
    const world = new World();
    expect(readRegister(world, 'nvdimm0', align, 0)).toBe(0x1000000n);
    expect(writeRegister(world, 'nvdimm0', align, 0, 0x1000n)).toBeUndefined();
    expect(readRegister(world, 'nvdimm0', align, 0)).toBe(0x1000n);
    expect(world.get('registers', 'nvdimm0/align')?.value).toBe(0x1000n);
  });

  it('takes a record for each index that differs from its reset value, and only for those', () => {
    const world = new World();
    const empty = formatHash(world.hash());
    writeRegister(world, 'nvdimm0', bytes, 0, 0);
    writeRegister(world, 'nvdimm0', bytes, 262_143, 7);
    expect([...world.rows('registers')].map(({ key }) => key)).toEqual(['nvdimm0/labels/262143']);
    writeRegister(world, 'nvdimm0', bytes, 262_143, 0);
    expect(world.count('registers')).toBe(0);
    expect(formatHash(world.hash())).toBe(empty);
  });

  it('changes nothing when a structured value is written again in another order', () => {
    const world = new World();
    writeRegister(world, 'nvdimm0', table, 1, { a: 1, b: [2n, 'x'] });
    world.takeChanges();
    writeRegister(world, 'nvdimm0', table, 1, { b: [2n, 'x'], a: 1 });
    expect(world.dirty).toBe(false);
    expect(sameValue({ a: 1 }, { a: 1, b: 2 })).toBe(false);
    expect(sameValue([1], { 0: 1 })).toBe(false);
  });

  it.each([
    [bytes, 262_144, 0, 'register labels has no index 262144: it has 0 to 262143'],
    [bytes, 0, 256, 'register labels takes an integer from 0 to 255, not 256'],
    [bytes, 0, 1.5, 'register labels takes an integer from 0 to 255, not 1.5'],
    [align, 0, 4096.5, 'register align takes a bigint from 0n to 2n ** 64n - 1n, not 4096.5'],
    [align, 1, 4096n, 'register align has no index 1: it has only 0'],
  ])('refuses what it cannot hold: %o[%i] = %o', (spec, index, value, message) => {
    const world = new World();
    const fault = writeRegister(world, 'nvdimm0', spec, index, value);
    expect(fault).toBeInstanceOf(RegisterFault);
    expect(fault?.message).toBe(message);
    expect(world.count('registers')).toBe(0);
  });
});
