import type { Kernel } from '../../core/facts.ts';
import { hex } from '../memblock/range-text.ts';
import { memPfnRanges } from '../memblock/memblock.ts';
import { pageShift, pfnPhys } from '../memblock/pages.ts';
import { alloc_node_mem_map, arraysPerNode } from '../memmodel/node-mem-map.ts';
import { hasSubsectionMap } from '../memmodel/section.ts';
import { init_sections } from '../memmodel/init-sections.ts';
import { sparse_init_subsection_map } from '../memmodel/subsection-map.ts';
import { memmap_init } from './memmap-init.ts';
import { zero_unavailable } from './unavailable.ts';
import { alloc_offline_node_data, possibleNodes } from '../numa/initmem-init.ts';
import { call, leaf, operation, type None } from '../../core/world/operation.ts';
import { find_zone_movable_pfns_for_nodes, type MovableStart } from './movable.ts';
import { calculate_node_totalpages, nodePfnRange, pfnRangeText, zoneKey } from './node-totals.ts';
import { possibleZoneRanges, zoneIndex, type ZoneLimits } from './zone-ranges.ts';

/** The log lines about zones and nodes, in this order since 3.x. */
function printRanges(k: Kernel, limits: ZoneLimits, movable: MovableStart): void {
  k.printk('info', 'Zone ranges:');
  k.facts.arch.zones.forEach((name, zone) => {
    if (zone === zoneIndex(k, 'Movable')) return;
    const low = limits.low[zone] ?? 0;
    const high = limits.high[zone] ?? 0;
    k.printk('info', `  ${name.padEnd(8)} ${low === high ? 'empty' : pfnRangeText(k, low, high)}`);
  });
  k.printk('info', 'Movable zone start for each node');
  for (const [nid, pfn] of movable) {
    if (pfn > 0) k.printk('info', `  Node ${nid}: ${hex(pfnPhys(pfn, pageShift(k)), 16)}`);
  }
  k.printk('info', 'Early memory node ranges');
  for (const { start, end, nid } of memPfnRanges(k)) {
    k.printk('info', `  node ${String(nid).padStart(3)}: ${pfnRangeText(k, start, end)}`);
  }
}

/** Empty lists, managed set to what is present until memblock_free_all() counts for real. */
const free_area_init_core = leaf<{ nid: number }, void>(
  'free_area_init_core',
  'mm/mm_init.c:free_area_init_core',
  (k, { nid }) => {
    k.facts.arch.zones.forEach((name, index) => {
      const zone = k.world.need('zones', zoneKey(nid, index));
      k.world.patch('zones', zone.key, { managed_pages: zone.present_pages });
      if (!k.facts.era.get('totalpages_log') || zone.spanned_pages === 0) return;
      k.printk(
        'debug',
        `  ${name} zone: ${memmapPages(k, zone.spanned_pages)} pages used for memmap`,
      );
    });
  },
);

/** Pages of memmap a zone of that span costs (calc_memmap_size). */
function memmapPages(k: Kernel, spanned: number): number {
  return Math.ceil((spanned * k.facts.arch.sizeof_page) / 2 ** k.facts.arch.page_shift);
}

const free_area_init_node = operation<
  { nid: number; limits: ZoneLimits; movable: MovableStart },
  void
>(
  'free_area_init_node',
  'mm/mm_init.c:free_area_init_node',
  function* (k, { nid, limits, movable }) {
    const { start, end } = nodePfnRange(k, nid);
    if (start === end) k.printk('info', `Initmem setup node ${nid} as memoryless`);
    else k.printk('info', `Initmem setup node ${nid} ${pfnRangeText(k, start, end)}`);
    yield* call(calculate_node_totalpages, { nid, start, end, limits, movable });
    if (arraysPerNode(k)) yield* call(alloc_node_mem_map, { nid });
    yield* call(free_area_init_core, { nid });
  },
  { show: ({ nid }) => ({ nid }) },
);

/** Zones and nodes from memblock, then every struct page of the boot. */
export const free_area_init = operation<None, void>(
  (k) => (k.facts.era.get('free_area_init_nodes') ? 'free_area_init_nodes' : 'free_area_init'),
  'mm/mm_init.c:free_area_init',
  function* (k) {
    if (k.facts.era.get('sparse_init_in_free_area_init')) yield* init_sections(k);
    const limits = possibleZoneRanges(k);
    const movable = yield* call(find_zone_movable_pfns_for_nodes, { limits });
    printRanges(k, limits, movable);
    if (hasSubsectionMap(k)) {
      for (const { start, end } of memPfnRanges(k)) {
        yield* call(sparse_init_subsection_map, { start, end });
      }
    }
    const holes = k.facts.era.get('hole_struct_pages');
    if (holes === 'zeroed' || holes === 'zone0') yield* call(zero_unavailable, {});
    if (k.facts.era.get('offline_node_data')) {
      for (const nid of possibleNodes(k)) {
        if (!k.world.get('nodes', nid)) yield* call(alloc_offline_node_data, { nid });
      }
    }
    for (const { nid } of [...k.world.rows('nodes')]) {
      yield* call(free_area_init_node, { nid, limits, movable });
    }
    yield* call(memmap_init, {});
  },
);
