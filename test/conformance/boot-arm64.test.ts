/**
 * arm64 as a captured kernel booted it: QEMU's virt machine with 1 GiB at 1 GiB, a Cortex-A57 (48
 * address bits) and Debian's kernel for 52. The figures are the capture's own.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vmemmapBase } from '../../src/main/engine/core/direct-map.ts';
import { modelOf } from '../../src/main/engine/kernel/memmodel/models.ts';
import { boot, zoneOf } from '../unit/memmodel/boot-lab.ts';

const booted = boot({
  version: '6.12.117',
  arch: 'arm64',
  ram: [[0x40000000n, 0x7fffffffn]],
});
const { world } = booted;

function variable(name: string): unknown {
  return world.get('vars', name)?.value;
}

describe('arm64 with 1 GiB at 1 GiB', () => {
  it('puts all of it in zone DMA, and leaves the other zones empty', () => {
    expect(zoneOf(booted, 0, 'DMA')).toEqual([262144, 262144, 262144]);
    for (const zone of ['DMA32', 'Normal', 'Movable', 'Device']) {
      expect(zoneOf(booted, 0, zone)).toEqual([0, 0, 0]);
    }
    expect([...world.rows('zones')][0]?.contiguous).toBe(true);
  });

  it('has sections 8 to 15, early and full', () => {
    const rows = [...world.rows('sections')];
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ start: 8, end: 16, nid: 0, flags: 0xf });
    expect(rows[0]?.subsection_map).toBe(0xffffffffffffffffn);
  });

  it('codes section_mem_map as the captured kernel did', () => {
    // memmap - start_pfn * 64 is `vmemmap` itself.
    expect(vmemmapBase(booted)).toBe(0xfffffdffbf000000n);
    expect(variable('memstart_addr')).toBe(0xfff1000040000000n);
  });

  it('has 128 MiB memory blocks 8 to 15, online in DMA', () => {
    expect(variable('memory_block_size')).toBe(0x8000000n);
    expect([...world.rows('memory_blocks')]).toEqual([
      { start: 8, end: 16, state: 'online', nid: 0, zone: 'DMA' },
    ]);
  });

  it('sets the kernel variables of the capture', () => {
    expect(variable('__highest_present_section_nr')).toBe(15);
    expect(variable('highest_memmap_pfn')).toBe(524287);
    expect(variable('max_low_pfn')).toBe(524288);
    expect(variable('max_pfn')).toBe(524288);
    expect(variable('min_low_pfn')).toBe(262144);
    expect(variable('movable_zone')).toBe(0);
    expect(variable('nr_memmap_boot_pages')).toBe(4096);
  });

  it('has no struct page below the first section', () => {
    const model = modelOf(booted);
    expect(model.pfnValid(booted, 262143).valid).toBe(false);
    expect(model.pfnValid(booted, 262144).valid).toBe(true);
    expect(model.pfnValid(booted, 524288).valid).toBe(false);
  });

  it('prints the lines of the captured log', () => {
    const lines = [...world.rows('kernel_log')].map(({ text }) => text);
    const wanted = [
      'NUMA: Faking a node at [mem 0x0000000040000000-0x000000007fffffff]',
      'Zone ranges:',
      '  DMA      [mem 0x0000000040000000-0x000000007fffffff]',
      '  DMA32    empty',
      '  Normal   empty',
      '  Device   empty',
      'Movable zone start for each node',
      'Early memory node ranges',
      '  node   0: [mem 0x0000000040000000-0x000000007fffffff]',
      'Initmem setup node 0 [mem 0x0000000040000000-0x000000007fffffff]',
    ];
    expect(lines.filter((line) => wanted.includes(line))).toEqual(wanted);
  });
});

const SHARED = process.env['PFNLAB_SHARED'] ?? new URL('../../../shared', import.meta.url).pathname;
const CAPTURE = `${SHARED}/oracle/captures/x1-arm64-1g/6.12-arm64/facts.json`;

interface Captured {
  dumps: {
    boot: {
      zones: { zone: string; spanned: number; present: number }[];
      memory_blocks: { blocks: { n: number; state: string; zones: string }[] };
      iomem: { depth: number; start: string; end: string; name: string }[];
      kernel_state: {
        vars: Record<string, number | string>;
        sections: { nr: number; flags: string; subsection_map: string; memmap: string }[];
        nodes: {
          zones: Record<string, number | string>[];
          node_start_pfn: number;
          node_spanned_pages: number;
          node_present_pages: number;
        }[];
      };
    };
  };
}

describe.skipIf(!existsSync(CAPTURE))('the capture itself', () => {
  it('agrees in every figure the machine determines', () => {
    const { boot: dump } = (JSON.parse(readFileSync(CAPTURE, 'utf8')) as Captured).dumps;
    const state = dump.kernel_state;
    const zones = state.nodes[0]?.zones ?? [];
    expect(zones.map((z) => [z['name'], z['start_pfn'], z['spanned'], z['present']])).toEqual(
      [...world.rows('zones')].map((z) => [
        z.name,
        z.zone_start_pfn,
        z.spanned_pages,
        z.present_pages,
      ]),
    );
    expect(zones.map((z) => z['contiguous'] === 1)).toEqual(
      [...world.rows('zones')].map((z) => z.contiguous),
    );
    const node = world.need('nodes', 0);
    expect(state.nodes[0]).toMatchObject({
      node_start_pfn: node.node_start_pfn,
      node_spanned_pages: node.node_spanned_pages,
      node_present_pages: node.node_present_pages,
    });
    for (const section of state.sections) {
      const row = world.at('sections', section.nr);
      expect(row?.flags).toBe(Number(section.flags));
      expect(row?.subsection_map).toBe(BigInt(section.subsection_map));
      expect(BigInt(section.memmap)).toBe(vmemmapBase(booted));
    }
    for (const block of dump.memory_blocks.blocks) {
      const row = world.at('memory_blocks', block.n);
      expect([row?.state, row?.zone]).toEqual([block.state, block.zones]);
    }
    for (const [name, value] of Object.entries(state.vars)) {
      // This kernel keeps no max_possible_pfn on arm64.
      if (name === 'max_possible_pfn') continue;
      const got = variable(name);
      expect(`${name} ${BigInt(got as never)}`).toBe(`${name} ${BigInt(value)}`);
    }
    const ram = dump.iomem.filter(({ name, depth }) => name === 'System RAM' && depth === 0);
    expect(ram.map(({ start, end }) => [BigInt(start), BigInt(end)])).toEqual(
      [...world.rows('resources')].map(({ start, end }) => [start, end]),
    );
  });
});
