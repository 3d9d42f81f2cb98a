import { describe, expect, it } from 'vitest';
import { boot, zones } from '../boot/booted.ts';

const memory = `
  memory:
    - { start: 0x0, end: 0x9ffff, type: usable }
    - { start: 0x100000, end: 0x3fffffff, type: usable }`;
const booted = (srat: string, kernel = '{ version: "6.12" }', nodes = '[ { id: 0 }, { id: 1 } ]') =>
  boot(`kernel: ${kernel}\nmachine:${memory}\n  nodes: ${nodes}\n  srat:${srat}\n`);
const log = ({ world }: ReturnType<typeof booted>) =>
  [...world.rows('kernel_log')].map(({ text }) => text);

describe('numa/x86_numa_init', () => {
  it('puts each range on its node, and lets nodes interleave', () => {
    const run = booted(`
    - { start: 0x0, end: 0x1fffffff, node: 0 }
    - { start: 0x20000000, end: 0x2fffffff, node: 1 }
    - { start: 0x30000000, end: 0x3fffffff, node: 0 }`);
    expect(zones(run.world, 0).at(-1)).toEqual(['DMA32', 4096, 258048, 258048 - 65536]);
    expect(zones(run.world, 1)).toEqual([['DMA32', 131072, 65536, 65536]]);
  });

  it('fakes one node without SRAT, and with numa=off', () => {
    const none = booted(' []');
    expect(log(none)).toContain('No NUMA configuration found');
    expect(log(none)).toContain('Faking a node at [mem 0x0000000000000000-0x000000003fffffff]');
    const off = booted(
      `
    - { start: 0x0, end: 0x1fffffff, node: 0 }
    - { start: 0x20000000, end: 0x3fffffff, node: 1 }`,
      '{ version: "6.12", cmdline: "numa=off" }',
    );
    expect([...off.world.rows('nodes')].map(({ nid }) => nid)).toEqual([0]);
  });

  it('does not use tables that leave more than 1 MiB of RAM on no node', () => {
    const run = booted(`
    - { start: 0x0, end: 0x1fffffff, node: 0 }`);
    expect(log(run)).toContain('NUMA: nodes only cover 511MB of your 1023MB e820 RAM. Not used.');
    expect([...run.world.rows('nodes')].map(({ nid }) => nid)).toEqual([0]);
    expect(run.steps.find(({ fn }) => fn === 'numa_init')?.err?.errno).toBe('EINVAL');
  });

  it('leaves nodes under 4 MiB down before 6.7', () => {
    const srat = `
    - { start: 0x0, end: 0x3fdfffff, node: 0 }
    - { start: 0x3fe00000, end: 0x3fffffff, node: 1 }`;
    const nids = (version: string) =>
      [
        ...booted(
          srat,
          `{ version: "${version}" }`,
          '[ { id: 0 }, { id: 1, cpus: 0 } ]',
        ).world.rows('nodes'),
      ]
        .filter(({ online }) => online)
        .map(({ nid }) => nid);
    expect(nids('5.14')).toEqual([0]);
    expect(nids('6.12')).toEqual([0, 1]);
  });

  it('raises max_possible_pfn to what SRAT says may be added', () => {
    const run = booted(`
    - { start: 0x0, end: 0x3fffffff, node: 0 }
    - { start: 0x100000000, end: 0x1ffffffff, node: 1, hotplug: true }`);
    expect(run.world.get('vars', 'max_possible_pfn')?.value).toBe(0x200000);
    expect(log(run)).toContain('Initmem setup node 1 as memoryless');
  });
});
