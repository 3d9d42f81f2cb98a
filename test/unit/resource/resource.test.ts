import { describe, expect, it } from 'vitest';
import {
  devm_request_free_mem_region,
  request_free_mem_region,
} from '../../../src/main/engine/kernel/resource/free-region.ts';
import { region_intersects } from '../../../src/main/engine/kernel/resource/region-intersects.ts';
import {
  insert_resource,
  release_mem_region,
  remove_resource,
  request_mem_region,
} from '../../../src/main/engine/kernel/resource/request.ts';
import { smallMachine, type Bench } from '../pgmap/small-machine.ts';

function parentName(bench: Bench, id: unknown): string | undefined {
  const row = bench.world.get('resources', id as number);
  return row && (bench.world.get('resources', row.parent)?.name ?? 'iomem');
}

const WINDOW = { start: 0x400000000n, end: 0x4ffffffffn, flags: 'MEM', desc: 'NONE' };

describe('request_mem_region', () => {
  it('goes below the innermost resource that is not busy', () => {
    const bench = smallMachine();
    bench.call(insert_resource, { ...WINDOW, name: 'Persistent Memory' });
    const id = bench.call(request_mem_region, {
      start: 0x400000000n,
      size: 0x1000000n,
      name: 'namespace0.0',
    });
    expect(parentName(bench, id)).toBe('Persistent Memory');
  });

  it('is refused with -EBUSY by a busy one, by name', () => {
    const { call } = smallMachine();
    const params = { start: 0x30000000n, size: 0x1000n, name: 'a' };
    expect(typeof call(request_mem_region, params)).toBe('number');
    expect(call(request_mem_region, { ...params, name: 'b' })).toMatchObject({
      errno: 'EBUSY',
      check: expect.stringContaining('conflict with a') as string,
    });
  });

  it('cannot go beyond what the CPU addresses', () => {
    const { call } = smallMachine();
    const params = { start: 0xffffff0000n, size: 0x1000000n, name: 'x' };
    expect(call(request_mem_region, params)).toMatchObject({ errno: 'EBUSY' });
  });

  it('is undone by release_mem_region of the same range, and warns of another', () => {
    const { call, world } = smallMachine();
    const before = [...world.rows('resources')];
    call(request_mem_region, { start: 0x30000000n, size: 0x2000n, name: 'a' });
    call(release_mem_region, { start: 0x30000000n, size: 0x1000n });
    expect([...world.rows('kernel_log')].map(({ text }) => text)).toEqual([
      'Trying to free nonexistent resource <0000000030000000-0000000030000fff>',
    ]);
    call(release_mem_region, { start: 0x30000000n, size: 0x2000n });
    expect([...world.rows('resources')]).toEqual(before);
  });
});

describe('insert_resource', () => {
  it('takes what lies inside it as children, and gives them back', () => {
    const bench = smallMachine();
    const inner = bench.call(request_mem_region, {
      start: 0x410000000n,
      size: 0x1000n,
      name: 'inner',
    });
    const outer = bench.call(insert_resource, { ...WINDOW, name: 'CXL Window 0' });
    expect(parentName(bench, inner)).toBe('CXL Window 0');
    bench.call(remove_resource, { id: outer as number });
    expect(parentName(bench, inner)).toBe('iomem');
  });

  it('does not cut another resource', () => {
    const { call } = smallMachine();
    call(request_mem_region, { start: 0x4ffff0000n, size: 0x20000n, name: 'across' });
    expect(call(insert_resource, { ...WINDOW, name: 'w' })).toMatchObject({ errno: 'EBUSY' });
  });
});

