import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { resolveDeviceOp } from '../../src/main/engine/kernel/device/operations.ts';
import type { HardwareModel } from '../../src/main/engine/kernel/device/model.ts';
import { labFacts } from '../../src/main/engine/lab/machine/lab-facts.ts';
import { prepareRun } from '../../src/main/engine/lab/machine/run.ts';
import { resourceLines } from '../../src/main/engine/lab/inspect/iomem.ts';
import { poolSizes } from '../../src/main/engine/kernel/p2pdma/provider.ts';
import type { Kernel } from '../../src/main/engine/core/facts.ts';
import { Driver } from '../../src/main/engine/core/world/driver.ts';
import { failed, type KernelFunction } from '../../src/main/engine/core/world/operation.ts';
import { PluginHost } from '../../src/main/plugins/host.ts';
import { labOfCapture } from './boot-capture.ts';
import type { Device } from '../../src/shared/lab/device.ts';
import { CAPTURES } from './capture.ts';
import { compareDevices } from './compare-devices.ts';
import { compareDump, differences, Figures } from './compare.ts';
import './figures-table.ts';
import type { NvdimmCapture } from './nvdimm-capture.ts';

const SCENARIO = 'm-nvme-cmb-switch';

interface Line {
  depth: number;
  start: string | bigint;
  end: string | bigint;
  name: string;
}

interface P2pmem {
  device: string;
  size: string;
  available: string;
  published: string;
}

/** The captured machine's PCI devices, as its lspci and its BARs have them. */
const source = { file: SCENARIO, line: 1, column: 1 };
const WRITTEN: readonly Omit<Device, 'source'>[] = [
  { id: 'host0', model: 'pci-host-bridge', config: { bus: '0000:00', device_id: 0x29c0 } },
  { id: 'rp0', model: 'pci-root-port', config: { bdf: '0000:00:01.0', parent: 'host0' } },
  { id: 'up0', model: 'pci-switch-upstream', config: { bdf: '0000:01:00.0', parent: 'rp0' } },
  { id: 'dn0', model: 'pci-switch-downstream', config: { bdf: '0000:02:00.0', parent: 'up0' } },
  { id: 'dn1', model: 'pci-switch-downstream', config: { bdf: '0000:02:01.0', parent: 'up0' } },
  {
    id: 'nvme0',
    model: 'nvme',
    range: { start: 0xf8000000n, size: 0x1000000n },
    config: { bdf: '0000:04:00.0', parent: 'dn1' },
  },
  {
    id: 'nvme1',
    model: 'nvme',
    range: { start: 0xf4000000n, size: 0x4000000n },
    config: { bdf: '0000:03:00.0', parent: 'dn0' },
  },
];
const DEVICES: readonly Device[] = WRITTEN.map((device) => ({ ...device, source }));

/** What stands for each step of the capture; steps that only read are compared with the dumps. */
const OPERATIONS: Readonly<Record<string, readonly [string, string][]>> = {
  '05-unbind': [
    ['nvme1', 'unbind'],
    ['nvme0', 'unbind'],
  ],
  '06-rebind': [
    ['nvme1', 'bind'],
    ['nvme0', 'bind'],
  ],
};

let models: ReadonlyMap<string, HardwareModel>;

beforeAll(async () => {
  const host = await PluginHost.create();
  models = host.discover([join(import.meta.dirname, '..', '..', 'plugins')]).models;
});

