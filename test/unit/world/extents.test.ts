import { describe, expect, test } from 'vitest';
import { World } from '../../../src/main/engine/core/world/world.ts';

const block = (state: string): { state: string; nid: number; zone: null } => ({
  state,
  nid: 0,
  zone: null,
});

function blocks(world: World): string[] {
  return [...world.rows('memory_blocks')].map(
    ({ start, end, state }) => `${start}-${end} ${state}`,
  );
}

describe('world/extents', () => {
  test('setting the middle of an extent splits it; setting it back merges it again', () => {
    const world = new World();
    world.set('memory_blocks', 0, 10, block('online'));
    world.set('memory_blocks', 4, 6, block('offline'));
    expect(blocks(world)).toEqual(['0-4 online', '4-6 offline', '6-10 online']);
    world.takeChanges();
    world.set('memory_blocks', 4, 6, block('online'));
    expect(blocks(world)).toEqual(['0-10 online']);
    expect(world.takeChanges()).toHaveLength(3);
  });

  test('setting what is already there changes nothing', () => {
    const world = new World();
    world.set('memory_blocks', 0, 10, block('online'));
    world.takeChanges();
    world.set('memory_blocks', 2, 5, block('online'));
    expect(world.takeChanges()).toEqual([]);
  });

  test('clearing cuts both ends and leaves the rest', () => {
    const world = new World();
    world.set('memory_blocks', 0, 4, block('online'));
    world.set('memory_blocks', 4, 8, block('offline'));
    world.clear('memory_blocks', 2, 6);
    expect(blocks(world)).toEqual(['0-2 online', '6-8 offline']);
  });

  test('a linear field grows with the position and joins only where it goes on', () => {
    const world = new World();
    const at = (phys: bigint): { phys: bigint; mapping: string; source: string } => ({
      phys,
      mapping: 'pmd',
      source: 'memblock',
    });
    world.set('vmemmap', 0, 100, at(0x10000n));
    world.set('vmemmap', 100, 200, at(0x10000n + 100n * 64n));
    expect(world.count('vmemmap')).toBe(1);
    world.clear('vmemmap', 50, 60);
    expect([...world.rows('vmemmap')].map(({ start, phys }) => [start, phys])).toEqual([
      [0, 0x10000n],
      [60, 0x10000n + 60n * 64n],
    ]);
    world.set('vmemmap', 50, 60, at(0x99000n));
    expect(world.count('vmemmap')).toBe(3);
  });

  test('an update keeps gaps as gaps', () => {
    const world = new World();
    world.set('memory_blocks', 0, 2, block('online'));
    world.set('memory_blocks', 4, 6, block('online'));
    world.update('memory_blocks', 1, 5, { state: 'going-offline' });
    expect(blocks(world)).toEqual([
      '0-1 online',
      '1-2 going-offline',
      '4-5 going-offline',
      '5-6 online',
    ]);
  });

  test('addresses beyond 2^53 stay exact', () => {
    const world = new World();
    const end = (1n << 56n) - 1n;
    world.set('e820', (1n << 55n) + 1n, end, { type: 'usable', entry: 0 });
    expect(world.at('e820', (1n << 55n) + 1n)?.end).toBe(72057594037927935n);
    expect(world.at('e820', 1n << 55n)).toBeUndefined();
  });
});
