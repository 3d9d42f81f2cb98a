import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { resourceLines } from '../../src/main/engine/lab/inspect/iomem.ts';
import type { World } from '../../src/main/engine/core/world/world.ts';
import type { HardwareModel } from '../../src/main/engine/kernel/device/model.ts';
import { PluginHost } from '../../src/main/plugins/host.ts';
import { CAPTURES, type Dump } from './capture.ts';
import { compareDump, differences, Figures } from './compare.ts';
import './figures-table.ts';
import {
  keptHotplugCaptures,
  readHotplugCapture,
  SCENARIOS,
  writesOf,
  type HotplugCapture,
} from './hotplug-capture.ts';
import { operationsOf, OUTSIDE } from './hotplug-program.ts';
import { doOperation } from './hotplug-run.ts';
import { CapturedMachine } from './nvdimm-run.ts';

let models: ReadonlyMap<string, HardwareModel>;

beforeAll(async () => {
  const host = await PluginHost.create();
  const found = host.discover([join(import.meta.dirname, '..', '..', 'plugins')]);
  expect(found.problems).toEqual([]);
  models = found.models;
});

/** RAM that a driver added, in /proc/iomem: its own lines, whose depth depends on the device. */
function compareDriverRam(figures: Figures, world: World, dump: Dump): void {
  const managed = (name: string): boolean => name.startsWith('System RAM (');
  const want = dump.iomem.filter(({ name }) => managed(name));
  const got = resourceLines(world).filter(({ name }) => managed(name));
  const text = (start: bigint, end: bigint, name: string): string => `${start}-${end} ${name}`;
  figures.compare(
    'RAM of drivers',
    want.map(({ start, end, name }) => text(BigInt(start), BigInt(end), name)),
    got.map(({ start, end, name }) => text(start, end, name)),
  );
}

interface Report {
  compared: number;
  different: string[];
  /** Steps of the capture that no operation stands for. */
  notCompared: string[];
}

/** Goes through a capture step by step; every dump is compared with the world at that point. */
function replay(capture: HotplugCapture): Report {
  const machine = new CapturedMachine(capture as never, models);
  const report: Report = { compared: 0, different: [], notCompared: [] };
  const outside = OUTSIDE[capture.scenario] ?? [];
  machine.boot();
  for (const entry of capture.order) {
    const [verb = '', label = ''] = entry.split(' ');
    if (verb === 'mods') machine.discover();
    if (verb === 'dump') {
      const dump = capture.dumps[label];
      if (!dump) continue;
      const figures = new Figures();
      compareDriverRam(figures, machine.world, dump);
      for (const result of [compareDump(machine.world, machine.facts, dump), figures.result]) {
        report.compared += result.compared;
        report.different.push(...differences(result).map((line) => `${label}: ${line}`));
      }
    }
    if (verb !== 'run' && verb !== 'hmp') continue;
    const name = verb === 'run' ? label : entry;
    const operations = operationsOf(capture.scenario, capture.kernel, name);
    if (!operations) {
      report.notCompared.push(name);
      continue;
    }
    const answers = operations.flatMap((operation) => {
      const answer = doOperation(machine, operation);
      if (!operation.silent && !operation.fails) return [answer];
      const due = operation.fails ?? 'ok';
      report.compared += 1;
      if (answer !== due) report.different.push(`${name}: kernel ${due}, here ${answer}`);
      return [];
    });
    const step = capture.steps.find((one) => one.step?.replace(/^\d+-/, '') === name);
    const want = step ? writesOf(step) : [];
    report.compared += want.length;
    if (JSON.stringify(want) !== JSON.stringify(answers)) {
      report.different.push(`${name}: kernel ${want.join(', ')}, here ${answers.join(', ')}`);
    }
  }
  expect(report.notCompared).toEqual(outside);
  return report;
}

function expectAgreement(capture: HotplugCapture, { task }: TestContext): void {
  const { different, compared, notCompared } = replay(capture);
  task.meta.figures = {
    capture: `hotplug: ${capture.scenario}`,
    kernel: capture.kernel,
    compared,
    equal: compared - different.length,
    notCompared: notCompared.length,
  };
  expect(different).toEqual([]);
  expect(compared).toBeGreaterThan(300);
}

describe('memory comes and goes as on a real kernel, figure by figure', () => {
  for (const capture of keptHotplugCaptures()) {
    it(`${capture.scenario} on ${capture.kernel}, as kept here`, (context) =>
      expectAgreement(capture, context));
  }

  for (const scenario of SCENARIOS) {
    for (const kernel of ['6.1-amd64', '6.12-amd64', '6.18-amd64']) {
      const name = `${scenario}/${kernel}`;
      const here = existsSync(join(CAPTURES, name, 'facts.json'));
      it.skipIf(!here)(name, (context) => expectAgreement(readHotplugCapture(name), context));
    }
  }
});