function replay(capture: NvdimmCapture): { compared: number; different: string[] } {
  const lab = labOfCapture(capture);
  if (!lab) throw new Error(`${capture.kernel} is not modelled`);
  const { facts } = labFacts(lab);
  if (!facts) throw new Error('no facts');
  const boot = {
    op: 'boot',
    args: {},
    source: { file: '', line: 1, column: 1, path: [], args: [] },
  };
  const { run, problems } = prepareRun(
    { ...lab, devices: [...DEVICES], program: [boot] },
    facts,
    models,
  );
  if (!run) throw new Error(problems[0]?.message);
  const driver = new Driver({ step: () => undefined, returned: () => undefined }, { facts });
  const { world } = driver;
  const start = (fn: unknown, params: unknown): unknown => {
    let outcome: unknown;
    const done = (result: unknown): void => void (outcome = result);
    const task = fn as KernelFunction<unknown, unknown>;
    driver.add({ actor: 'admin', fn: task as never, params, done });
    driver.runToEnd();
    return outcome;
  };
  const [booting, ...probes] = run.tasks;
  start(booting?.fn, booting?.params);
  const report = { compared: 0, different: [] as string[] };

  const compare = (label: string): void => {
    const dump = capture.dumps[label] as NvdimmCapture['dumps'][string] & { p2pmem?: P2pmem[] };
    // What the capture could not read has no memmap: nothing may be there here either.
    const { struct_pages } = dump.kernel_state;
    if (struct_pages) {
      struct_pages.runs = struct_pages.runs.filter((run) => !('unreadable' in run));
    }
    const figures = new Figures();
    compareDevices(figures, world, facts, dump);
    const got = [...world.rows('p2pdma')].map(({ provider, published }) => {
      const { size, available } = poolSizes({ world } as Kernel, provider);
      const text = { size: String(size), available: String(available) };
      return { device: provider, ...text, published: published ? '1' : '0' };
    });
    got.sort((a, b) => (a.device < b.device ? -1 : 1));
    figures.compare('p2pmem', JSON.stringify(dump.p2pmem ?? []), JSON.stringify(got));
    // BAR 0 of a drive is not modelled, so only what lies in the CMBs is compared.
    const inCmb = (start: bigint): boolean => DEVICES.some(({ range }) => range?.start === start);
    const lines = (entries: readonly Line[]): string[] =>
      entries
        .filter(({ start, name }) => name === 'nvme' && inCmb(BigInt(start)))
        .map(({ depth, start, end }) => `${depth} ${BigInt(start)}-${BigInt(end)}`);
    figures.compare('iomem nvme', lines(dump.iomem), lines(resourceLines(world)));
    for (const result of [compareDump(world, facts, dump), figures.result]) {
      report.compared += result.compared;
      report.different.push(...differences(result).map((line) => `${label}: ${line}`));
    }
  };

  compare('before');
  for (const { fn, params } of probes) start(fn, params);
  compare('nvme');
  for (const [step, dump] of [
    ['05-unbind', 'unbound'],
    ['06-rebind', 'rebound'],
  ] as const) {
    for (const [target, op] of OPERATIONS[step] ?? []) {
      const found = resolveDeviceOp({ target, op, args: {} }, run.devices);
      if (!found.ok) throw new Error(found.message);
      if (failed(start(found.fn, found.params))) report.different.push(`${target}.${op} failed`);
    }
    compare(dump);
  }
  const text = [...world.rows('kernel_log')].map((line) => line.text);
  const logged = capture.steps.flatMap(
    (step) => (step as unknown as { kernel_log: string[] }).kernel_log,
  );
  // Drives are numbered as their probes race, and two drives say their lines in any order.
  const said = (lines: readonly string[]): string =>
    lines
      .filter((line) => /failed to register the CMB|added peer-to-peer DMA memory/.test(line))
      .map((line) => line.replace(/nvme\d/, 'nvme'))
      .sort()
      .join('\n');
  report.compared += 1;
  if (said(logged) !== said(text)) report.different.push(`log: ${said(logged)} / ${said(text)}`);
  return report;
}

function expectAgreement(file: string, kernel: string, { task }: TestContext): void {
  const { compared, different } = replay(JSON.parse(readFileSync(file, 'utf8')) as NvdimmCapture);
  task.meta.figures = {
    capture: `p2p: ${SCENARIO}`,
    kernel,
    compared,
    equal: compared - different.length,
    notCompared: 0,
  };
  expect(different).toEqual([]);
  expect(compared).toBeGreaterThan(100);
}

describe('two NVMe drives with a CMB behind a switch do what real ones did', () => {
  it(`${SCENARIO} on 6.18-amd64, as kept here`, (context) => {
    const fixtures = join(import.meta.dirname, '..', 'fixtures', 'captures', 'nvme');
    expectAgreement(join(fixtures, `${SCENARIO}-6.18.json`), '6.18-amd64', context);
  });

  for (const kernel of ['6.1-amd64', '6.18-amd64']) {
    const file = join(CAPTURES, SCENARIO, kernel, 'facts.json');
    it.skipIf(!existsSync(file))(`${SCENARIO}/${kernel}`, (context) =>
      expectAgreement(file, kernel, context),
    );
  }
});
