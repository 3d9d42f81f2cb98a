import type { Kernel } from '../../core/facts.ts';
import { possibleNodes } from '../numa/initmem-init.ts';
import { call, leaf, operation } from '../../core/world/operation.ts';

/** A node's zones as they are before any memory: nothing in any of them. */
function emptyZones(k: Kernel, nid: number): void {
  k.facts.arch.zones.forEach((name, index) => {
    const key = nid * 8 + index;
    k.world.put('zones', {
      key,
      nid,
      index,
      name,
      zone_start_pfn: 0,
      spanned_pages: 0,
      present_pages: 0,
      present_early_pages: 0,
      managed_pages: 0,
      contiguous: k.world.get('zones', key)?.contiguous ?? false,
    });
  });
}

/**
 * hotadd_init_pgdat(): a node without memory gets its pglist_data with empty zones. Since 5.18 the
 * boot has allocated it for every possible node; only the counts start again.
 */
const hotadd_init_pgdat = leaf<{ nid: number }, void>(
  'hotadd_init_pgdat',
  'mm/memory_hotplug.c:hotadd_init_pgdat',
  (k, { nid }) => {
    const old = k.world.get('nodes', nid);
    const cpus = old?.cpus ?? k.facts.machine.nodes.find(({ id }) => id === nid)?.cpus ?? 0;
    k.world.put('nodes', {
      nid,
      online: false,
      cpus,
      node_start_pfn: old?.node_start_pfn ?? 0,
      node_spanned_pages: old?.node_spanned_pages ?? 0,
      node_present_pages: 0,
      first_deferred_pfn: null,
    });
    if (!old) emptyZones(k, nid);
  },
);

/** node_possible(): may the node ever have memory? */
export function node_possible(k: Kernel, nid: number): boolean {
  return k.world.get('nodes', nid) !== undefined || possibleNodes(k).includes(nid);
}

/** __try_online_node(nid, false): true where the node is new and still to be made online. */
export const __try_online_node = operation<{ nid: number }, boolean>(
  '__try_online_node',
  'mm/memory_hotplug.c:__try_online_node',
  function* (k, { nid }) {
    if (k.world.get('nodes', nid)?.online) return false;
    yield* call(hotadd_init_pgdat, { nid });
    return true;
  },
);

/** node_set_online() and the node's directory in sysfs. */
export const register_one_node = leaf<{ nid: number }, void>(
  (k) => k.facts.era.get('register_one_node'),
  'drivers/base/node.c:register_one_node',
  (k, { nid }) => {
    k.world.patch('nodes', nid, { online: true });
  },
);

/**
 * try_offline_node(): a node without pages, blocks and CPUs goes offline. ZONE_DEVICE never gives
 * its span back, so a node that ever had device memory stays.
 */
export const try_offline_node = leaf<{ nid: number }, void>(
  'try_offline_node',
  'mm/memory_hotplug.c:try_offline_node',
  (k, { nid }) => {
    const node = k.world.need('nodes', nid);
    if (node.node_spanned_pages > 0) {
      k.note('pgdat->node_spanned_pages: the node stays online');
      return;
    }
    for (const block of k.world.rows('memory_blocks')) if (block.nid === nid) return;
    if (node.cpus > 0) return;
    k.world.patch('nodes', nid, { online: false });
  },
);
