import type { Args } from '../../../../shared/world/value.ts';
import { call, operation, type KernelFunction } from '../../core/world/operation.ts';
import type { Device } from './devices.ts';
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

/** Resolves a program entry addressed to a device. */
export function resolveDeviceOp(
  entry: DeviceEntry,
  devices: ReadonlyMap<string, Device>,
): ResolvedOp {
  const target = entry.target ?? '';
  const dot = target.indexOf('.');
  const id = dot < 0 ? target : target.slice(0, dot);
  const child = dot < 0 ? undefined : target.slice(dot + 1);
  const device = devices.get(id);
  if (!device) return { ok: false, path: '', message: `there is no device \`${id}\`` };
  const found = device.model.actions.find((action) => action.id === entry.op);
  const names = device.model.actions.map((action) => action.id).join(', ');
  if (!found) {
    const message = `${id} has no action \`${entry.op}\`; a ${device.model.id} has ${names}`;
    return { ok: false, path: '', message };
  }
  if (found.on === 'child' && child === undefined) {
    const message = `\`${entry.op}\` is done to a part of ${id}: ${id}.<part>.${entry.op}`;
    return { ok: false, path: '', message };
  }
  if (found.on === 'device' && child !== undefined) {
    return {
      ok: false,
      path: '',
      message: `\`${entry.op}\` is done to ${id} itself: ${id}.${entry.op}`,
    };
  }
  const checked = found.readArgs(entry.args);
  if (!checked.ok) {
    const [first] = checked.problems;
    return { ok: false, path: first?.path ?? '', message: first?.message ?? 'wrong arguments' };
  }
  const params = child === undefined ? checked.value : { child, ...checked.value };
  return { ok: true, fn: modelFunction(device, entry.op, 'action'), params };
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
