// A small machine with PCI devices, booted: the lab's devices are given, the rest is as usual.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveDeviceOp } from '../../../src/main/engine/kernel/device/operations.ts';
import { labFacts } from '../../../src/main/engine/lab/machine/lab-facts.ts';
import { prepareRun, type LabRun } from '../../../src/main/engine/lab/machine/run.ts';
import { Driver } from '../../../src/main/engine/core/world/driver.ts';
import { failed, type KernelFunction } from '../../../src/main/engine/core/world/operation.ts';
import { Store } from '../../../src/main/engine/core/world/store.ts';
import { StepLog } from '../../../src/main/engine/core/world/timeline.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import type { PluginSet } from '../../../src/main/plugins/host.ts';
import { pluginSet } from '../../../src/main/bench/session/plugin-set.ts';
import { parseLab } from '../../../src/shared/lab/parse.ts';
import type { Step, StepReturn } from '../../../src/shared/world/step.ts';
import type { Args } from '../../../src/shared/world/value.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

export interface PciOptions {
  readonly version?: string;
  readonly vendor?: string;
  /** The lab's `devices`, one flow map a line. */
  readonly devices: readonly string[];
  readonly config?: Readonly<Record<string, string>>;
  readonly cmdline?: string;
  readonly seed?: number;
  /** What the lab does after its boot, one flow map a line. */
  readonly program?: readonly string[];
  /** The end of usable RAM, in bytes; 512 MiB less the top unless given. */
  readonly ram?: bigint;
}

export class PciBench {
  readonly world: World;
  readonly log: StepLog;
  private readonly driver: Driver;
  private readonly run: LabRun;

  private constructor({ models }: PluginSet, options: PciOptions) {
    const { version = '6.18', vendor = 'Intel', devices, config = { PCI_P2PDMA: 'y' } } = options;
    const { program = [] } = options;
    const file = join(ROOT, 'labs', 'cmb-to-nic.lab.yaml');
    const [before = ''] = readFileSync(file, 'utf8').split('devices:');
    const text = `${before}devices:\n${lines(devices)}program:\n${lines(['boot', ...program])}`;
    const { lab, problems } = parseLab(text, file);
    if (!lab) throw new Error(JSON.stringify(problems));
    const { cmdline = '', seed = 1, ram } = options;
    const memory =
      ram === undefined
        ? lab.machine.memory
        : [...lab.machine.memory, { start: 0x100000000n, end: ram - 1n, type: 'usable' as const }];
    const machine = { ...lab.machine, memory, cpu: { ...lab.machine.cpu, vendor } };
    const kernel = { ...lab.kernel, version, config, cmdline };
    const { facts } = labFacts({ ...lab, machine, kernel });
    if (!facts) throw new Error(`no facts for ${version}`);
    const { run, problems: wrong } = prepareRun(lab, facts, models);
    if (!run) throw new Error(JSON.stringify(wrong));
    this.run = run;
    const store = new Store();
    this.log = new StepLog(store);
    this.world = new World(store);
    const sink = {
      step: (step: Step) => this.log.add(step),
      returned: (event: StepReturn) => this.log.returned(event),
    };
    this.driver = new Driver(sink, { facts, world: this.world, seed });
    for (const { fn, params, actor } of run.tasks)
      this.call(fn as KernelFunction<unknown, unknown>, params, actor);
  }

  static async create(options: PciOptions): Promise<PciBench> {
    return new PciBench(await pluginSet(ROOT), options);
  }

  /** Runs a kernel function to its end; its value, or `-ERRNO check`. */
  call<P, R>(fn: KernelFunction<P, R>, params: P, actor = 'admin'): unknown {
    let outcome: unknown = 'still running';
    const done = (result: unknown): void => {
      outcome = result;
    };
    const task = fn as unknown as KernelFunction<never, unknown>;
    this.driver.add({ actor, fn: task, params, done });
    this.driver.runToEnd();
    return failed(outcome) ? `-${outcome.errno} ${outcome.check}` : outcome;
  }

  /** Does `<device>.<action>`. */
  do(target: string, op: string, args: Args = {}, actor?: string): unknown {
    const found = resolveDeviceOp({ target, op, args }, this.run.devices);
    return found.ok ? this.call(found.fn, found.params, actor) : found.message;
  }

  register(key: string): unknown {
    return this.world.get('registers', key)?.value;
  }

  printed(): string[] {
    return [...this.world.rows('kernel_log')].map(({ text }) => text);
  }

  state(device: string): string | undefined {
    return this.world.get('devices', device)?.state;
  }
}

function lines(items: readonly string[]): string {
  return items.map((item) => `  - ${item}\n`).join('');
}

/** Q35's host bridge, which no list has, unless said otherwise. */
export function host(device_id = 0x29c0, more = ''): string {
  return `{ id: host0, model: pci-host-bridge, device_id: ${device_id}${more} }`;
}

export function port(kind: string, id: string, bdf: string, parent: string, more = ''): string {
  return `{ id: ${id}, model: pci-${kind}, bdf: "${bdf}", parent: ${parent}${more} }`;
}

/** A drive with a CMB; start and size in bytes. */
export function nvme(bdf: string, parent: string, start = 0xf4000000, size = 64 << 20): string {
  return `{ id: nvme0, model: nvme, bdf: "${bdf}", parent: ${parent}, range: { start: ${start}, size: ${size} } }`;
}

export function nic(bdf: string, parent: string): string {
  return `{ id: nic0, model: rdma-nic, bdf: "${bdf}", parent: ${parent} }`;
}

/** One switch below one root port, a drive and a NIC below its two downstream ports. */
export function oneSwitch(acs = { up0: '', dn0: '', dn1: '' }, bridge = host()): string[] {
  return [
    bridge,
    port('root-port', 'rp0', '0000:00:01.0', 'host0'),
    port('switch-upstream', 'up0', '0000:01:00.0', 'rp0', acs.up0),
    port('switch-downstream', 'dn0', '0000:02:00.0', 'up0', acs.dn0),
    port('switch-downstream', 'dn1', '0000:02:01.0', 'up0', acs.dn1),
    nvme('0000:03:00.0', 'dn0'),
    nic('0000:04:00.0', 'dn1'),
  ];
}
