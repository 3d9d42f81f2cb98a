import {
  memory_group_register_dynamic,
  memory_group_register_static,
  memory_group_unregister,
} from '../../kernel/hotplug/memory-group.ts';
import { call, fail } from '../../core/world/operation.ts';
import { labOperation } from './lab-operation.ts';
import { countField, optionalCountField } from './op-arguments.ts';

/**
 * `memory-group: { node, max_pages }` or `{ node, unit_pages }`: a static group, or a dynamic one, as a
 * driver registers it; its number counts from 0. `add-memory: { group }` puts memory into it.
 */
export const memoryGroup = labOperation(
  'memory-group',
  { node: countField(0), max_pages: optionalCountField(), unit_pages: optionalCountField() },
  function* (_k, { node, max_pages, unit_pages }) {
    if ((max_pages === null) === (unit_pages === null)) {
      return fail(
        'EINVAL',
        'lab: give `max_pages` (a static group) or `unit_pages` (a dynamic one)',
      );
    }
    if (unit_pages !== null) {
      return yield* call(memory_group_register_dynamic, { nid: node, unit_pages });
    }
    return yield* call(memory_group_register_static, { nid: node, max_pages: max_pages ?? 0 });
  },
);

/** `memory-group-unregister: { group }`: -EBUSY while it has memory. */
export const memoryGroupUnregister = labOperation(
  'memory-group-unregister',
  { group: countField() },
  function* (_k, { group }) {
    return yield* call(memory_group_unregister, { mgid: group });
  },
);
