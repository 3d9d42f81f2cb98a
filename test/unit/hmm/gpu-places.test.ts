// Where a GPU's memory may be besides its pagemap: a node of its own, a BAR on the PCI bus.
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBatch } from '../../../src/main/bench/batch/run.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

interface Lab {
  readonly version?: string;
  readonly config?: string;
  readonly devices: readonly string[];
  readonly program: readonly string[];
}

/** A sentence for everything that does not hold. Node 1 has no CPUs; memory comes online as movable. */
async function run({ version = '6.12', config = '', devices, program }: Lab): Promise<string[]> {
  const lab = [
    'pfnlab: 1',
    'title: test',
    `kernel: { version: "${version}", arch: x86_64, model: sparsemem-vmemmap, config: { ${config} }, cmdline: "memhp_default_state=online_movable" }`,
    'machine:',
    '  memory: [ { start: 0x100000, end: 0x3fffffff, type: usable } ]',
    '  nodes: [ { id: 0, cpus: 2 }, { id: 1, cpus: 0 } ]',
    '  srat:',
    '    - { start: 0x0, end: 0x3fffffff, node: 0 }',
    '    - { start: 0x140000000, end: 0x14fffffff, node: 1, hotplug: true }',
    'devices:',
    ...devices.map((device) => `  - ${device}`),
    'program:',
    ...['boot', ...program].map((entry) => `  - ${entry}`),
  ].join('\n');
  const batch = await runBatch('test.lab.yaml', lab, ROOT);
  if (!batch.ok) throw new Error(batch.problems.join('\n'));
  const { verdicts, faults } = batch.value;
  return [...verdicts, ...faults]
    .filter(({ ok }) => !ok)
    .map(({ at, want, got }) => `${at}: wanted ${want}, got ${got}`);
}

const NODE =
  '{ id: gpu0, model: coherent-gpu, node: 1, memory: node, range: { start: 0x140000000, size: 256MiB } }';
const VA = '0x7f0000000000';

describe.each(['5.10', '6.1', '6.12', '7.2'])('coherent memory as a node, on %s', (version) => {
  it('cannot go while a page of it cannot move, and goes when it can', async () => {
    const wrong = await run({
      version,
      devices: [NODE],
      program: [
        `{ actor: app, do: mmap, at: ${VA}, size: 64KiB }`,
        `{ actor: app, do: write, va: ${VA}, size: 64KiB, word: 3 }`,
        `{ actor: app, do: move-pages, va: ${VA}, size: 64KiB, node: 1, expect: { moved: 16 } }`,
        `{ actor: app, do: pin, va: ${VA}, pages: 1, as: io }`,
        // offline_pages() tries until a signal ends it.
        '{ gpu0.unbind: {}, expect: { errno: EINTR } }',
        'expect: [ { device: { id: gpu0, registers: { bound: true } } }, { memory_block: { id: 40, state: online } } ]',
        '{ actor: app, do: unpin, name: io }',
        'gpu0.unbind',
        'expect: [ { memory_block: { id: 40, exists: false } } ]',
        `{ actor: app, do: read, va: ${VA}, size: 64KiB, expect: { words: [{ word: 3, count: false, pages: 16 }] } }`,
        'gpu0.bind',
        'expect: [ { memory_block: { id: 40, state: online } } ]',
      ],
    });
    expect(wrong).toEqual([]);
  });
});

describe('a GPU on the PCI bus', () => {
  const BUS = [
    '{ id: host0, model: pci-host-bridge, bus: "0000:00" }',
    '{ id: rp0, model: pci-root-port, bdf: "0000:00:01.0", parent: host0 }',
  ];
  const GPU =
    '{ id: gpu0, model: gpu, vram: 128MiB, bdf: "0000:01:00.0", parent: rp0, range: { start: 0xe8000000, size: 128MiB } }';
  const PRIVATE = 'DEVICE_PRIVATE: y';

  it('works without peer memory where the kernel has none', async () => {
    const wrong = await run({
      config: `${PRIVATE}, PCI_P2PDMA: n`,
      devices: [...BUS, GPU],
      program: [
        'expect: [ { device: { id: gpu0, registers: { bound: true } } }, { p2pmem: { provider: gpu0, exists: false } } ]',
        'gpu0.unbind',
        'expect: [ { iomem: { start: 0xe8000000, end: 0xefffffff, name: gpu0, exists: false } } ]',
      ],
    });
    expect(wrong).toEqual([]);
  });

  it('offers its BAR again when its driver comes back', async () => {
    const wrong = await run({
      config: `${PRIVATE}, PCI_P2PDMA: y`,
      devices: [...BUS, GPU],
      program: [
        'gpu0.unbind',
        'expect: [ { p2pmem: { provider: gpu0, exists: false } } ]',
        'gpu0.bind',
        'expect: [ { p2pmem: { provider: gpu0, available: 0x8000000 } } ]',
      ],
    });
    expect(wrong).toEqual([]);
  });

  it('a device that never offered its BAR is unbound like any other', async () => {
    const wrong = await run({
      config: 'PCI_P2PDMA: y',
      devices: [
        ...BUS,
        '{ id: fpga0, model: pci-endpoint, bdf: "0000:01:00.0", parent: rp0, range: { start: 0xe8000000, size: 128MiB } }',
      ],
      program: ['fpga0.unbind', '{ fpga0.offer-bar: {}, expect: { errno: ENODEV } }'],
    });
    expect(wrong).toEqual([]);
  });
});
