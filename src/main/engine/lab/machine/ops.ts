import { OPERATION_NAMES } from '../../../../shared/lab/operations/operations.ts';
import type { Args } from '../../../../shared/world/value.ts';
import type { KernelFunction } from '../../core/world/operation.ts';
import { ADDRESS_SPACE_OPS } from './address-space-ops.ts';
import { labOperation, type Bodies, type BodyName } from './bodies.ts';
import { FILE_OPS } from './file-ops.ts';
import { GUP_OPS } from './gup-ops.ts';
import { HOTPLUG_OPS } from './hotplug-ops.ts';
import { PAGE_OPS } from './page-ops.ts';
import { PROCESS_OPS } from './process-ops.ts';

const BODIES: Bodies<BodyName> = {
  // The entry's own `expect` is checked where it stands.
  *expect() {},
  ...ADDRESS_SPACE_OPS,
  ...PROCESS_OPS,
  ...FILE_OPS,
  ...GUP_OPS,
  ...PAGE_OPS,
  ...HOTPLUG_OPS,
};

/** Operations of a lab's program that are not a device's, by name; `boot` is start_kernel() itself. */
export const KERNEL_OPS: Readonly<Record<string, KernelFunction<Args, unknown>>> =
  Object.fromEntries(
    OPERATION_NAMES.flatMap((name) =>
      name === 'boot' ? [] : [[name, labOperation(name, BODIES)]],
    ),
  );
