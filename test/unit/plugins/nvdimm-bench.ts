// A 512 MiB machine with one NVDIMM at 4 GiB, or legacy persistent memory in its place, booted, its
// libnvdimm modules loaded.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { start_kernel } from '../../../src/main/engine/kernel/boot/start-kernel.ts';
import { daxServices } from '../../../src/main/engine/kernel/dax/services.ts';
import { deviceCallbacks } from '../../../src/main/engine/kernel/device/callback.ts';
import {
  openDevices,
  type LabDevice,
  type OpenedDevices,
} from '../../../src/main/engine/kernel/device/devices.ts';
import { deviceTasks, resolveDeviceOp } from '../../../src/main/engine/kernel/device/operations.ts';
import { serviceTable } from '../../../src/main/engine/kernel/device/services.ts';
import { labFacts } from '../../../src/main/engine/lab/machine/lab-facts.ts';
import { services } from '../../../src/main/engine/kernel/memremap/services.ts';
import { Driver } from '../../../src/main/engine/core/world/driver.ts';
import { failed, type KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import { Store } from '../../../src/main/engine/core/world/store.ts';
import { StepLog } from '../../../src/main/engine/core/world/timeline.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import type { PluginSet } from '../../../src/main/plugins/host.ts';
import { pluginSet } from '../../../src/main/bench/session/plugin-set.ts';
import { parseLab } from '../../../src/shared/lab/parse.ts';
import type { Step, StepReturn } from '../../../src/shared/world/step.ts';
import type { Args, Value } from '../../../src/shared/world/value.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

export interface NvdimmOptions {
  version?: string;
  start?: bigint;
  size?: bigint;
  label_size?: string;
  /** The range is persistent memory of the e820 map, type 12, instead of an NVDIMM. */
  legacy?: boolean;
  /** Kconfig beside the version's own. */
  config?: Record<string, string>;
  /** More of the device's configuration. */
  device?: Record<string, Value>;
}

export class NvdimmBench {
  readonly log: StepLog;
  readonly world: World;
  private readonly driver: Driver;
  private readonly opened: OpenedDevices;

  private constructor({ models }: PluginSet, options: NvdimmOptions) {
    const {
      version = '6.12',
      start = 0x100000000n,
      size = 1n << 30n,
      label_size = '256KiB',
      legacy = false,
      config = {},
      device: more = {},
    } = options;
    const file = join(ROOT, 'labs', 'first-light.lab.yaml');
    const { lab } = parseLab(readFileSync(file, 'utf8'), file);
    if (!lab) throw new Error('the sample lab does not parse');
    const { machine } = lab;
    const memory = legacy
      ? [...machine.memory, { start, end: start + size - 1n, type: 'pmem-legacy' as const }]
      : machine.memory;
    const { facts } = labFacts({
      ...lab,
      kernel: { ...lab.kernel, version, config },
      machine: { ...machine, memory },
    });
    if (!facts) throw new Error(`no facts for ${version}`);
    const device: LabDevice = legacy
      ? { id: 'nvdimm0', model: 'e820-pmem', config: {} }
      : { id: 'nvdimm0', model: 'nvdimm', range: { start, size }, config: { label_size, ...more } };
    this.opened = openDevices([device], models, serviceTable([...services, ...daxServices]), 1);
    const store = new Store();
    this.log = new StepLog(store);
    this.world = new World(store);
    const sink = {
      step: (step: Step) => this.log.add(step),
      returned: (event: StepReturn) => this.log.returned(event),
    };
    const callback = deviceCallbacks(this.opened.devices);
    this.driver = new Driver(sink, { facts, world: this.world, callback });
    this.run(start_kernel, {});
    for (const { fn, params } of deviceTasks(this.opened.devices)) this.run(fn, params);
  }

  static async create(options: NvdimmOptions = {}): Promise<NvdimmBench> {
    return new NvdimmBench(await pluginSet(ROOT), options);
  }

  run(fn: unknown, params: unknown): unknown {
    let outcome: unknown;
    const done = (result: unknown): void => {
      outcome = result;
    };
    this.driver.add({ actor: 'admin', fn: fn as KernelFunction<never, unknown>, params, done });
    this.driver.runToEnd();
    return outcome;
  }

  /** Does `nvdimm0.<name>`; its value, or `-ERRNO check`. */
  do(name: string, args: Args = {}): unknown {
    const dot = name.lastIndexOf('.');
    const target = dot < 0 ? 'nvdimm0' : `nvdimm0.${name.slice(0, dot)}`;
    const found = resolveDeviceOp({ target, op: name.slice(dot + 1), args }, this.opened.devices);
    if (!found.ok) return found.message;
    const outcome = this.run(found.fn, found.params);
    return failed(outcome) ? `-${outcome.errno} ${outcome.check}` : outcome;
  }

  register(name: string, index = 0): Readonly<Record<string, Value>> | undefined {
    const value = this.world.get('registers', `nvdimm0/${name}/${index}`)?.value;
    return value as Readonly<Record<string, Value>> | undefined;
  }

  /** Names of the steps since a step, with their errnos. */
  calls(since: number): string[] {
    const names: string[] = [];
    for (let seq = since + 1; seq <= this.log.length; seq += 1) {
      const { fn, err, kind } = this.log.step(seq);
      if (kind === 'call' || kind === 'plugin') names.push(err ? `${fn} -${err.errno}` : fn);
    }
    return names;
  }

  /** Remarks on the steps of one function since a step. */
  notes(since: number, fn: string): string[] {
    const found: string[] = [];
    for (let seq = since + 1; seq <= this.log.length; seq += 1) {
      const step = this.log.step(seq);
      if (step.fn === fn && step.note) found.push(step.note);
    }
    return found;
  }
}
