/** What a device does by itself: engines, interrupts, and the wait for them. */
import { z } from 'zod';
import * as d from '../declaration.ts';

const irq = z.int().min(0).describe('Its number');
const COMPLETION = z.strictObject({
  completion: d.text.describe('Tells it from the others of this device'),
});

export const ENGINE_SERVICES = {
  device_engine_start: {
    title: 'Let an engine of the device work',
    description:
      'No kernel function: the hardware does the work by itself from now on, as the actor DEVICE.ENGINE, which the callback `engine({ engine, work })` plays.',
    args: z.strictObject({
      engine: d.text.describe('Which of its engines: copy'),
      work: z.int().min(0).describe('What the model calls the work'),
    }),
    returns: d.nothing,
    fails: { EBUSY: 'It waits to begin that work already' },
  },
  request_irq: {
    title: 'Handle an interrupt',
    description: 'The callback `irq_handler({ irq })` runs whenever the device raises it.',
    args: z.strictObject({ irq, name: d.text.describe('As /proc/interrupts shows it') }),
    returns: d.nothing,
    fails: { EBUSY: 'Another driver has it' },
  },
  free_irq: {
    title: 'Handle an interrupt no more',
    description: 'The handler is not called again.',
    args: z.strictObject({ irq }),
    returns: d.nothing,
    fails: {},
  },
  generic_handle_irq: {
    title: 'Raise an interrupt',
    description: 'Of the hardware: the handler runs as the actor irq/N, beside what tasks do.',
    args: z.strictObject({ irq }),
    returns: d.nothing,
    fails: { EINVAL: 'It has no handler' },
  },
  init_completion: {
    title: 'Make a completion',
    description: 'Nobody has completed it; one that is there begins anew.',
    args: COMPLETION,
    returns: d.nothing,
    fails: {},
  },
  complete_all: {
    title: 'Complete it',
    description: 'Everybody who waits for it in wait_for_completion may go on.',
    args: COMPLETION,
    returns: d.nothing,
    fails: { EINVAL: 'There is none of that name' },
  },
} as const;
