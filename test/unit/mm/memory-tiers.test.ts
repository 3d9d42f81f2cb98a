import { describe, expect, it } from 'vitest';
import {
  clear_node_memory_type,
  init_node_memory_type,
  memoryTier,
  mt_calc_adistance,
  mt_perf_to_adistance,
  register_mt_adistance_algorithm,
} from '../../../src/main/engine/kernel/mm/memory-tiers.ts';
import { parseLab } from '../../../src/shared/lab/parse.ts';
import { bootParsed, type Booted } from '../memmodel/boot-lab.ts';
import { benchOf } from '../pgmap/small-machine.ts';
import type { KernelFunction } from '../../../src/main/engine/core/world/operation.ts';

const perf = (latency: number, bandwidth: number) => ({
  read_latency: latency,
  write_latency: latency,
  read_bandwidth: bandwidth,
  write_bandwidth: bandwidth,
});

const locality = (initiator: number, target: number, latency: number, bandwidth: number) =>
  JSON.stringify({ initiator, target, ...perf(latency, bandwidth) });

/** Two nodes of DRAM with CPUs, and node 2 without. */
function booted(version: string, hmat: readonly string[] = []): Booted {
  const { lab, problems } = parseLab(
    `pfnlab: 1
kernel: { version: "${version}" }
machine:
  memory:
    - { start: 0x0, end: 0x1fffffff, type: usable }
    - { start: 0x20000000, end: 0x3fffffff, type: usable }
  nodes: [{ id: 0 }, { id: 1 }, { id: 2, cpus: 0 }]
  srat:
    - { start: 0x0, end: 0x1fffffff, node: 0 }
    - { start: 0x20000000, end: 0x3fffffff, node: 1 }
    - { start: 0x100000000, end: 0x13fffffff, node: 2, hotplug: true }
  hmat: [${hmat.join(', ')}]
program: [boot]
`,
    'tiers.lab.yaml',
  );
  if (!lab) throw new Error(JSON.stringify(problems));
  return bootParsed(lab);
}

const DRAM = [locality(0, 0, 100, 200_000), locality(1, 1, 100, 200_000)];
/** What a function returns after the boot. */
const call = <P, R>({ world, facts }: Booted, fn: KernelFunction<P, R>, params: P) =>
  benchOf(world, facts).call(fn, params);

const calc = (run: Booted, node: number) => call(run, mt_calc_adistance, { node });

describe('mt_perf_to_adistance', () => {
  it('mt_perf_to_adistance is in proportion to latency and inverse to bandwidth, in integers', () => {
    const run = booted('6.12', DRAM);
    // 576 * 200 / 200 * 400,000 / 400,000
    expect(call(run, mt_perf_to_adistance, perf(100, 200_000))).toBe(576);
    // 576 * 500 / 200 = 1440; * 400,000 / 100,000
    expect(call(run, mt_perf_to_adistance, perf(250, 50_000))).toBe(5760);
    // 576 * 202 / 200 = 581 in integers
    expect(call(run, mt_perf_to_adistance, perf(101, 200_000))).toBe(581);
    expect(call(run, mt_perf_to_adistance, perf(0, 1))).toMatchObject({ errno: 'EINVAL' });
  });

  it('knows nothing where HMAT does not describe DRAM, or DRAM nodes differ by more than a tenth', () => {
    expect(call(booted('6.12'), mt_perf_to_adistance, perf(1, 1))).toMatchObject({
      errno: 'ENOENT',
    });
    const uneven = [DRAM[0] ?? '', locality(1, 1, 111, 200_000)];
    expect(call(booted('6.12', uneven), mt_perf_to_adistance, perf(1, 1))).toMatchObject({
      errno: 'EIO',
    });
  });
});

describe('mt_calc_adistance', () => {
  it('mt_calc_adistance takes the best of the CPUs, and asks HMAT since 6.7', () => {
    const far = [...DRAM, locality(0, 2, 300, 50_000), locality(1, 2, 200, 100_000)];
    // From node 1: 576 * 400 / 200 = 1152; * 400,000 / 200,000
    expect(calc(booted('6.7', far), 2)).toBe(2304);
    expect(calc(booted('6.6', far), 2)).toBeNull();
    expect(calc(booted('6.7', DRAM), 2)).toBeNull();
  });

  it('register_mt_adistance_algorithm speaks for a node that HMAT does not describe', () => {
    const run = booted('6.12', DRAM);
    call(run, register_mt_adistance_algorithm, { node: 2, ...perf(200, 50_000) });
    // 576 * 400 / 200 = 1152; * 400,000 / 100,000
    expect(calc(run, 2)).toBe(4608);
  });
});

describe('memoryTier', () => {
  it('is 4 for DRAM, and what a driver says from init_node_memory_type to clear_node_memory_type', () => {
    const run = booted('6.1');
    expect(memoryTier(run.k, 0)).toEqual({ adistance: 576, tier: 4 });
    call(run, init_node_memory_type, { node: 2, adistance: 2880 });
    call(run, init_node_memory_type, { node: 2, adistance: 9999 });
    // 2880 / 128 = 22.5
    expect(memoryTier(run.k, 2)).toEqual({ adistance: 2880, tier: 22 });
    call(run, clear_node_memory_type, { node: 2 });
    expect(memoryTier(run.k, 2)?.tier).toBe(22);
    call(run, clear_node_memory_type, { node: 2 });
    expect(memoryTier(run.k, 2)?.tier).toBe(4);
  });

  it('does not exist before 6.1', () => {
    expect(memoryTier(booted('6.0').k, 0)).toBeUndefined();
  });
});
