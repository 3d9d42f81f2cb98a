import type { Look } from '../../core/direct-map.ts';
import { since } from '../../core/era/version.ts';
import { hasSubsectionMap } from './section.ts';

/** A bitmap of `bits` in whole longs, bytes. */
function bitmapBytes(bits: number, long: number): number {
  return Math.ceil(bits / (long * 8)) * long;
}

/**
 * sizeof(struct mem_section_usage) with its pageblock flags: an rcu_head (6.8, and 6.1 by
 * backport), the sub-section map, four bits a pageblock, eight since 7.0. Before 5.3 the pageblock
 * flags alone (mm/sparse.c:usemap_size, mem_section_usage_size).
 */
export function sectionUsageBytes({ facts }: Pick<Look, 'facts'>): number {
  const { arch, era } = facts;
  const long = arch.bits_per_long / 8;
  const bits = since(era.version, '7.0') ? 8 : 4;
  const flags = bitmapBytes((arch.pages_per_section / 2 ** arch.pageblock_order) * bits, long);
  if (arch.name === 'x86_64' && hasSubsectionMap({ facts })) return era.get('sizeof_section_usage');
  if (!since(era.version, '5.3')) return flags;
  const head = since(era.version, '6.1') ? 2 * long : 0;
  const map = hasSubsectionMap({ facts }) ? bitmapBytes(arch.subsections_per_section, long) : 0;
  return head + map + flags;
}
