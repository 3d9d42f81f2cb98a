import { memoryHotremoveBuilt } from './built.ts';
import type { View } from '../../core/facts.ts';
import { firstUnmovable } from './unmovable.ts';

/**
 * removable_show(): since 5.6 every block says 1 where memory can go offline at all; before, a block
 * whose pages look movable (is_mem_section_removable()).
 */
export function removable(
  k: View,
  state: string,
  { start_pfn, nr_pages }: { start_pfn: number; nr_pages: number },
): boolean {
  if (!memoryHotremoveBuilt(k)) return false;
  if (k.facts.era.get('removable_says_built')) return true;
  if (state !== 'online') return false;
  return firstUnmovable(k, { start_pfn, end_pfn: start_pfn + nr_pages }) === undefined;
}
