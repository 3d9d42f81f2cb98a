import { ENGINE_SERVICES } from '../../../../shared/plugins/services/engine.ts';
import {
  complete_all,
  device_engine_start,
  free_irq,
  generic_handle_irq,
  init_completion,
  request_irq,
} from './engine.ts';
import type { DeviceFacts } from './model.ts';
import { driverServices, serve } from './services.ts';

/** Completions of two devices never meet. */
export const completionOf = ({ completion }: { completion: string }, { id }: DeviceFacts) => ({
  completion: `${id} ${completion}`,
});

/** What a device does by itself, and the wait for it. */
export const engineServices = driverServices(ENGINE_SERVICES, {
  device_engine_start: serve(device_engine_start, (args, { id }) => ({ ...args, device: id })),
  request_irq: serve(request_irq, (args, { id }) => ({ ...args, device: id })),
  free_irq: serve(free_irq),
  generic_handle_irq: serve(generic_handle_irq),
  init_completion: serve(init_completion, completionOf),
  complete_all: serve(complete_all, completionOf),
});
