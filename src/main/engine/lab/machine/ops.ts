import { withBuddyOps } from './buddy-ops.ts';
import { start_kernel } from '../../kernel/boot/start-kernel.ts';
import { leaf, type KernelFunction } from '../../core/world/operation.ts';
import { GUP_OPS } from './gup-ops.ts';
import { HOTPLUG_OPS } from './hotplug-ops.ts';
import { FILE_OPS } from './file-ops.ts';
import { MM_OPS } from './mm-ops.ts';
import { PAGE_OPS } from './page-ops.ts';
import { THREAD_OPS } from './thread-ops.ts';

/** Does nothing: the entry's own `expect` is checked where it stands. */
const expectHere = leaf<object, undefined>('expect', 'lab:expect', () => undefined, {
  basis: 'model',
  kind: 'user',
});

const OPS: Readonly<Record<string, KernelFunction<never, unknown>>> = {
  boot: start_kernel as unknown as KernelFunction<never, unknown>,
  expect: expectHere as unknown as KernelFunction<never, unknown>,
  ...HOTPLUG_OPS,
  ...MM_OPS,
  ...THREAD_OPS,
  ...FILE_OPS,
  ...GUP_OPS,
  ...PAGE_OPS,
};

/** Operations of a lab's program that are not a device's, by name. */
export const KERNEL_OPS = withBuddyOps(OPS);