describe('region_intersects', () => {
  it('tells RAM, part RAM and no RAM apart', () => {
    const { call } = smallMachine();
    expect(call(region_intersects, { start: 0x10000000n, size: 0x200000n })).toBe(
      'REGION_INTERSECTS',
    );
    expect(call(region_intersects, { start: 0x1fe00000n, size: 0x400000n })).toBe('REGION_MIXED');
    expect(call(region_intersects, { start: 0x20000000n, size: 0x200000n })).toBe(
      'REGION_DISJOINT',
    );
  });

  it('sees RAM below a window since 6.12 and in patched stable kernels', () => {
    const ask = (version: string, size: bigint): string => {
      const bench = smallMachine(version);
      const id = bench.call(insert_resource, { ...WINDOW, name: 'CXL Window 0' }) as number;
      bench.world.put('resources', {
        id: id + 1,
        parent: id,
        start: 0x400000000n,
        end: 0x43fffffffn,
        name: 'System RAM (kmem)',
        flags: 'MEM|SYSTEM_RAM|BUSY',
        desc: 'NONE',
      });
      return bench.call(region_intersects, { start: 0x400000000n, size });
    };
    expect(ask('6.12', 0x1000n)).toBe('REGION_INTERSECTS');
    expect(ask('6.12', 0x50000000n)).toBe('REGION_MIXED');
    expect(ask('6.1.192', 0x1000n)).toBe('REGION_INTERSECTS');
    expect(ask('6.1', 0x1000n)).toBe('REGION_DISJOINT');
  });
});

describe('request_free_mem_region', () => {
  it('takes whole sections from the top of what the CPU addresses', () => {
    const { call, world } = smallMachine();
    const ask = (size: bigint): unknown => call(request_free_mem_region, { size, name: 'gpu' });
    expect(ask(0x200000n)).toMatchObject({ start: 0xfcf8000000n, end: 0xfcffffffffn });
    expect(ask(0x9000000n)).toMatchObject({ start: 0xfce8000000n, end: 0xfcf7ffffffn });
    expect(world.get('resources', 7)).toMatchObject({ desc: 'DEVICE_PRIVATE_MEMORY', parent: 0 });
  });

  it('steps by sections since 6.0, by the size before', () => {
    const ask = (version: string): unknown => {
      const { call } = smallMachine(version);
      return call(request_free_mem_region, { size: 0x200000000n, name: 'gpu' });
    };
    // 12 GiB below 1 TiB are reserved: 8 GiB steps fit only 16 GiB down.
    expect(ask('6.1')).toMatchObject({ start: 0xfb00000000n });
    expect(ask('5.14')).toMatchObject({ start: 0xfa00000000n });
  });

  it('ends with -ERANGE where no gap is large enough', () => {
    const { call } = smallMachine();
    expect(call(request_free_mem_region, { size: 1n << 40n, name: 'gpu' })).toMatchObject({
      errno: 'ERANGE',
    });
  });
});

describe('devm_request_free_mem_region', () => {
  it('devm_request_free_mem_region takes the same place, under the name of the device', () => {
    const { call, world } = smallMachine();
    // 12 GiB below 1 TiB are reserved: the section below begins at 0xfcf8000000.
    const found = call(devm_request_free_mem_region, { size: 0x200000n, name: 'gpu0' });
    expect(found).toMatchObject({ start: 0xfcf8000000n, end: 0xfcffffffffn });
    expect([...world.rows('resources')].at(-1)).toMatchObject({
      name: 'gpu0',
      start: 0xfcf8000000n,
      desc: 'DEVICE_PRIVATE_MEMORY',
    });
    const most = call(devm_request_free_mem_region, { size: 1n << 40n, name: 'gpu1' });
    expect(most).toMatchObject({ errno: 'ERANGE' });
  });
});

describe('remove_resource', () => {
  it('remove_resource lets the children move up, and is -EINVAL for what is not there', () => {
    const bench = smallMachine();
    const inner = { start: 0x410000000n, size: 0x1000n, name: 'inner' };
    const outer = bench.call(insert_resource, { ...WINDOW, name: 'CXL Window 0' }) as number;
    const id = bench.call(request_mem_region, inner) as number;
    expect(bench.call(remove_resource, { id: outer })).toBeUndefined();
    expect(bench.world.get('resources', outer)).toBeUndefined();
    expect(bench.world.get('resources', id)).toMatchObject({ parent: 0, name: 'inner' });
    expect(bench.call(remove_resource, { id: outer })).toMatchObject({ errno: 'EINVAL' });
  });
});
