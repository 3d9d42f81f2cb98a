import { ONLINE_TYPES } from '../../../../shared/lab/operations/hotplug.ts';
import { enabled } from '../../core/arch/config.ts';
import type { AutoMovable } from './auto-movable.ts';
import { valuesOf, type ParameterName } from '../../core/parameters.ts';
import type { View } from '../../core/facts.ts';

export type OnlineType = (typeof ONLINE_TYPES)[number];

/** Holds what was written to auto_online_blocks; absent until somebody does. */
export const DEFAULT_ONLINE_TYPE = 'mhp_default_online_type';

/** mhp_online_type_from_str(): undefined (-EINVAL) for a word that is none of the four. */
export function mhp_online_type_from_str(text: string): OnlineType | undefined {
  return ONLINE_TYPES.find((type) => type === text);
}

/** The last value of a parameter on the command line. */
function param(k: View, name: ParameterName): string | undefined {
  return valuesOf(k.facts.cmdline, name).at(-1);
}

/** mhp_default_online_type as compiled in (MEMORY_HOTPLUG_DEFAULT_ONLINE, MHP_DEFAULT_ONLINE_TYPE_*). */
function compiled(k: View): OnlineType {
  const { config } = k.facts;
  if (enabled(config, 'MHP_DEFAULT_ONLINE_TYPE_ONLINE_KERNEL')) return 'online_kernel';
  if (enabled(config, 'MHP_DEFAULT_ONLINE_TYPE_ONLINE_MOVABLE')) return 'online_movable';
  if (enabled(config, 'MHP_DEFAULT_ONLINE_TYPE_ONLINE_AUTO')) return 'online';
  return enabled(config, 'MEMORY_HOTPLUG_DEFAULT_ONLINE') ? 'online' : 'offline';
}

/** Is the word one this kernel knows as a default (setup_memhp_default_state)? */
export function knownDefault(k: View, text: string | undefined): OnlineType | undefined {
  if (text === undefined || !k.facts.era.get('auto_online_types').split(' ').includes(text)) {
    return undefined;
  }
  return mhp_online_type_from_str(text);
}

/**
 * mhp_get_default_online_type(): what becomes of memory right after it was added; from sysfs,
 * from memhp_default_state=, or as compiled in. Kernels before 4.6 never online by themselves.
 */
export function mhp_get_default_online_type(k: View): OnlineType {
  if (k.facts.era.get('auto_online_types') === '') return 'offline';
  const written = k.world.get('vars', DEFAULT_ONLINE_TYPE)?.value;
  if (typeof written === 'string') return knownDefault(k, written) ?? compiled(k);
  return knownDefault(k, param(k, 'memhp_default_state')) ?? compiled(k);
}

/** memory_hotplug.memmap_on_memory=: off, on, or `force` (6.6). */
export function mhp_memmap_on_memory(k: View): 'off' | 'on' | 'force' {
  if (k.facts.era.get('memmap_on_memory') === 'no') return 'off';
  if (!enabled(k.facts.config, 'MHP_MEMMAP_ON_MEMORY')) return 'off';
  const value = param(k, 'memory_hotplug.memmap_on_memory') ?? 'n';
  if (value.toLowerCase() === 'force') {
    return k.facts.era.get('memmap_on_memory_force') ? 'force' : 'off';
  }
  return /^(y|1|on)$/i.test(value) ? 'on' : 'off';
}

/** memory_hotplug.online_policy=auto-movable with its ratio in percent; undefined: contig-zones. */
export function autoMovable(k: View): AutoMovable | undefined {
  if (!k.facts.era.get('online_policy')) return undefined;
  if (param(k, 'memory_hotplug.online_policy') !== 'auto-movable') return undefined;
  const ratio = Number(param(k, 'memory_hotplug.auto_movable_ratio') ?? 301);
  const aware = param(k, 'memory_hotplug.auto_movable_numa_aware') ?? 'y';
  return { ratio: Number.isInteger(ratio) ? ratio : 301, numa_aware: /^(y|1|on)$/i.test(aware) };
}

/** Pages of a memory block. */
export function pagesPerBlock(k: View): number {
  const bytes = BigInt(k.world.get('vars', 'memory_block_size')?.value ?? 0);
  return Number(bytes >> BigInt(k.facts.arch.page_shift));
}
