// SPDX-License-Identifier: MIT
// The smallest model there is: a device with one register, and an action that counts it up.
import type { Kernel, Steps } from '../../api.d.ts';

/** The driver finds the device after the boot. */
function* probe(k: Kernel): Steps<number> {
  k.log('info', `${k.device.id}: counts from ${k.read('count')}`);
  return 0;
}

/** Counts up and gives the new count: what a lab sees as the action's result. */
function* add(k: Kernel, { by }: { by: number }): Steps {
  if (by === 0) return k.fail(k.E.EINVAL, '!by');
  const count = Number(k.read('count')) + by;
  k.write('count', count);
  return { count };
}

export const models = { mydevice: { callbacks: { probe }, actions: { add } } };
