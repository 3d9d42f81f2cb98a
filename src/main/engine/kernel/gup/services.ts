import type { Args, Value } from '../../../../shared/world/value.ts';
import type { DeviceFacts } from '../device/model.ts';
import { driverService, type ArgSpec, type DriverService } from '../device/services.ts';
import type { Kernel } from '../../core/facts.ts';
import { taskOf } from '../mm/mm-struct.ts';
import { fail, failed, operation, type Outcome } from '../../core/world/operation.ts';
import { pinPages, type Pinned } from './pin-pages.ts';
import { freePinName } from './pins.ts';
import { releasePin } from './unpin.ts';

/** What a driver asks for; `task` '' is the task that runs the driver's code. */
interface DriverPin {
  readonly device: string;
  readonly task: string;
  readonly address: bigint;
  readonly pages: number;
  readonly write: boolean;
  readonly longterm: boolean;
  readonly fast: boolean;
  readonly pci_p2pdma: boolean;
  readonly get: boolean;
}

/** The step around a driver's call: whose memory, and what the era calls the rest. */
const hold_user_memory = operation<DriverPin, Outcome<Pinned>>(
  'hold_user_memory',
  'plugins/api.d.ts:pin_user_pages',
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

const release_user_memory = operation<{ pin: string; dirty: boolean }, Outcome<void>>(
  'release_user_memory',
  'plugins/api.d.ts:unpin_user_pages',
  function* (k: Kernel, { pin, dirty }) {
    if (!k.world.get('gup_pins', pin)) return fail('EINVAL', `model: there is no pin ${pin}`);
    return yield* releasePin(k, pin, dirty);
  },
  { basis: 'model' },
);

const MAX_PAGES = 2 ** 44;

function request(args: Args, { id }: DeviceFacts, more: Partial<DriverPin>): DriverPin | string {
  const pages = args['pages'] as number;
  const address = args['address'] as bigint;
  if (pages < 1 || pages > MAX_PAGES) return 'pages takes at least 1';
  if ((address >> 12n) + BigInt(pages) > BigInt(MAX_PAGES)) return 'address is no user address';
  const flag = (name: string) => args[name] === true;
  return {
    device: id,
    task: (args['task'] ?? '') as string,
    address,
    pages,
    write: flag('write'),
    longterm: flag('longterm'),
    fast: flag('fast'),
    pci_p2pdma: flag('pci_p2pdma'),
    get: false,
    ...more,
  };
}

const ASKED = { address: 'address', pages: 'count', write: 'flag?', pci_p2pdma: 'flag?' } as const;
const PIN_ARGS: ArgSpec = { ...ASKED, longterm: 'flag?', fast: 'flag?', task: 'text?' };

function shown({ name, pages, runs }: Pinned): Value {
  return { pin: name, pages, ranges: runs.map(({ pfn, end }) => ({ start: pfn, end })) };
}

/** What a result becomes for the driver: failures are told apart before this is asked. */
const result = (value: Outcome<Pinned>): Value | undefined =>
  failed(value) ? undefined : shown(value);

/** Calls by which drivers hold memory of processes. */
export const gupServices: readonly DriverService[] = [
  driverService(
    'pin_user_pages',
    PIN_ARGS,
    hold_user_memory,
    (args, device) => request(args, device, {}),
    result,
  ),
  driverService(
    'get_user_pages_fast',
    { ...ASKED },
    hold_user_memory,
    (args, device) => request(args, device, { get: true, fast: true }),
    result,
  ),
  driverService(
    'unpin_user_pages',
    { pin: 'text', make_dirty: 'flag?' },
    release_user_memory,
    (args) => ({ pin: args['pin'] as string, dirty: args['make_dirty'] === true }),
  ),
];
