import { nearest } from '../../../../shared/lab/suggest.ts';
import type { Args } from '../../../../shared/world/value.ts';
import { call, operation, type KernelFunction } from '../../core/world/operation.ts';
import type { Device } from './devices.ts';
import type { ActionSpec, ArgumentProblem, HardwareModel } from './model.ts';
import { modelFunction, type ModelOutcome } from './drive.ts';

/** What a program entry comes to: a function to run, or a sentence about what is wrong with it. */
export type ResolvedOp =
  | { readonly ok: true; readonly fn: KernelFunction<Args, ModelOutcome>; readonly params: Args }
  | { readonly ok: false; readonly path: string; readonly message: string };

/** `<device>.<action>` or `<device>.<child>.<action>`, as a lab's program writes it. */
export interface DeviceEntry {
  readonly target?: string | undefined;
  readonly op: string;
  readonly args: Args;
}

/** A key of an entry's arguments, '' for the entry itself, and what is wrong there. */
export interface EntryProblem extends ArgumentProblem {
  readonly fixes?: readonly string[];
}

/** The arguments of an entry as its action takes them; or everything wrong with the entry. */
export function readDeviceOp(
  { target = '', op, args }: DeviceEntry,
  model: HardwareModel,
):
  | { ok: true; action: ActionSpec; params: Args }
  | { ok: false; problems: readonly EntryProblem[] } {
  const [id = '', ...parts] = target.split('.');
  const child = parts.length === 0 ? undefined : parts.join('.');
  const wrong = (message: string, fixes: string[] = []) =>
    ({ ok: false, problems: [{ path: '', message, fixes }] }) as const;
  const found = model.actions.find((action) => action.id === op);
  if (!found) {
    const names = model.actions.map((action) => action.id);
    const meant = nearest(op, names);
    const hint = meant ? `did you mean \`${meant}\`?` : `a ${model.id} has ${names.join(', ')}`;
    return wrong(`${id} has no action \`${op}\`; ${hint}`, meant ? [meant] : []);
  }
  if (found.on === 'child' && child === undefined) {
    return wrong(`\`${op}\` is done to a part of ${id}: ${id}.<part>.${op}`);
  }
  if (found.on === 'device' && child !== undefined) {
    return wrong(`\`${op}\` is done to ${id} itself: ${id}.${op}`);
  }
  const checked = found.readArgs(args);
  if (!checked.ok) return checked;
  const params = child === undefined ? checked.value : { child, ...checked.value };
  return { ok: true, action: found, params };
}

/** Resolves a program entry addressed to a device. */
export function resolveDeviceOp(
  entry: DeviceEntry,
  devices: ReadonlyMap<string, Device>,
): ResolvedOp {
  const [id = ''] = (entry.target ?? '').split('.');
  const device = devices.get(id);
  if (!device) return { ok: false, path: '', message: `there is no device \`${id}\`` };
  const read = readDeviceOp(entry, device.model);
  if (read.ok)
    return { ok: true, fn: modelFunction(device, entry.op, 'action'), params: read.params };
  const [first] = read.problems;
  return { ok: false, path: first?.path ?? '', message: first?.message ?? 'wrong arguments' };
}

/** Announces a device and runs its model's `probe`: what the kernel does when it finds it. */
function discover(device: Device): KernelFunction<Args, ModelOutcome> {
  return operation<Args, ModelOutcome>(
    'device_add',
    'drivers/base/core.c:device_add',
    function* (k) {
      const { facts, model } = device;
      const { id, node } = facts;
      k.world.put('devices', { id, model: model.id, node, state: 'present', note: model.title });
      if (!model.callbacks.includes('probe')) return undefined;
      const outcome = yield* call(modelFunction(device, 'probe', 'callback'), {});
      const failed = typeof outcome === 'object' && outcome !== null && 'failed' in outcome;
      k.world.patch('devices', id, { state: failed ? 'failed' : 'bound' });
      return outcome;
    },
    { basis: 'model' },
  );
}

/** The task that follows the boot for each device: it is found and probed. */
export function deviceTask(device: Device): {
  readonly fn: KernelFunction<Args, ModelOutcome>;
  readonly params: Args;
} {
  return { fn: discover(device), params: { device: device.facts.id, model: device.model.id } };
}

/** Those of all devices, in lab order. */
export function deviceTasks(devices: ReadonlyMap<string, Device>): ReturnType<typeof deviceTask>[] {
  return [...devices.values()].map(deviceTask);
}
