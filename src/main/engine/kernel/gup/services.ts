import type { ArgsOf } from '../../../../shared/plugins/declaration.ts';
import { USER_MEMORY_SERVICES } from '../../../../shared/plugins/services/user-memory.ts';
import type { DeviceFacts } from '../device/model.ts';
import { driverServices, serve } from '../device/services.ts';
import { taskOf } from '../mm/mm-struct.ts';
import { fail, operation, type Outcome } from '../../core/world/operation.ts';
import { pinPages, type Pinned } from './pin-pages.ts';
import { freePinName } from './pins.ts';
import { releasePin } from './unpin.ts';

/** What a driver asks for; `task` '' is the task that runs the driver's code. */
type DriverPin = ArgsOf<typeof USER_MEMORY_SERVICES.pin_user_pages> & {
  readonly device: string;
  readonly get: boolean;
};

/** The step around a driver's call: whose memory, and what the era calls the rest. */
const hold_user_memory = operation<DriverPin, Outcome<Pinned>>(
  'hold_user_memory',
  'plugins/services/user-memory.d.ts:pin_user_pages',
  function* (k, { device, task, ...request }) {
    const id = task === '' ? k.current() : task;
    const mm = k.world.get('mms', taskOf(k, id)?.mm ?? '');
    if (!mm) return fail('EFAULT', `current->mm == NULL: ${id} is no process`);
    const remote = id !== k.current();
    const pin = freePinName(k, device);
    return yield* pinPages(k, { ...request, pin, mm, remote, force: false });
  },
  {
    basis: 'model',
    show: ({ address, pages, task }) => ({ address, pages, ...(task === '' ? {} : { task }) }),
  },
);

const release_user_memory = operation<{ pin: string; make_dirty: boolean }, Outcome<void>>(
  'release_user_memory',
  'plugins/services/user-memory.d.ts:unpin_user_pages',
  function* (k, { pin, make_dirty }) {
    if (!k.world.get('gup_pins', pin)) return fail('EINVAL', `model: there is no pin ${pin}`);
    return yield* releasePin(k, pin, make_dirty);
  },
  { basis: 'model' },
);

const held = ({ name, pages, runs }: Pinned) => ({
  ...{ pin: name, pages },
  ranges: runs.map(({ pfn, end }) => ({ start: pfn, end })),
});

/** Calls by which drivers hold memory of processes. */
export const gupServices = driverServices(USER_MEMORY_SERVICES, {
  pin_user_pages: serve(
    hold_user_memory,
    (args, { id }: DeviceFacts) => ({ ...args, device: id, get: false }),
    held,
  ),
  get_user_pages_fast: serve(
    hold_user_memory,
    (args, { id }: DeviceFacts) => {
      return { ...args, device: id, task: '', longterm: false, fast: true, get: true };
    },
    held,
  ),
  unpin_user_pages: serve(release_user_memory),
});
