// What the shell lines of the hotplug captures are as operations of a lab.
import type { Args } from '../../src/shared/world/value.ts';

export interface HotplugOp {
  /** Of the lab's program, of a device, or what device_dax does: map-devdax, unmap-devdax. */
  op: string;
  args: Args;
  /** Not a line of the shell: what the running kernel did meanwhile, or a tool's own steps. */
  silent?: boolean;
  /** The errno that a tool's message of this step gives, where it writes to sysfs itself. */
  fails?: string;
}

/** Operations by step of the capture; a step that is not here is reported as not compared. */
export type StepTable = Readonly<Record<string, readonly HotplugOp[]>>;

const online = (block: number, type: string): HotplugOp => ({
  op: 'online',
  args: { block, type },
});
const offline = (block: number): HotplugOp => ({ op: 'offline', args: { block } });

const DIMM = { node: 0, start: 0x100000000, size: '384MiB' };
/** The namespace is 640 MiB at 4 GiB; its DAX range starts behind 2 MiB of info block. */
const DAX = { node: 1, start: 0x100200000, size: '638MiB', name: 'dax0.0' };
const DAX_BLOCKS = [33, 34, 35, 36];

/** An allocation the running kernel made: its own log names the page where an offline failed. */
const allocated = (pfn: number, pages = 1): HotplugOp => ({
  op: 'alloc-pages',
  args: { pfn, pages, use: 'kernel' },
  silent: true,
});

const silent = (ops: readonly HotplugOp[]): HotplugOp[] =>
  ops.map((one) => ({ ...one, silent: true }));

/** Up to where the kernels go different ways: whether all of the RAM goes offline again. */
const KMEM: StepTable = {
  'init-labels': [{ op: 'nvdimm0.init-labels', args: {}, silent: true }],
  devdax: [{ op: 'map-devdax', args: {}, silent: true }],
  'to-system-ram': [
    { op: 'unmap-devdax', args: {}, silent: true },
    { op: 'kmem-bind', args: DAX, silent: true },
  ],
  'online-movable': silent(DAX_BLOCKS.map((block) => online(block, 'online_movable'))),
  offline: silent(DAX_BLOCKS.map(offline)),
  'online-kernel': silent(DAX_BLOCKS.map((block) => online(block, 'online_kernel'))),
};

const TABLES: Readonly<Record<string, StepTable>> = {
  'l-dimm-hotplug': {
    'hmp device_add': [{ op: 'plug-dimm', args: DIMM, silent: true }],
    'hmp device_del': [{ op: 'unplug-dimm', args: DIMM, fails: 'EBUSY' }],
    'online-first-movable': [online(32, 'online_movable')],
    'online-second-kernel': [
      online(33, 'online_kernel'),
      online(34, 'online_kernel'),
      allocated(0x108002),
    ],
    'online-34-movable': [online(34, 'online_movable'), online(34, 'online_kernel')],
    'offline-33': [offline(33)],
    'offline-32-34': [offline(34), offline(32)],
    'online-all-movable': [32, 33, 34].map((block) => online(block, 'online_movable')),
  },
  'n-offline-blocks': {
    'offline-5': [offline(5)],
    'offline-7': [offline(7)],
    'offline-6': [offline(6)],
    'offline-0': [offline(0)],
    'offline-1': [offline(1)],
    'online-6-movable': [online(6, 'online_movable')],
    'online-7-movable': [online(7, 'online_movable')],
    'online-6': [online(6, 'online')],
    'online-5-kernel': [online(5, 'online_kernel')],
  },
  'i-devdax-kmem': {
    ...KMEM,
    offline2: silent(DAX_BLOCKS.map(offline)),
    'back-to-devdax': [
      { op: 'kmem-unbind', args: DAX, silent: true },
      { op: 'map-devdax', args: {}, silent: true },
    ],
    'rmmod-kmem': [],
  },
  // There a slab of 8 pages lay in block 35, which the tool tried first.
  'i-devdax-kmem/6.18-amd64': {
    ...KMEM,
    offline2: [allocated(0x118000, 8), { ...offline(35), fails: 'EBUSY' }],
    'back-to-devdax': [{ ...offline(35), fails: 'EBUSY' }],
    'rmmod-kmem': [{ op: 'kmem-unbind', args: DAX, fails: 'EBUSY' }],
  },
};

/** The operations of a step on a kernel, or undefined when the table has none for it. */
export function operationsOf(
  scenario: string,
  kernel: string,
  step: string,
): readonly HotplugOp[] | undefined {
  return (TABLES[`${scenario}/${kernel}`] ?? TABLES[scenario])?.[step];
}

/** Steps that only look, or whose effects lie outside of the model. */
export const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  'l-dimm-hotplug': ['hmp object_add', 'after-add', 'valid-zones-now', 'after-del'],
  'n-offline-blocks': ['probe-file'],
  'i-devdax-kmem': ['daxctl-list'],
};
