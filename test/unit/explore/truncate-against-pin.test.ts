import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exploreLab } from '../../../src/main/bench/batch/explore.ts';

const root = resolve(import.meta.dirname, '../../..');

/** An application does I/O into a page of a DAX file while the file is truncated. */
const LAB = `pfnlab: 1
title: truncate against pin
kernel: { version: "6.12", arch: x86_64, model: sparsemem-vmemmap }
machine:
  cpu: { phys_bits: 40, hypervisor: true }
  memory:
    - { start: 0x0, end: 0x9fbff, type: usable }
    - { start: 0x100000, end: 0x1fffffff, type: usable }
devices:
  - { id: nvdimm0, model: nvdimm, node: 0, range: { start: 0x100000000, size: 256MiB } }
program:
  - boot
  - nvdimm0.create-namespace: { mode: fsdax, map: mem }
  - nvdimm0.ns0.mount: { fs: ext4, options: dax, at: /mnt }
  - { actor: app, do: mmap, file: /mnt/a, at: 0x7f0000000000, size: 4MiB, shared: true }
  - { actor: app, do: write, va: 0x7f0000000000, size: 4KiB }
  - concurrently:
      - { actor: app, do: pin, va: 0x7f0000000000, fast: true, get: true, as: io }
      - { actor: app, do: unpin, name: io }
      - { actor: admin, do: truncate, file: /mnt/a, size: 0 }
`;

describe('truncate against pin, every interleaving', () => {
  test('the truncate waits for the page, and no reference given back meanwhile is missed', async () => {
    const explored = await exploreLab('race.lab.yaml', LAB, root, {
      depth: 10_000,
      budget: 100_000,
    });
    if (!explored.ok) throw new Error(explored.problems.join('\n'));
    const { exhaustive, breakages } = explored.value;
    expect(breakages.filter(({ broken }) => broken.kind !== 'expectation')).toEqual([]);
    expect(exhaustive).toBe(true);
  });
});
