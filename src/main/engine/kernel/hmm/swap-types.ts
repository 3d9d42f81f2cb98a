import type { Facts } from '../../core/facts.ts';

/** A type number that swap entries of a special kind take, as `swp_entry()` packs it. */
export interface SwapType {
  readonly name: string;
  readonly type: number;
}

/** MAX_SWAPFILES_SHIFT (include/linux/swap.h): five bits of an entry hold the type. */
const MAX_SWAPFILES_SHIFT = 5;

const MIGRATION = ['SWP_MIGRATION_READ', 'SWP_MIGRATION_READ_EXCLUSIVE', 'SWP_MIGRATION_WRITE'];
const DEVICE = [
  'SWP_DEVICE_WRITE',
  'SWP_DEVICE_READ',
  'SWP_DEVICE_EXCLUSIVE_WRITE',
  'SWP_DEVICE_EXCLUSIVE_READ',
];

const on = (facts: Facts, name: string): boolean => facts.config[name] !== 'n';

/**
 * What of the 32 swap types is left for swap files, and who has the others (include/linux/swap.h:
 * MAX_SWAPFILES): device private entries cost a machine swap files. Types ascend in the order of
 * the list; write comes before read for device entries, after it for migration.
 */
export function swapTypes(facts: Facts): {
  readonly max_swapfiles: number;
  readonly types: readonly SwapType[];
} {
  const { era } = facts;
  const names: string[] = [];
  if (on(facts, 'MEMORY_FAILURE')) names.push('SWP_HWPOISON');
  if (on(facts, 'MIGRATION')) {
    const exclusive = era.get('swp_migration_num') === 3;
    names.push(...MIGRATION.filter((name) => exclusive || !name.endsWith('EXCLUSIVE')));
  }
  if (on(facts, 'DEVICE_PRIVATE')) {
    const device = era.get('swp_device_num');
    names.push(
      ...(device === 3 ? [...DEVICE.slice(0, 2), 'SWP_DEVICE_EXCLUSIVE'] : DEVICE.slice(0, device)),
    );
  }
  if (era.get('swp_swapin_error_num') === 1) names.push('SWP_SWAPIN_ERROR');
  if (era.get('swp_pte_marker_num') === 1) names.push('SWP_PTE_MARKER');
  const max_swapfiles = 2 ** MAX_SWAPFILES_SHIFT - names.length;
  const types = names.map((name, at) => ({ name, type: max_swapfiles + at }));
  return { max_swapfiles, types };
}
