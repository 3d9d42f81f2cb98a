import { describe, expect, it } from 'vitest';
import {
  alloc_free_mem_region,
  devm_request_free_mem_region,
  request_free_mem_region,
} from '../../../src/main/engine/kernel/resource/free-region.ts';
import { region_intersects } from '../../../src/main/engine/kernel/resource/region-intersects.ts';
import {
  insert_resource,
  release_mem_region,
  remove_resource,
  request_mem_region,
  request_resource,
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

describe('request_resource', () => {
  it('request_resource takes a child of the very parent, and names what is in the way', () => {
    const bench = smallMachine();
    const parent = bench.call(insert_resource, { ...WINDOW, name: 'CXL Window 0' }) as number;
    const below = { ...WINDOW, start: 0x410000000n, end: 0x41fffffffn, parent };
    const id = bench.call(request_resource, { ...below, name: 'region0' });
    expect(parentName(bench, id)).toBe('CXL Window 0');
    expect(bench.call(request_resource, { ...below, name: 'region1' })).toMatchObject({
      errno: 'EBUSY',
      check: 'request_resource: conflict with region0',
    });
    // __request_resource() gives the root itself where the range leaves it.
    const across = { ...below, start: 0x4f0000000n, end: 0x50fffffffn, name: 'across' };
    expect(bench.call(request_resource, across)).toMatchObject({
      check: 'request_resource: conflict with CXL Window 0',
    });
    expect(bench.call(request_resource, { ...below, parent: 999, name: 'a' })).toMatchObject({
      errno: 'EINVAL',
    });
  });
});

describe('alloc_free_mem_region', () => {
  const MIB_256 = 0x10000000n;
  const ask = (version: string, taken: bigint[], size: bigint) => {
    const bench = smallMachine(version);
    const parent = bench.call(insert_resource, { ...WINDOW, name: 'CXL Window 0' }) as number;
    for (const start of taken) {
      const region = { start, end: start + MIB_256 - 1n, name: 'old', flags: 'MEM', desc: 'NONE' };
      bench.call(request_resource, { ...region, parent });
    }
    const params = { parent, size, align: MIB_256, name: 'region0' };
    return { bench, found: bench.call(alloc_free_mem_region, params) };
  };

  it('alloc_free_mem_region takes the lowest free range of the window, in whole alignments', () => {
    const { bench, found } = ask('6.12', [0x400000000n], 0x10000001n);
    expect(found).toMatchObject({ start: 0x410000000n, end: 0x42fffffffn });
    expect(parentName(bench, (found as { id: number }).id)).toBe('CXL Window 0');
    expect([...bench.world.rows('resources')].at(-1)).toMatchObject({
      name: 'region0',
      flags: 'MEM',
    });
  });

  it('steps by the size before 6.7, and so passes over room', () => {
    // 256 MiB are taken at the start: steps of 768 MiB go from 0x400000000 to 0x430000000.
    expect(ask('6.1', [0x400000000n], 0x30000000n).found).toMatchObject({ start: 0x430000000n });
    expect(ask('6.7', [0x400000000n], 0x30000000n).found).toMatchObject({ start: 0x410000000n });
  });

  it('finds no room past the end of the window, and is unknown before 6.0', () => {
    expect(ask('6.12', [0x400000000n], 0x100000000n).found).toMatchObject({ errno: 'ERANGE' });
    expect(ask('5.19', [], MIB_256).found).toMatchObject({ errno: 'ENOSYS' });
  });

  it('begins below iomem_resource at one alignment since 6.12, and never before', () => {
    const params = { parent: 0, size: MIB_256, align: MIB_256, name: 'region0' };
    // RAM and the PCI window behind it end at 0xfebfffff: the next 256 MiB begin at 4 GiB.
    expect(smallMachine('6.12').call(alloc_free_mem_region, params)).toMatchObject({
      start: 0x100000000n,
    });
    expect(smallMachine('6.11').call(alloc_free_mem_region, params)).toMatchObject({
      errno: 'ERANGE',
    });
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

  it('steps by sections since 6.7 and 6.6.11, by the size before', () => {
    const ask = (version: string): unknown => {
      const { call } = smallMachine(version);
      return call(request_free_mem_region, { size: 0x200000000n, name: 'gpu' });
    };
    // 12 GiB below 1 TiB are reserved: 8 GiB steps fit only 16 GiB down.
    expect(ask('6.7')).toMatchObject({ start: 0xfb00000000n });
    expect(ask('6.6.11')).toMatchObject({ start: 0xfb00000000n });
    expect(ask('6.6.10')).toMatchObject({ start: 0xfa00000000n });
    expect(ask('6.1')).toMatchObject({ start: 0xfa00000000n });
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
