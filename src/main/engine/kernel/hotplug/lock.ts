import { lock, operation, unlock, type None } from '../../core/world/operation.ts';

const MEM_HOTPLUG_LOCK = 'mem_hotplug_lock';

/** mem_hotplug_begin(): the writer side of a per-CPU rw semaphore; blocks while another has it. */
export const mem_hotplug_begin = operation<None, void>(
  'mem_hotplug_begin',
  'mm/memory_hotplug.c:mem_hotplug_begin',
  function* () {
    yield* lock(MEM_HOTPLUG_LOCK, 'percpu_rwsem');
  },
);

export const mem_hotplug_done = operation<None, void>(
  'mem_hotplug_done',
  'mm/memory_hotplug.c:mem_hotplug_done',
  function* () {
    yield* unlock(MEM_HOTPLUG_LOCK);
  },
);
