import type { CallbackArgs } from '../../../../shared/plugins/callbacks.ts';
import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { driverCallback } from '../device/callback.ts';

/** What happens to memory, by the kernel's names (include/linux/memory.h). */
type MemoryAction = CallbackArgs<'memory_notifier'>['action'];

interface Notice {
  readonly action: MemoryAction;
  readonly start_pfn: number;
  readonly nr_pages: number;
}

type Notifier = RowOf<'memory_notifiers'>;

/** Drivers on the chain, the highest priority first, then as they registered. */
function chain(k: Kernel): Notifier[] {
  const all = [...k.world.rows('memory_notifiers')].filter(({ notified }) => notified);
  return all.sort((a, b) => b.priority - a.priority || a.n - b.n);
}

/** One driver's notifier: 'NOTIFY_BAD', or a negative errno, where it says no. */
const notifier_call = operation<Notice & { device: string }, Outcome<void>>(
  'notifier_call_chain',
  'kernel/notifier.c:notifier_call_chain',
  function* (k, { device, ...notice }) {
    const said = yield* driverCallback(k, device, 'memory_notifier', { ...notice });
    if (failed(said)) return said;
    // notifier_to_errno(NOTIFY_BAD) is -EPERM.
    return said === 'NOTIFY_BAD' ? fail('EPERM', `${device}: NOTIFY_BAD`) : undefined;
  },
);

/**
 * memory_notify() to the drivers that registered: the first that says no ends the chain. Nothing is
 * called, and no step made, where nobody registered.
 */
export function* notifyDrivers(k: Kernel, notice: Notice) {
  for (const { device } of chain(k)) {
    const said: Outcome<void> = yield* call(notifier_call, { device, ...notice });
    if (failed(said)) return said;
  }
  return undefined;
}

/** register_memory_notifier(): a driver is told when memory goes online or offline. */
export const register_memory_notifier = leaf<{ device: string; priority: number }, void>(
  'register_memory_notifier',
  'drivers/base/memory.c:register_memory_notifier',
  (k, { device, priority }) => {
    let n = 0;
    for (const row of k.world.rows('memory_notifiers')) n = Math.max(n, row.n + 1);
    const online_page = k.world.get('memory_notifiers', device)?.online_page ?? false;
    k.world.put('memory_notifiers', { device, n, priority, notified: true, online_page });
  },
);

/** unregister_memory_notifier(). */
export const unregister_memory_notifier = leaf<{ device: string }, void>(
  'unregister_memory_notifier',
  'drivers/base/memory.c:unregister_memory_notifier',
  (k, { device }) => {
    const row = k.world.get('memory_notifiers', device);
    if (row?.online_page) k.world.patch('memory_notifiers', device, { notified: false });
    else if (row) k.world.remove('memory_notifiers', device);
  },
);

/** The driver that decides which pages of a block go online. */
export function onlinePageDriver(k: Kernel): string | undefined {
  return [...k.world.rows('memory_notifiers')].find(({ online_page }) => online_page)?.device;
}

/**
 * set_online_page_callback(): from now on a driver decides which pages go online; -EINVAL where
 * another one does.
 */
export const set_online_page_callback = leaf<{ device: string }, Outcome<void>>(
  'set_online_page_callback',
  'mm/memory_hotplug.c:set_online_page_callback',
  (k, { device }) => {
    if (onlinePageDriver(k) !== undefined) {
      return fail('EINVAL', 'online_page_callback != generic_online_page');
    }
    const row = k.world.get('memory_notifiers', device);
    const blank = { device, n: 0, priority: 0, notified: false };
    k.world.put('memory_notifiers', { ...(row ?? blank), online_page: true });
    return undefined;
  },
);

/** restore_online_page_callback(): all pages go online again. */
export const restore_online_page_callback = leaf<{ device: string }, Outcome<void>>(
  'restore_online_page_callback',
  'mm/memory_hotplug.c:restore_online_page_callback',
  (k, { device }) => {
    const row = k.world.get('memory_notifiers', device);
    if (!row?.online_page) return fail('EINVAL', 'online_page_callback != callback');
    if (row.notified) k.world.patch('memory_notifiers', device, { online_page: false });
    else k.world.remove('memory_notifiers', device);
    return undefined;
  },
);
