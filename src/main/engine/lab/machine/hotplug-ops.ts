import { alloc_pages_at, free_pages_at, PAGE_USES } from '../../kernel/buddy/alloc-pages.ts';
import { setVar } from '../../kernel/boot/vars.ts';
import {
  acpi_memory_enable_device,
  acpi_scan_hot_remove,
} from '../../kernel/hotplug/acpi-memhotplug.ts';
import { add_memory, add_memory_driver_managed } from '../../kernel/hotplug/add-memory.ts';
import { dev_dax_kmem_probe, dev_dax_kmem_remove } from '../../kernel/hotplug/kmem.ts';
import { state_store } from '../../kernel/hotplug/memory-block.ts';
import {
  DEFAULT_ONLINE_TYPE,
  knownDefault,
  ONLINE_TYPES,
} from '../../kernel/hotplug/mhp-params.ts';
import { remove_memory } from '../../kernel/hotplug/remove-memory.ts';
import { probe_store } from '../../kernel/hotplug/probe-store.ts';
import { call, fail, type KernelFunction } from '../../core/world/operation.ts';
import { labOperation } from './lab-operation.ts';
import { memoryGroup, memoryGroupUnregister } from './memory-group-ops.ts';
import {
  addressField,
  countField,
  flagField,
  optionalCountField,
  sizeField,
  textField,
  wordField,
} from './op-arguments.ts';
import { walk_max_pfn } from './walk-max-pfn.ts';

/**
 * `add-memory: { node, start, size, memmap_on_memory, name, group }`: add_memory() for whole blocks.
 * With a memory group (MHP_NID_IS_MGID) the node is the group's.
 */
const addMemory = labOperation(
  'add-memory',
  {
    node: countField(0),
    start: addressField(),
    size: sizeField(),
    memmap_on_memory: flagField(false),
    name: textField('System RAM'),
    group: optionalCountField(),
  },
  function* (_k, { node, start, size, memmap_on_memory, name, group }) {
    const params = { nid: node, start, size, memmap_on_memory, mgid: group };
    if (name === 'System RAM') return yield* call(add_memory, params);
    return yield* call(add_memory_driver_managed, { ...params, resource_name: name });
  },
);

/** `remove-memory: { start, size }`: remove_memory(); its blocks must be offline. */
const removeMemory = labOperation(
  'remove-memory',
  { start: addressField(), size: sizeField() },
  function* (_k, range) {
    return yield* call(remove_memory, range);
  },
);

/** `online: { block, type }`: `type` (online, online_kernel, online_movable) into memoryN/state. */
const online = labOperation(
  'online',
  { block: countField(), type: wordField(ONLINE_TYPES, 'online') },
  function* (_k, { block, type }) {
    return yield* call(state_store, { block, buf: type });
  },
);

/** `offline: { block }`: offline into memoryN/state. */
const offline = labOperation('offline', { block: countField() }, function* (_k, { block }) {
  return yield* call(state_store, { block, buf: 'offline' });
});

/** `auto-online: { type }`: a write to /sys/devices/system/memory/auto_online_blocks. */
const autoOnline = labOperation(
  'auto-online',
  { type: wordField(ONLINE_TYPES) },
  function* (k, { type }) {
    if (knownDefault(k, type) === undefined) {
      return fail('EINVAL', `auto_online_blocks does not know "${type}" in this kernel`);
    }
    setVar(k, DEFAULT_ONLINE_TYPE, type);
    return undefined;
  },
);

/** `probe: { start }`: an address into /sys/devices/system/memory/probe adds the block there. */
const probe = labOperation('probe', { start: addressField() }, function* (_k, { start }) {
  return yield* call(probe_store, { phys_addr: start });
});

const DIMM = { node: countField(0), start: addressField(), size: sizeField() };

/** `plug-dimm: { node, start, size }`: firmware announces a module, ACPI adds its memory. */
const plugDimm = labOperation('plug-dimm', DIMM, function* (_k, { node, start, size }) {
  return yield* call(acpi_memory_enable_device, { nid: node, start, size });
});

/** `unplug-dimm: { node, start, size }`: its eject button; -EBUSY where a block cannot go. */
const unplugDimm = labOperation('unplug-dimm', DIMM, function* (_k, { node, start, size }) {
  return yield* call(acpi_scan_hot_remove, { nid: node, start, size });
});

const KMEM = { ...DIMM, name: textField('dax0.0') };

/** `kmem-bind: { node, start, size, name }`: a DAX range as RAM, cut to whole memory blocks. */
const kmemBind = labOperation('kmem-bind', KMEM, function* (_k, { node, ...range }) {
  return yield* call(dev_dax_kmem_probe, { nid: node, ...range });
});

/** `kmem-unbind: { node, start, size, name }`: the RAM goes if all its blocks are offline. */
const kmemUnbind = labOperation('kmem-unbind', KMEM, function* (_k, { node, ...range }) {
  return yield* call(dev_dax_kmem_remove, { nid: node, ...range });
});

const PAGES = { pfn: countField(), pages: countField(1) };

/** `alloc-pages: { pfn, pages, use }`: free pages get a user: kernel, process, or pinned. */
const allocPages = labOperation(
  'alloc-pages',
  { ...PAGES, use: wordField(PAGE_USES, 'kernel') },
  function* (_k, { pfn, pages, use }) {
    if (pages === 0) return fail('EINVAL', 'lab: `pages` is 0');
    return yield* call(alloc_pages_at, { pfn, nr_pages: pages, use });
  },
);

/** `free-pages: { pfn, pages }`: allocated pages become free. */
const freePages = labOperation('free-pages', PAGES, function* (_k, { pfn, pages }) {
  return yield* call(free_pages_at, { pfn, nr_pages: pages });
});

/** Operations of a program that add, remove, online and offline memory, by name. */
export const HOTPLUG_OPS: Readonly<Record<string, KernelFunction<never, unknown>>> = {
  'add-memory': addMemory,
  'remove-memory': removeMemory,
  online,
  offline,
  'auto-online': autoOnline,
  probe,
  'memory-group': memoryGroup,
  'memory-group-unregister': memoryGroupUnregister,
  'plug-dimm': plugDimm,
  'unplug-dimm': unplugDimm,
  'kmem-bind': kmemBind,
  'kmem-unbind': kmemUnbind,
  'alloc-pages': allocPages,
  'free-pages': freePages,
  /** `walk-max-pfn`: what code that trusts max_pfn would see here; changes nothing. */
  'walk-max-pfn': walk_max_pfn as unknown as KernelFunction<never, unknown>,
};
