import type { CallbackArgs, CallbackName } from '../../../../shared/plugins/callbacks.ts';
import type { Args, Value } from '../../../../shared/world/value.ts';
import type { Kernel } from '../../core/facts.ts';
import type { DriverCallback, FindCallback } from '../../core/world/kernel.ts';
import { call, type Operation, type Outcome } from '../../core/world/operation.ts';
import type { Device } from './devices.ts';
import { modelFunction } from './drive.ts';

/** Finds the callbacks of the devices of one run; a `Driver` takes it as its `callback`. */
export function deviceCallbacks(devices: ReadonlyMap<string, Device>): FindCallback {
  const found = new Map<string, DriverCallback>();
  return (id, callback, name) => {
    const device = devices.get(id);
    if (!device?.model.callbacks.includes(callback)) return undefined;
    const key = `${id} ${callback} ${name}`;
    let fn = found.get(key);
    if (!fn) found.set(key, (fn = modelFunction(device, callback, 'callback', name)));
    return fn;
  };
}

/**
 * Calls the driver of `device`; `name` is the era's own for the callback (`page_free`). A device
 * without code behind it, such as a test module's, gives undefined at once.
 */
export function* driverCallback<N extends CallbackName>(
  k: Kernel,
  device: string,
  callback: N,
  args: CallbackArgs<N> & Args,
  name: string = callback,
): Operation<Outcome<Value | undefined>> {
  const fn = k.callback(device, callback, name);
  return fn ? yield* call(fn, args) : undefined;
}
