import type { HOTPLUG } from '../../../../shared/lab/operations/hotplug.ts';
import { setVar } from '../../core/world/variables.ts';
import {
  acpi_memory_enable_device,
  acpi_scan_hot_remove,
} from '../../kernel/hotplug/acpi-memhotplug.ts';
import { add_memory, add_memory_driver_managed } from '../../kernel/hotplug/add-memory.ts';
import { dev_dax_kmem_probe, dev_dax_kmem_remove } from '../../kernel/hotplug/kmem.ts';
import { state_store } from '../../kernel/hotplug/memory-block.ts';
import {
  memory_group_register_dynamic,
  memory_group_register_static,
  memory_group_unregister,
} from '../../kernel/hotplug/memory-group.ts';
import { DEFAULT_ONLINE_TYPE, knownDefault } from '../../kernel/hotplug/mhp-params.ts';
import { remove_memory } from '../../kernel/hotplug/remove-memory.ts';
import { probe_store } from '../../kernel/hotplug/probe-store.ts';
import { call, fail } from '../../core/world/operation.ts';
import type { Bodies } from './bodies.ts';

/** What a program does to add, remove, online and offline memory. */
export const HOTPLUG_OPS: Bodies<keyof typeof HOTPLUG> = {
  *'add-memory'(_k, { node, start, size, memmap_on_memory, name, group }) {
    const params = { nid: node, start, size, memmap_on_memory, mgid: group };
    if (name === 'System RAM') return yield* call(add_memory, params);
    return yield* call(add_memory_driver_managed, { ...params, resource_name: name });
  },

  *'remove-memory'(_k, range) {
    return yield* call(remove_memory, range);
  },

  *online(_k, { block, type }) {
    return yield* call(state_store, { block, buf: type });
  },

  *offline(_k, { block }) {
    return yield* call(state_store, { block, buf: 'offline' });
  },

  *'auto-online'(k, { type }) {
    if (knownDefault(k, type) === undefined) {
      return fail('EINVAL', `auto_online_blocks does not know "${type}" in this kernel`);
    }
    setVar(k, DEFAULT_ONLINE_TYPE, type);
    return undefined;
  },

  *probe(_k, { start }) {
    return yield* call(probe_store, { phys_addr: start });
  },

  *'memory-group'(_k, { node, max_pages, unit_pages }) {
    if (unit_pages !== undefined) {
      return yield* call(memory_group_register_dynamic, { nid: node, unit_pages });
    }
    return yield* call(memory_group_register_static, { nid: node, max_pages: max_pages ?? 0 });
  },

  *'memory-group-unregister'(_k, { group }) {
    return yield* call(memory_group_unregister, { mgid: group });
  },

  *'plug-dimm'(_k, { node, ...range }) {
    return yield* call(acpi_memory_enable_device, { nid: node, ...range });
  },

  *'unplug-dimm'(_k, { node, ...range }) {
    return yield* call(acpi_scan_hot_remove, { nid: node, ...range });
  },

  *'kmem-bind'(_k, { node, ...range }) {
    return yield* call(dev_dax_kmem_probe, { nid: node, ...range });
  },

  *'kmem-unbind'(_k, { node, ...range }) {
    return yield* call(dev_dax_kmem_remove, { nid: node, ...range });
  },
};
