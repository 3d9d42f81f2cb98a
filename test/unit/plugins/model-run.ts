// A plugin written for a test, and a bare machine to run its model on.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { debianAmd64Config } from '../../../src/main/engine/core/arch/config.ts';
import { x86_64 } from '../../../src/main/engine/core/arch/x86_64.ts';
import { openDevices, type OpenedDevices } from '../../../src/main/engine/kernel/device/devices.ts';
import { deviceTasks, resolveDeviceOp } from '../../../src/main/engine/kernel/device/operations.ts';
import {
  driverServices,
  serve,
  serviceTable,
} from '../../../src/main/engine/kernel/device/services.ts';
import { resolveEra } from '../../../src/main/engine/core/era/era.ts';
import { resolveVersion } from '../../../src/main/engine/core/era/version.ts';
import type { Facts } from '../../../src/main/engine/core/facts.ts';
import { wiring } from '../../../src/main/engine/kernel/wiring.ts';
import { Driver } from '../../../src/main/engine/core/world/driver.ts';
import {
  fail,
  leaf,
  type KernelFunction,
  type Outcome,
} from '../../../src/main/engine/core/world/operation.ts';
import { Store } from '../../../src/main/engine/core/world/store.ts';
import { StepLog } from '../../../src/main/engine/core/world/timeline.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import { formatHash } from '../../../src/main/engine/core/world/hash.ts';
import type { HardwareModel } from '../../../src/main/engine/kernel/device/model.ts';
import { PluginHost } from '../../../src/main/plugins/host.ts';
import type { LoadResult } from '../../../src/main/plugins/load.ts';
import type { Step } from '../../../src/shared/world/step.ts';
import type { Args, Value } from '../../../src/shared/world/value.ts';

export interface ManifestParts {
  readonly [key: string]: unknown;
}

/** A manifest with one model `toy` that has everything a test may use. */
export function manifest(parts: ManifestParts = {}, model: ManifestParts = {}): string {
  return JSON.stringify(
    {
      id: 'org.example.toy',
      version: '1.0.0',
      apiVersion: 1,
      title: 'Toy',
      licence: 'MIT',
      main: 'index.js',
      models: [
        {
          id: 'toy',
          config: { properties: { speed: { type: 'integer', default: 3 } } },
          registers: [
            { id: 'bytes', type: 'bytes', count: 4096, reset: 0 },
            { id: 'word', type: 'u64', reset: 7 },
            { id: 'table', type: 'json', count: 8 },
          ],
          actions: [
            {
              id: 'go',
              args: {
                properties: {
                  n: { type: 'integer', default: 1 },
                  size: { type: 'string', format: 'size' },
                },
              },
            },
            { id: 'part', on: 'child' },
          ],
          ...model,
        },
      ],
      ...parts,
    },
    null,
    2,
  );
}

/** A module whose action `go` has this body; `before` stands at the top level. */
export function moduleWith(go: string, before = ''): string {
  return `${before}
export const models = {
  toy: {
    actions: {
      go: function* (k, args) { ${go} },
      part: function* (k, args) { k.write('table', 1, { child: args.child }); return args.child; },
    },
    callbacks: {},
  },
};
`;
}

/** Writes a plugin folder; returns its path. */
export function pluginFolder(manifestText: string, source: string, name = 'toy'): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'pfnlab-plugin-')), name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'pfnlab-plugin.json'), manifestText);
  writeFileSync(join(folder, 'index.js'), source);
  return folder;
}

let shared: Promise<PluginHost> | undefined;

export async function loadFolder(folder: string): Promise<LoadResult> {
  shared ??= PluginHost.create();
  return (await shared).load(folder);
}

/** Loads a module whose action `go` has this body; fails the test when it does not load. */
export async function toyModel(go: string, before = ''): Promise<HardwareModel> {
  const result = await loadFolder(pluginFolder(manifest(), moduleWith(go, before)));
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join('\n'));
  return result.plugin.models[0] as HardwareModel;
}

/** A service that doubles a number, and refuses 13. */
export const double = leaf<{ n: number }, Outcome<number>>('double', 'test:double', (k, { n }) => {
  if (n === 13) return fail('EBUSY', 'n == 13');
  k.world.put('vars', { name: 'doubled', value: n });
  return n * 2;
});

const DOUBLE = {
  title: 'Double',
  description: 'Doubles a number.',
  args: z.strictObject({ n: z.int() }),
  returns: z.number(),
  fails: { EBUSY: 'It is 13' },
} as const;

export const services = serviceTable(driverServices({ double: DOUBLE }, { double: serve(double) }));

export function bareFacts(version = '6.12'): Facts {
  const resolved = resolveVersion(version);
  if ('problem' in resolved) throw new Error(resolved.problem);
  const config = debianAmd64Config(resolved.version);
  return {
    arch: x86_64(resolved.version, config, false),
    era: resolveEra(version, resolved, 'x86_64'),
    config,
    cmdline: '',
    hypothetical: false,
    wiring,
    machine: {
      cpu: { phys_bits: 40, vendor: 'Intel', hypervisor: true, la57: false },
      memory: [],
      firmware_updates: [],
      nodes: [{ id: 0, cpus: 1, distances: [10] }],
      srat: [],
      resources: [],
      acpi_tables: [],
      memory_increment: null,
      cfmws: [],
      hmat: [],
      pci: true,
    },
  };
}

/** One run of one device of a model on a bare machine. */
export class ModelRun {
  readonly log: StepLog;
  readonly driver: Driver;
  readonly opened: OpenedDevices;

  constructor(model: HardwareModel, config: Args = {}, seed = 1) {
    const store = new Store();
    this.log = new StepLog(store);
    const sink = {
      step: (step: Step) => this.log.add(step),
      returned: (event: Parameters<StepLog['returned']>[0]) => this.log.returned(event),
    };
    this.driver = new Driver(sink, { facts: bareFacts(), world: new World(store), seed });
    const range = { start: 0x100000000n, size: 0x40000000n };
    const device = { id: 'toy0', model: model.id, node: 0, range, config };
    this.opened = openDevices([device], new Map([[model.id, model]]), services, seed);
  }

  /** Runs the devices' discovery. */
  discover(): void {
    for (const { fn, params } of deviceTasks(this.opened.devices)) this.task(fn, params);
    this.driver.runToEnd();
  }

  /** Runs an action to its end and returns what it came to. */
  act(op = 'go', args: Args = {}, target = 'toy0'): unknown {
    const found = resolveDeviceOp({ target, op, args }, this.opened.devices);
    if (!found.ok) return found.message;
    let outcome: unknown;
    this.task(found.fn, found.params, (result) => (outcome = result));
    this.driver.runToEnd();
    return outcome;
  }

  private task(fn: unknown, params: unknown, done?: (result: unknown) => void): void {
    this.driver.add({
      actor: 'cpu0',
      fn: fn as KernelFunction<never, unknown>,
      params,
      ...(done ? { done } : {}),
    });
  }

  register(key: string): Value | undefined {
    return this.driver.world.get('registers', key)?.value;
  }

  hash(): string {
    return formatHash(this.driver.world.hash());
  }

  steps(): Step[] {
    return Array.from({ length: this.log.length }, (_, at) => this.log.step(at + 1));
  }
}
