import type { HmatLocality } from '../../../../shared/lab/machine.ts';
import type { View } from '../../core/facts.ts';
import { fail, failed, leaf, type Outcome } from '../../core/world/operation.ts';

/** MEMTIER_CHUNK_BITS (include/linux/memory-tiers.h). */
const CHUNK_BITS = 7;
const CHUNK = 1 << CHUNK_BITS;
/** MEMTIER_ADISTANCE_DRAM: the middle of the fifth chunk. */
export const ADISTANCE_DRAM = 4 * CHUNK + CHUNK / 2;
/** MEMTIER_DEFAULT_DAX_ADISTANCE (drivers/dax/kmem.c). */
export const ADISTANCE_DAX = ADISTANCE_DRAM * 5;

/** struct access_coordinate: latencies in nanoseconds, bandwidths in MB/s. */
export type Coordinate = Omit<HmatLocality, 'initiator' | 'target'>;

/** In the order the kernel compares them (enum locality_types); of latencies the least is best. */
const ATTRIBUTES = [
  ['write_latency', Math.min],
  ['read_latency', Math.min],
  ['write_bandwidth', Math.max],
  ['read_bandwidth', Math.max],
] as const;

/**
 * hmat_update_target_attrs(ACCESS_COORDINATE_CPU): how the nearest CPUs see the memory of a node;
 * undefined where HMAT does not say.
 */
function hmatCoordinate(k: View, nid: number): Coordinate | undefined {
  const { hmat, nodes } = k.facts.machine;
  const hasCpu = (id: number) => (nodes.find((node) => node.id === id)?.cpus ?? 0) > 0;
  let left = hmat.filter(({ target, initiator }) => target === nid && hasCpu(initiator));
  for (const [name, better] of ATTRIBUTES) {
    const best = left.map((one) => one[name]).reduce((a, b) => better(a, b), left[0]?.[name] ?? 0);
    left = left.filter((one) => one[name] === best);
  }
  return left[0];
}

/** Nodes that had both memory and CPUs when memory tiers were set up (default_dram_nodes). */
function dramNodes(k: View): number[] {
  const withMemory = new Set([...k.world.rows('memblock_memory')].map(({ nid }) => nid));
  return k.facts.machine.nodes
    .filter(({ id, cpus }) => cpus > 0 && withMemory.has(id))
    .map(({ id }) => id);
}

const unlike = (a: number, b: number): boolean => Math.abs(a - b) * 10 > b;

/** mt_set_default_dram_perf(): -EIO where DRAM nodes differ by more than a tenth. */
function dramPerf(k: View): Outcome<Coordinate> {
  let reference: Coordinate | undefined;
  for (const nid of dramNodes(k)) {
    const perf = hmatCoordinate(k, nid);
    if (!perf) continue;
    reference ??= perf;
    const base = reference;
    if (ATTRIBUTES.some(([name]) => unlike(perf[name], base[name]))) {
      return fail('EIO', 'default_dram_perf_error: DRAM nodes differ by more than a tenth');
    }
  }
  return reference ?? fail('ENOENT', 'default_dram_perf_ref_nid == NUMA_NO_NODE');
}

/** mt_perf_to_adistance(): abstract distance from latency and bandwidth, in whole numbers as in C. */
export const mt_perf_to_adistance = leaf<Coordinate, Outcome<number>>(
  'mt_perf_to_adistance',
  'mm/memory-tiers.c:mt_perf_to_adistance',
  distanceOf,
);

function distanceOf(k: View, perf: Coordinate): Outcome<number> {
  const latency = BigInt(perf.read_latency + perf.write_latency);
  const bandwidth = BigInt(perf.read_bandwidth + perf.write_bandwidth);
  if (latency === 0n || bandwidth === 0n) {
    return fail('EINVAL', 'perf->read_latency + perf->write_latency == 0 || bandwidth == 0');
  }
  const dram = dramPerf(k);
  if (failed(dram)) return dram;
  const dramLatency = BigInt(dram.read_latency + dram.write_latency);
  const dramBandwidth = BigInt(dram.read_bandwidth + dram.write_bandwidth);
  const share = (BigInt(ADISTANCE_DRAM) * latency) / dramLatency;
  return Number((share * dramBandwidth) / bandwidth);
}

/** What HMAT says of a node, then what a driver's algorithm does (mt_adistance_algorithms). */
function performance(k: View, nid: number): Coordinate | undefined {
  const firmware = hmatCoordinate(k, nid);
  if (firmware || !k.facts.era.get('adistance_of_cxl_region')) return firmware;
  return k.world.get('node_performance', nid);
}

/** mt_calc_adistance(): the abstract distance an algorithm gives; null where none does. */
export const mt_calc_adistance = leaf<{ node: number }, number | null>(
  'mt_calc_adistance',
  'mm/memory-tiers.c:mt_calc_adistance',
  (k, { node }) => calculated(k, node),
);

function calculated(k: View, nid: number): number | null {
  if (!k.facts.era.get('adistance_of_hmat')) return null;
  const perf = performance(k, nid);
  if (!perf) return null;
  const found = distanceOf(k, perf);
  return failed(found) ? null : found;
}

/** init_node_memory_type(): what a driver says of its memory's distance. */
export const init_node_memory_type = leaf<{ node: number; adistance: number }, void>(
  'init_node_memory_type',
  'mm/memory-tiers.c:init_node_memory_type',
  (k, { node, adistance }) => {
    if (!k.world.get('node_memory_types', node)) {
      k.world.put('node_memory_types', { nid: node, adistance, users: 1 });
      return;
    }
    const { users } = k.world.need('node_memory_types', node);
    k.world.patch('node_memory_types', node, { users: users + 1 });
  },
);

/** clear_node_memory_type(): the last driver that said so is gone. */
export const clear_node_memory_type = leaf<{ node: number }, void>(
  'clear_node_memory_type',
  'mm/memory-tiers.c:clear_node_memory_type',
  (k, { node }) => {
    const row = k.world.get('node_memory_types', node);
    if (!row) return;
    if (row.users > 1) k.world.patch('node_memory_types', node, { users: row.users - 1 });
    else k.world.remove('node_memory_types', node);
  },
);

/** register_mt_adistance_algorithm() of a driver that knows the performance of one node. */
export const register_mt_adistance_algorithm = leaf<Coordinate & { node: number }, void>(
  'register_mt_adistance_algorithm',
  'mm/memory-tiers.c:register_mt_adistance_algorithm',
  (k, { node, ...perf }) => k.world.put('node_performance', { nid: node, ...perf }),
);

/** The tier of a node: its abstract distance, and N of memory_tierN; undefined before 6.1. */
export function memoryTier(k: View, nid: number): { adistance: number; tier: number } | undefined {
  if (!k.facts.era.get('memory_tiers')) return undefined;
  const named = k.world.get('node_memory_types', nid)?.adistance;
  const adistance = named ?? calculated(k, nid) ?? ADISTANCE_DRAM;
  return { adistance, tier: Math.floor(adistance / CHUNK) };
}
