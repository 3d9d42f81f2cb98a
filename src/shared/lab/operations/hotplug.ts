/** What adds and removes memory while the kernel runs. */
import { z } from 'zod';
import { address, count, pages, size } from '../quantity.ts';
import { text } from '../words.ts';
import { flag, rule, type OperationDeclaration } from './declaration.ts';

/** MMOP_OFFLINE, MMOP_ONLINE, MMOP_ONLINE_KERNEL, MMOP_ONLINE_MOVABLE by their sysfs words. */
export const ONLINE_TYPES = ['offline', 'online', 'online_kernel', 'online_movable'] as const;

const RANGE = {
  start: address.describe('First byte, on a memory block'),
  size: size.describe('Whole memory blocks'),
};
const block = count.describe('Number of the memory block: memoryN');
const type = z.enum(ONLINE_TYPES);
const node = count.default(0).describe('The node it is on');

const DIMM = z.strictObject({ node, ...RANGE });
const KMEM = z.strictObject({
  node,
  start: address.describe('First byte'),
  size: size.describe('Its size; what is no whole memory block is left out'),
  name: text.default('dax0.0').describe('Name of the DAX device'),
});

const NOT_BUILT = 'The configuration or the architecture has no memory hotplug';

export const HOTPLUG = {
  'add-memory': {
    title: 'Add memory',
    description:
      'add_memory() for whole blocks; with another name than System RAM, add_memory_driver_managed().',
    by: 'kernel',
    args: z.strictObject({
      node,
      ...RANGE,
      memmap_on_memory: flag.describe('Its memmap may lie on it (MHP_MEMMAP_ON_MEMORY, 5.13)'),
      name: text.default('System RAM').describe('Name in /proc/iomem'),
      group: count
        .nullable()
        .default(null)
        .describe('A memory group, whose node it then is on (MHP_NID_IS_MGID)'),
    }),
    returns: {},
    fails: {
      EINVAL: 'No whole blocks, no such node or group, or a name without "System RAM (...)"',
      EEXIST: 'Some of it is there already',
      ERANGE: 'The direct map does not reach that far',
      ENOSYS: NOT_BUILT,
    },
    example: 'add-memory: { node: 0, start: 0x100000000, size: 256MiB }',
  },
  'remove-memory': {
    title: 'Remove memory',
    description: 'remove_memory(); its blocks must be offline.',
    by: 'kernel',
    args: z.strictObject(RANGE),
    returns: {},
    fails: { EBUSY: 'A block is online', EINVAL: 'No whole blocks', ENOSYS: NOT_BUILT },
    example: 'remove-memory: { start: 0x100000000, size: 256MiB }',
  },
  online: {
    title: 'Online a memory block',
    description: 'A word into /sys/devices/system/memory/memoryN/state.',
    by: 'administrator',
    args: z.strictObject({
      block,
      type: type.default('online').describe('The word: which zone it goes to'),
    }),
    returns: {},
    fails: {
      EINVAL: 'It is online already, or cannot go to that zone',
      ENOENT: 'There is no such block',
    },
    example: 'online: { block: 32, type: online_movable }',
  },
  offline: {
    title: 'Offline a memory block',
    description: '`offline` into /sys/devices/system/memory/memoryN/state.',
    by: 'administrator',
    args: z.strictObject({ block }),
    returns: {},
    fails: {
      EBUSY: 'A page of it cannot be moved',
      EINVAL: 'It is offline already, has several zones, or holes',
      EPERM: 'arm64: memory of the boot stays',
      ENOENT: 'There is no such block',
    },
    example: 'offline: { block: 32 }',
  },
  'auto-online': {
    title: 'Say what becomes of added memory',
    description: 'A word into /sys/devices/system/memory/auto_online_blocks.',
    by: 'administrator',
    since: '4.6',
    args: z.strictObject({ type: type.describe('The word') }),
    returns: {},
    fails: { EINVAL: 'This kernel does not know the word' },
    example: 'auto-online: { type: online_movable }',
  },
  probe: {
    title: 'Probe a memory block',
    description: 'An address into /sys/devices/system/memory/probe adds the block there.',
    by: 'administrator',
    args: z.strictObject({ start: address.describe('First byte of the block') }),
    returns: {},
    fails: { EINVAL: 'The address is inside a block', ENOSYS: NOT_BUILT },
    example: 'probe: { start: 0x100000000 }',
  },
  'memory-group': {
    title: 'Register a memory group',
    description:
      'A static group (`max_pages`) or a dynamic one (`unit_pages`), as a driver registers it; groups count from 0.',
    by: 'kernel',
    since: '5.15',
    args: z
      .strictObject({
        node,
        max_pages: pages.optional().describe('Static: pages it will have'),
        unit_pages: pages.optional().describe('Dynamic: pages that come and go together'),
      })
      .refine(
        ...rule<{ max_pages?: number | undefined; unit_pages?: number | undefined }>(
          (args) => (args.max_pages === undefined) !== (args.unit_pages === undefined),
          'give `max_pages` (a static group) or `unit_pages` (a dynamic one)',
          'max_pages',
        ),
      ),
    returns: {},
    fails: { EINVAL: 'No such node, or a size that no group can have' },
    example: 'memory-group: { node: 0, unit_pages: 32768 }',
  },
  'memory-group-unregister': {
    title: 'Unregister a memory group',
    description: 'memory_group_unregister().',
    by: 'kernel',
    since: '5.15',
    args: z.strictObject({ group: count.describe('Number of the group') }),
    returns: {},
    fails: { EINVAL: 'There is no such group', EBUSY: 'It still has memory' },
    example: 'memory-group-unregister: { group: 0 }',
  },
  'plug-dimm': {
    title: 'Plug a memory module in',
    description: 'Firmware announces a module, ACPI adds its memory.',
    by: 'kernel',
    args: DIMM,
    returns: {},
    fails: { EINVAL: 'No whole blocks', EEXIST: 'Some of it is there already', ENOSYS: NOT_BUILT },
    example: 'plug-dimm: { node: 0, start: 0x100000000, size: 1GiB }',
  },
  'unplug-dimm': {
    title: 'Take a memory module out',
    description: 'Its eject button: every block goes offline, then the memory goes.',
    by: 'administrator',
    args: DIMM,
    returns: {},
    fails: { EBUSY: 'A block cannot go offline' },
    example: 'unplug-dimm: { node: 0, start: 0x100000000, size: 1GiB }',
  },
  'kmem-bind': {
    title: 'Use a DAX range as RAM',
    description: 'dev_dax_kmem_probe(): the range is added, cut to whole memory blocks.',
    by: 'administrator',
    since: '5.1',
    args: KMEM,
    returns: {},
    fails: { ENOSPC: 'No whole block is left', ENOSYS: NOT_BUILT },
    example: 'kmem-bind: { start: 0x100000000, size: 1GiB, name: dax0.0 }',
  },
  'kmem-unbind': {
    title: 'Use a DAX range as RAM no longer',
    description: 'dev_dax_kmem_remove(): the RAM goes if all its blocks are offline.',
    by: 'administrator',
    since: '5.1',
    args: KMEM,
    returns: {},
    fails: { EBUSY: 'A block is online' },
    example: 'kmem-unbind: { start: 0x100000000, size: 1GiB, name: dax0.0 }',
  },
} satisfies Record<string, OperationDeclaration>;
