import type { Args } from '../../../shared/world/value.ts';
import { alloc_pages_at, free_pages_at, PAGE_USES } from '../buddy/alloc-pages.ts';
import { setVar } from '../boot/vars.ts';
import { acpi_memory_enable_device, acpi_scan_hot_remove } from '../hotplug/acpi-memhotplug.ts';
import { add_memory, add_memory_driver_managed } from '../hotplug/add-memory.ts';
import { dev_dax_kmem_probe, dev_dax_kmem_remove } from '../hotplug/kmem.ts';
import { state_store } from '../hotplug/memory-block.ts';
import { DEFAULT_ONLINE_TYPE, knownDefault, ONLINE_TYPES } from '../hotplug/mhp-params.ts';
import { remove_memory } from '../hotplug/remove-memory.ts';
import {
  call,
  fail,
  failed,
  operation,
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../world/operation.ts';
import type { Kernel } from '../facts.ts';
import {
  addressField,
  countField,
  flagField,
  readArguments,
  sizeField,
  textField,
  wordField,
  type Values,
} from './op-arguments.ts';
import { walk_max_pfn } from './walk-max-pfn.ts';

type Fields = Parameters<typeof readArguments>[1];

/** An operation of the lab: reads its arguments, then calls the kernel. */
function op<F extends Fields, R>(
  name: string,
  fields: F,
  body: (k: Kernel, values: Values<F>) => Operation<Outcome<R>>,
): KernelFunction<never, unknown> {
  const fn = operation<Args, Outcome<R>>(
    name,
    `lab:${name}`,
    function* (k, args) {
      const values = readArguments(args, fields);
      return failed(values) ? values : yield* body(k, values);
    },
    { basis: 'model', kind: 'user', show: (args) => args },
  );
  return fn as unknown as KernelFunction<never, unknown>;
}

/** `add-memory: { node, start, size, memmap_on_memory, name }`: add_memory() for whole blocks. */
const addMemory = op(
  'add-memory',
  {
    node: countField(0),
    start: addressField(),
    size: sizeField(),
    memmap_on_memory: flagField(false),
    name: textField('System RAM'),
  },
  function* (_k, { node, start, size, memmap_on_memory, name }) {
    const params = { nid: node, start, size, memmap_on_memory };
    if (name === 'System RAM') return yield* call(add_memory, params);
    return yield* call(add_memory_driver_managed, { ...params, resource_name: name });
  },
);

/** `remove-memory: { start, size }`: remove_memory(); its blocks must be offline. */
const removeMemory = op(
  'remove-memory',
  { start: addressField(), size: sizeField() },
  function* (_k, range) {
    return yield* call(remove_memory, range);
  },
);

/** `online: { block, type }`: `type` (online, online_kernel, online_movable) into memoryN/state. */
const online = op(
  'online',
  { block: countField(), type: wordField(ONLINE_TYPES, 'online') },
  function* (_k, { block, type }) {
    return yield* call(state_store, { block, buf: type });
  },
);

/** `offline: { block }`: offline into memoryN/state. */
const offline = op('offline', { block: countField() }, function* (_k, { block }) {
  return yield* call(state_store, { block, buf: 'offline' });
});

/** `auto-online: { type }`: a write to /sys/devices/system/memory/auto_online_blocks. */
const autoOnline = op('auto-online', { type: wordField(ONLINE_TYPES) }, function* (k, { type }) {
  if (knownDefault(k, type) === undefined) {
    return fail('EINVAL', `auto_online_blocks does not know "${type}" in this kernel`);
  }
  setVar(k, DEFAULT_ONLINE_TYPE, type);
  return undefined;
});

const DIMM = { node: countField(0), start: addressField(), size: sizeField() };

/** `plug-dimm: { node, start, size }`: firmware announces a module, ACPI adds its memory. */
const plugDimm = op('plug-dimm', DIMM, function* (_k, { node, start, size }) {
  return yield* call(acpi_memory_enable_device, { nid: node, start, size });
});

/** `unplug-dimm: { node, start, size }`: its eject button; -EBUSY where a block cannot go. */
const unplugDimm = op('unplug-dimm', DIMM, function* (_k, { node, start, size }) {
  return yield* call(acpi_scan_hot_remove, { nid: node, start, size });
});

const KMEM = { ...DIMM, name: textField('dax0.0') };

/** `kmem-bind: { node, start, size, name }`: a DAX range as RAM, cut to whole memory blocks. */
const kmemBind = op('kmem-bind', KMEM, function* (_k, { node, ...range }) {
  return yield* call(dev_dax_kmem_probe, { nid: node, ...range });
});

/** `kmem-unbind: { node, start, size, name }`: the RAM goes if all its blocks are offline. */
const kmemUnbind = op('kmem-unbind', KMEM, function* (_k, { node, ...range }) {
  return yield* call(dev_dax_kmem_remove, { nid: node, ...range });
});

const PAGES = { pfn: countField(), pages: countField(1) };

/** `alloc-pages: { pfn, pages, use }`: free pages get a user: kernel, process, or pinned. */
const allocPages = op(
  'alloc-pages',
  { ...PAGES, use: wordField(PAGE_USES, 'kernel') },
  function* (_k, { pfn, pages, use }) {
    if (pages === 0) return fail('EINVAL', 'lab: `pages` is 0');
    return yield* call(alloc_pages_at, { pfn, nr_pages: pages, use });
  },
);

/** `free-pages: { pfn, pages }`: allocated pages become free. */
const freePages = op('free-pages', PAGES, function* (_k, { pfn, pages }) {
  return yield* call(free_pages_at, { pfn, nr_pages: pages });
});

/** Operations of a program that add, remove, online and offline memory, by name. */
export const HOTPLUG_OPS: Readonly<Record<string, KernelFunction<never, unknown>>> = {
  'add-memory': addMemory,
  'remove-memory': removeMemory,
  online,
  offline,
  'auto-online': autoOnline,
  'plug-dimm': plugDimm,
  'unplug-dimm': unplugDimm,
  'kmem-bind': kmemBind,
  'kmem-unbind': kmemUnbind,
  'alloc-pages': allocPages,
  'free-pages': freePages,
  /** `walk-max-pfn`: what code that trusts max_pfn would see here; changes nothing. */
  'walk-max-pfn': walk_max_pfn as unknown as KernelFunction<never, unknown>,
};
