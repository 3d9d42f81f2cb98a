// allocate_blocks() for a hole that somebody else has filled since it was seen: ext4_map_blocks() looks
// again under i_data_sem. A sparse file of 4 pages on a new filesystem.
import { describe, expect, it } from 'vitest';
import { Driver } from '../../../src/main/engine/core/world/driver.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import { allocate_blocks } from '../../../src/main/engine/kernel/fs/blocks.ts';
import { DaxLab } from './dax-lab.ts';

async function sparse() {
  const lab = await DaxLab.run(['{ do: create-file, file: /mnt/a, size: 16KiB, allocate: none }']);
  const world = new World(lab.world.store.clone());
  const { facts } = lab.batch.execution.run;
  const driver = new Driver({ step: () => {}, returned: () => {} }, { facts, world });
  const inode = world.need('inodes', '/mnt/a');
  const allocate = (index: number, count: number) => {
    let given: unknown;
    driver.add({
      actor: 'app',
      fn: allocate_blocks as never,
      params: { inode, index, count, type: 'mapped' },
      done: (run) => {
        given = run;
      },
    });
    driver.runToEnd();
    return given as { start: number; end: number };
  };
  const free = () =>
    [...world.rows('free_blocks')].reduce((sum, { start, end }) => sum + end - start, 0);
  return { world, allocate, free };
}

describe('allocate_blocks', () => {
  it('gives the second who asks for a hole the blocks of the first, as far as they go', async () => {
    const { world, allocate, free } = await sparse();
    const before = free();
    const first = allocate(1, 2);
    expect(first.end - first.start).toBe(2);
    expect(allocate(2, 2)).toEqual({ start: first.start + 1, end: first.end });
    expect(before - free()).toBe(2);
    const [extent] = world.rows('file_extents');
    expect(extent).toMatchObject({ block: first.start, type: 'mapped' });
  });

  it('takes others for what has no block yet', async () => {
    const { allocate, free } = await sparse();
    const before = free();
    const [first, second] = [allocate(0, 1), allocate(1, 3)];
    expect(second.start).toBe(first.end);
    expect(before - free()).toBe(4);
  });
});
