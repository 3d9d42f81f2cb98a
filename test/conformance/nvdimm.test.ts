import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import type { HardwareModel } from '../../src/main/engine/kernel/device/model.ts';
import { PluginHost } from '../../src/main/plugins/host.ts';
import { CAPTURES } from './capture.ts';
import { compareDevices } from './compare-devices.ts';
import './figures-table.ts';
import { compareDump, differences, Figures } from './compare.ts';
import {
  keptNvdimmCaptures,
  readNvdimmCapture,
  SCENARIOS,
  type NvdimmCapture,
} from './nvdimm-capture.ts';
import { operationsOf, reportedErrnos } from './nvdimm-program.ts';
import { CapturedMachine } from './nvdimm-run.ts';

let models: ReadonlyMap<string, HardwareModel>;

beforeAll(async () => {
  const host = await PluginHost.create();
  const found = host.discover([join(import.meta.dirname, '..', '..', 'plugins')]);
  expect(found.problems).toEqual([]);
  models = found.models;
});

interface Report {
  compared: number;
  different: string[];
  /** Steps of the capture that no operation stands for. */
  notCompared: string[];
}

/** Goes through a capture step by step; every dump is compared with the world at that point. */
function replay(capture: NvdimmCapture): Report {
  const machine = new CapturedMachine(capture, models);
  const report: Report = { compared: 0, different: [], notCompared: [] };
  const check = (what: string, want: unknown, got: unknown): void => {
    report.compared += 1;
    const [w, g] = [JSON.stringify(want), JSON.stringify(got)];
    if (w !== g) report.different.push(`${what}: kernel ${w}, here ${g}`);
  };
  machine.boot();
  for (const entry of capture.order) {
    const [verb = '', label = ''] = entry.split(' ');
    if (verb === 'mods') machine.discover();
    if (verb === 'dump') {
      const dump = capture.dumps[label];
      if (!dump) continue;
      const figures = new Figures();
      compareDevices(figures, machine.world, machine.facts, dump);
      for (const result of [compareDump(machine.world, machine.facts, dump), figures.result]) {
        report.compared += result.compared;
        report.different.push(...differences(result).map((line) => `${label}: ${line}`));
      }
    }
    if (verb !== 'run') continue;
    const operations = operationsOf(capture.scenario, label);
    const step = capture.steps.find((candidate) => candidate.step.endsWith(`-${label}`));
    if (!operations || !step) {
      report.notCompared.push(label);
      continue;
    }
    const errnos = operations.map((operation) => {
      const errno = machine.do(operation);
      check(`${label}: errno of ${operation.target}.${operation.op}`, operation.errno, errno);
      return errno;
    });
    const raised = errnos.filter((errno) => errno !== undefined);
    check(`${label}: errnos`, reportedErrnos(step.rc, step.output), raised);
  }
  return report;
}

/** Steps whose effects no model has: reading and writing block devices. */
const OUTSIDE: Readonly<Record<string, string[]>> = {
  'e-nvdimm-raw': ['io'],
  'f-fsdax-map-mem': ['mount'],
  'h-devdax': ['dax-io'],
};

function expectAgreement(capture: NvdimmCapture, { task }: TestContext): void {
  const { different, notCompared, compared } = replay(capture);
  task.meta.figures = {
    capture: `nvdimm: ${capture.scenario}`,
    kernel: capture.kernel,
    compared,
    equal: compared - different.length,
    notCompared: notCompared.length,
  };
  expect(different).toEqual([]);
  expect(notCompared).toEqual(OUTSIDE[capture.scenario] ?? []);
  expect(compared).toBeGreaterThan(100);
}

describe('an NVDIMM does what a real kernel did with it, figure by figure', () => {
  for (const capture of keptNvdimmCaptures()) {
    it(`${capture.scenario} on ${capture.kernel}, as kept here`, (context) => {
      expectAgreement(capture, context);
    });
  }

  for (const scenario of SCENARIOS) {
    for (const kernel of ['6.1-amd64', '6.12-amd64', '6.18-amd64']) {
      const name = `${scenario}/${kernel}`;
      const here = existsSync(join(CAPTURES, name, 'facts.json'));
      it.skipIf(!here)(name, (context) => {
        expectAgreement(readNvdimmCapture(name), context);
      });
    }
  }
});
