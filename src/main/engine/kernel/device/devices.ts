import { nearest } from '../../../../shared/lab/suggest.ts';
import type { Args } from '../../../../shared/world/value.ts';
import type { Kernel } from '../../core/facts.ts';
import { deviceHost } from './host.ts';
import type {
  DeviceFacts,
  DeviceHost,
  HardwareModel,
  ModelInstance,
  RegisterSpec,
} from './model.ts';
import type { ServiceTable } from './services.ts';

/** A device on the bench for one run: its model, its facts and, once used, its running code. */
export class Device {
  readonly facts: DeviceFacts;
  readonly model: HardwareModel;
  readonly services: ServiceTable;
  readonly registers: ReadonlyMap<string, RegisterSpec>;
  private readonly seed: number;
  private running: ModelInstance | undefined;
  private host: { readonly k: Kernel; readonly host: DeviceHost } | undefined;

  constructor(facts: DeviceFacts, model: HardwareModel, services: ServiceTable, seed: number) {
    this.facts = facts;
    this.model = model;
    this.services = services;
    this.seed = seed;
    this.registers = new Map(model.registers.map((spec) => [spec.id, spec]));
  }

  instance(): ModelInstance {
    if (this.running) return this.running;
    const names = [...this.services.values()].map(({ name, args }) => ({ name, args }));
    this.running = this.model.open(this.facts, names, this.seed);
    return this.running;
  }

  /** What the running code reaches of this kernel. */
  hostFor(k: Kernel): DeviceHost {
    if (this.host?.k !== k) this.host = { k, host: deviceHost(k, this) };
    return this.host.host;
  }

  /** Ends the running code; the next call gets a fresh one. Registers stay. */
  recycle(_why: string): void {
    this.running?.dispose();
    this.running = undefined;
  }
}

/** A device as the lab file has it. */
export interface LabDevice {
  readonly id: string;
  readonly model: string;
  readonly node?: number | undefined;
  readonly range?: { readonly start: bigint; readonly size: bigint } | undefined;
  readonly config: Args;
}

/** What is wrong with a device of the lab: its place among `devices`, a key in it, a sentence. */
export interface DeviceProblem {
  readonly device: number;
  readonly path: string;
  readonly message: string;
}

export interface OpenedDevices {
  readonly devices: ReadonlyMap<string, Device>;
  readonly problems: readonly DeviceProblem[];
}

/** Why there is no such model. */
export function noModel(id: string, models: ReadonlyMap<string, HardwareModel>): string {
  const known = [...models.keys()];
  const meant = nearest(id, known);
  const there = known.length === 0 ? '' : `; there are ${known.join(', ')}`;
  return `no plugin has a model \`${id}\`${meant ? `; did you mean \`${meant}\`?` : there}`;
}

/** Puts the lab's devices on the bench for one run. Those with problems, and holes, are left out. */
export function openDevices(
  lab: readonly (LabDevice | undefined)[],
  models: ReadonlyMap<string, HardwareModel>,
  services: ServiceTable,
  seed: number,
): OpenedDevices {
  const devices = new Map<string, Device>();
  const problems: DeviceProblem[] = [];
  const counts = new Map<string, number>();
  for (const [at, entry] of lab.entries()) {
    if (!entry) continue;
    const { id, model: modelId, node, range, config } = entry;
    const model = models.get(modelId);
    if (!model) {
      problems.push({ device: at, path: 'model', message: noModel(modelId, models) });
      continue;
    }
    const index = counts.get(modelId) ?? 0;
    counts.set(modelId, index + 1);
    const checked = model.readConfig(config);
    if (!checked.ok) {
      for (const problem of checked.problems) problems.push({ device: at, ...problem });
      continue;
    }
    const wrong = model.regions.flatMap((region) => {
      if (!range)
        return [{ path: 'range', message: `${id} needs a range for its ${region.kind} region` }];
      const align = BigInt(region.align);
      if (align > 0n && (range.start % align !== 0n || range.size % align !== 0n)) {
        const hex = `0x${region.align.toString(16)}`;
        return [
          {
            path: 'range',
            message: `the ${region.kind} region of ${id} must start and end on multiples of ${hex}`,
          },
        ];
      }
      return [];
    });
    for (const { path, message } of wrong) problems.push({ device: at, path, message });
    if (wrong.length > 0) continue;
    const facts: DeviceFacts = {
      id,
      model: modelId,
      node: node ?? 0,
      range: range ? { start: range.start, size: range.size } : null,
      config: checked.value,
      index,
    };
    devices.set(id, new Device(facts, model, services, seed));
  }
  return { devices, problems };
}

/** Ends the code of every device; a run is over. */
export function closeDevices(devices: ReadonlyMap<string, Device>): void {
  for (const device of devices.values()) device.recycle('the run is over');
}
