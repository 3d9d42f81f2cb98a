import type { Facts } from '../../core/facts.ts';
import type { World } from '../../core/world/world.ts';

/**
 * /proc/buddyinfo (mm/vmstat.c:frag_show_print): populated zones, a column an order. How free
 * memory is split is not determined by the machine: the figures are `-`.
 */
export function buddyinfoText(world: World, facts: Facts): string {
  const orders = facts.arch.max_page_order + 1;
  let text = '';
  for (const { nid, name, present_pages } of world.rows('zones')) {
    if (present_pages === 0) continue;
    const figures = Array.from({ length: orders }, () => `${'-'.padStart(6)} `).join('');
    text += `Node ${nid}, zone ${name.padStart(8)} ${figures}\n`;
  }
  return text;
}
