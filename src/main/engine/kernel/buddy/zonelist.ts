import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Facts } from '../../core/facts.ts';
import type { World } from '../../core/world/world.ts';

type Zone = RowOf<'zones'>;

/** node_distance(): what firmware says, LOCAL_DISTANCE and REMOTE_DISTANCE where it says nothing. */
function nodeDistance(facts: Facts, from: number, to: number): number {
  const { nodes } = facts.machine;
  const column = nodes.findIndex(({ id }) => id === to);
  const row = nodes.find(({ id }) => id === from);
  return row?.distances[column] ?? (from === to ? 10 : 20);
}

/** PENALTY_FOR_NODE_WITH_CPUS (include/linux/topology.h). */
const PENALTY_FOR_NODE_WITH_CPUS = 1;

/**
 * find_next_best_node() until no node with memory is left: the local node, then the nearest; among
 * equals one without CPUs, and the one after the local node before the one in front of it.
 * `load` keeps later nodes of equal distance from all using the same one.
 */
function nodeOrder(
  world: World,
  facts: Facts,
  local: number,
  withMemory: readonly number[],
  load: Map<number, number>,
): number[] {
  const order: number[] = [];
  const left = new Set(withMemory);
  if (left.delete(local)) order.push(local);
  const maxNodes = 2 ** facts.arch.nodes_shift;
  const cost = (nid: number): number => {
    let value = nodeDistance(facts, local, nid) + (nid < local ? 1 : 0);
    if ((world.get('nodes', nid)?.cpus ?? 0) > 0) value += PENALTY_FOR_NODE_WITH_CPUS;
    return value * maxNodes * withMemory.length + (load.get(nid) ?? 0);
  };
  let previous = local;
  while (left.size > 0) {
    let best = -1;
    for (const nid of [...left].sort((a, b) => a - b)) {
      if (best < 0 || cost(nid) < cost(best)) best = nid;
    }
    left.delete(best);
    if (nodeDistance(facts, local, best) !== nodeDistance(facts, local, previous)) {
      load.set(best, (load.get(best) ?? 0) + 1);
    }
    previous = best;
    order.push(best);
  }
  return order;
}

/** ZONELIST_FALLBACK of every node, as __build_all_zonelists() leaves them: node by node. */
const cache = new WeakMap<World, { key: string; lists: Map<number, Zone['key'][]> }>();

function zonelists(world: World, facts: Facts): Map<number, Zone['key'][]> {
  const managed = [...world.rows('zones')].filter(({ managed_pages }) => managed_pages > 0);
  const nodes = [...world.rows('nodes')].map(({ nid }) => nid);
  const key = `${nodes.join()}:${managed.map((zone) => zone.key).join()}`;
  const known = cache.get(world);
  if (known?.key === key) return known.lists;
  const withMemory = nodes.filter((nid) => managed.some((zone) => zone.nid === nid));
  const load = new Map<number, number>();
  const lists = new Map<number, Zone['key'][]>();
  for (const nid of nodes) {
    const order = nodeOrder(world, facts, nid, withMemory, load);
    lists.set(
      nid,
      order.flatMap((node) =>
        managed
          .filter((zone) => zone.nid === node)
          .map((zone) => zone.key)
          .reverse(),
      ),
    );
  }
  cache.set(world, { key, lists });
  return lists;
}

/**
 * build_zonelists() (mm/page_alloc.c): the zones an allocation on `nid` tries, best first: node by
 * node, in each from the highest zone that will do downwards; only zones with managed pages.
 *
 * @param thisnode ZONELIST_NOFALLBACK: the node's own zones only
 */
export function zonelist(
  world: World,
  facts: Facts,
  nid: number,
  highest: number,
  thisnode: boolean,
): Zone[] {
  return (zonelists(world, facts).get(nid) ?? []).flatMap((key) => {
    const zone = world.need('zones', key);
    return zone.index <= highest && (!thisnode || zone.nid === nid) ? [zone] : [];
  });
}
