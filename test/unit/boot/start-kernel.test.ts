import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { labFacts } from '../../../src/main/engine/lab/machine/lab-facts.ts';
import { Cursor } from '../../../src/main/engine/core/world/timeline.ts';
import { formatHash } from '../../../src/main/engine/core/world/hash.ts';
import { bootLab } from '../../conformance/boot-capture.ts';
import { parseLab } from '../../../src/shared/lab/parse.ts';
import { boot, kernel, ONE_GIB } from './booted.ts';

describe('boot/start_kernel', () => {
  it('is one call tree: each step stands under the function that called it', () => {
    const { steps } = boot(kernel('6.12') + ONE_GIB);
    expect(steps[0]).toMatchObject({ fn: 'start_kernel', parent: 0, depth: 0 });
    const names = new Map(steps.map((step) => [step.seq, step.fn]));
    const path = (fn: string) => {
      const found: string[] = [];
      let step = steps.find((s) => s.fn === fn);
      while (step) {
        found.unshift(step.fn);
        step = steps.find(({ seq }) => seq === step?.parent);
      }
      return found;
    };
    expect(names.size).toBe(steps.length);
    expect(path('memory_present')).toEqual([
      'start_kernel',
      'setup_arch',
      'paging_init',
      'sparse_init',
      'memblocks_present',
      'memory_present',
    ]);
    expect(path('calculate_node_totalpages')).toEqual([
      'start_kernel',
      'setup_arch',
      'paging_init',
      'zone_sizes_init',
      'free_area_init',
      'free_area_init_node',
      'calculate_node_totalpages',
    ]);
    for (const { source } of steps) expect(source).toMatch(/^[\w/.-]+\.[ch]:\w+$/);
  });

  it('goes back to nothing and forward to the same world', () => {
    const { log, world } = boot(kernel('6.12') + ONE_GIB);
    const cursor = new Cursor(log, log.length);
    cursor.seek(0);
    expect(cursor.hashText()).toBe('0'.repeat(32));
    cursor.seek(log.length);
    expect(cursor.hashText()).toBe(formatHash(world.hash()));
  });

  it('boots twenty terabytes in under 5,000 steps, memmap of each node on itself', () => {
    const text = readFileSync(
      new URL('../../../labs/twenty-terabytes.lab.yaml', import.meta.url),
      'utf8',
    );
    const { lab } = parseLab(text, 'twenty-terabytes.lab.yaml');
    if (!lab) throw new Error('not parsed');
    expect(labFacts(lab).problems).toEqual([]);
    const { world, log } = bootLab(lab);
    expect(log.length).toBeLessThan(5000);
    const perNode = [...world.rows('memblock_reserved')]
      .filter(({ owner }) => owner === 'memmap')
      .map(({ start, end }) => [
        Number((start - 0x80000000n) / (1n << 39n)),
        Number((end - start) >> 20n),
      ]);
    // 4096 sections a node need 8 GiB; node 0 has 16 sections more: 2 GiB below the hole.
    expect(perNode.map(([node]) => node)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(perNode.reduce((sum, [, mib = 0]) => sum + mib, 0)).toBe((4 * 2 ** 20) / 64);
  });

  it('survives machines without memory', () => {
    const { world } = boot(`${kernel('6.12')}machine: { memory: [] }\n`);
    expect(world.get('vars', 'max_pfn')?.value).toBe(0);
    expect(world.count('sections')).toBe(0);
  });
});
