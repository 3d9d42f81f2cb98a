import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exploreLab } from '../../../src/main/bench/batch/explore.ts';

const root = resolve(import.meta.dirname, '../../..');

/** Every interleaving (as far as the budget goes) of two threads of one process. */
async function explored(lab: string, budget = 200_000) {
  const result = await exploreLab('race.lab.yaml', lab, root, { depth: 10_000, budget });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.value;
}

const head = (version: string, machine: string, config = '') => `pfnlab: 1
title: two threads
kernel: { version: "${version}", arch: x86_64, config: { TRANSPARENT_HUGEPAGE: n${config} } }
machine:
  cpu: { phys_bits: 40, hypervisor: true }
  memory:
    - { start: 0x1000, end: 0x9fbff, type: usable }
    - { start: 0x100000, end: 0x3fffffff, type: usable }
${machine}
program:
  - boot
  - { actor: app, do: mmap, at: 0x7f0000000000, size: 4KiB }
  - { actor: app, do: write, va: 0x7f0000000000, word: 7 }
  - { actor: app, do: thread, child: app2 }
`;

const TWO_NODES = `  nodes: [ { id: 0, cpus: 2, distances: [10, 20] }, { id: 1, cpus: 0, distances: [20, 10] } ]
  srat: [ { start: 0x0, end: 0x1fffffff, node: 0 }, { start: 0x20000000, end: 0x3fffffff, node: 1 } ]`;

const READ = 'do: read, va: 0x7f0000000000, expect: { word: 7 }';

describe('do_swap_page against who changes the entry meanwhile', () => {
  test.each(['4.14', '5.10', '6.1', '6.12', '7.2'])(
    '%s: a fault against move_pages() on RAM: pte_unmap_same() says so, and nobody is killed',
    async (version) => {
      const { exhaustive, breakages, hashes } = await explored(`${head(version, TWO_NODES)}
  - concurrently:
      - { actor: app, ${READ} }
      - { actor: app2, do: move-pages, va: 0x7f0000000000, pages: 1, node: 1 }
  - { actor: app, ${READ} }
`);
      expect(breakages).toEqual([]);
      expect(exhaustive).toBe(true);
      expect(hashes.size).toBe(1);
    },
  );

  const onDevice = (version: string) => `${head(
    version,
    'devices: [ { id: gpu0, model: gpu, vram: 256MiB } ]',
    ', DEVICE_PRIVATE: y',
  )}
  - { actor: app, do: gpu0.migrate-to-device, va: 0x7f0000000000, size: 4KiB }
  - concurrently:
      - { actor: app, ${READ} }
      - { actor: app2, ${READ} }
`;

  test.each(['6.15', '7.2'])(
    '%s: two faults on one device private page: who finds it locked waits, and both read it',
    async (version) => {
      const { exhaustive, breakages, hashes } = await explored(onDevice(version));
      expect(breakages).toEqual([]);
      expect(exhaustive).toBe(true);
      expect(hashes.size).toBe(1);
    },
  );

  // Without the lock of 6.15 both run through the driver, and the orders are too many to try them all.
  test.each(['4.14', '5.10', '6.1', '6.12'])(
    '%s: two faults on one device private page: the loser faults again, and nobody gets SIGBUS',
    async (version) => {
      const { breakages, interleavings } = await explored(onDevice(version), 60_000);
      expect(breakages).toEqual([]);
      expect(interleavings).toBeGreaterThan(50);
    },
  );
});
