import { mem16, mem8 } from '../memblock/range-text.ts';
import { dramRange } from '../memblock/memblock.ts';
import { memblockAlloc } from '../memblock/memblock.ts';
import { memblock_set_node } from '../memblock/set-node.ts';
import { enabled } from '../../core/arch/config.ts';
import { flagVar } from '../../core/world/variables.ts';
import { since } from '../../core/era/version.ts';
import type { Kernel } from '../../core/facts.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type KernelFunction,
  type None,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';

/** sizeof(pg_data_t) of an arm64 kernel of 6.12, rounded to a cache line. */
const PG_DATA_SIZE = 14144n;

/** Puts memory on a node; it ends at memblock's own ranges. */
const numa_add_memblk = leaf<{ nid: number; start: bigint; end: bigint }, number>(
  'numa_add_memblk',
  'drivers/base/arch_numa.c:numa_add_memblk',
  (k, { nid, start, end }) => {
    k.world.update('memblock_memory', start, end, { nid });
    return 0;
  },
);

/** Node properties of the device tree, or SRAT: the same list of ranges. */
const of_numa_init = operation<Record<string, never>, Outcome<number>>(
  'of_numa_init',
  'drivers/of/of_numa.c:of_numa_init',
  function* (k) {
    const { srat } = k.facts.machine;
    if (srat.length === 0) return fail('EINVAL', 'nodes_empty(numa_nodes_parsed)');
    for (const { start, end, node } of srat) {
      yield* call(numa_add_memblk, { nid: node, start, end: end + 1n });
    }
    return 0;
  },
);

const dummy_numa_init = operation<Record<string, never>, Outcome<number>>(
  'dummy_numa_init',
  'drivers/base/arch_numa.c:dummy_numa_init',
  function* (k) {
    const { start, end } = dramRange(k);
    if (flagVar(k, 'numa_off')) k.printk('info', 'NUMA: NUMA disabled');
    k.printk('info', `NUMA: Faking a node at ${mem16(start, end)}`);
    yield* call(numa_add_memblk, { nid: 0, start, end });
    return 0;
  },
);

/** The node's pglist_data, on the node itself where it has room. */
export const setup_node_data = leaf<{ nid: number }, void>(
  'setup_node_data',
  'drivers/base/arch_numa.c:setup_node_data',
  (k, { nid }) => {
    const at = memblockAlloc(k, PG_DATA_SIZE, 64n, nid, `NODE_DATA(${nid})`);
    if (at !== undefined) {
      const range = mem8(at, at + PG_DATA_SIZE);
      const shared = since(k.facts.era.version, '6.12');
      k.printk(
        'info',
        shared ? `NODE_DATA(${nid}) allocated ${range}` : `NUMA: NODE_DATA ${range}`,
      );
    }
    addNode(k, nid);
  },
);

/** A node without pages yet, online. */
export function addNode(k: Kernel, nid: number): void {
  const cpus = k.facts.machine.nodes.find(({ id }) => id === nid)?.cpus ?? 0;
  k.world.put('nodes', {
    nid,
    online: true,
    cpus,
    node_start_pfn: 0,
    node_spanned_pages: 0,
    node_present_pages: 0,
    first_deferred_pfn: null,
  });
}

/** Nodes that memory was put on; undefined where some memory is on none. */
function memoryNodes(k: Kernel): number[] | undefined {
  const nids = new Set<number>();
  for (const { nid } of k.world.rows('memblock_memory')) {
    if (nid < 0) return undefined;
    nids.add(nid);
  }
  return [...nids].sort((a, b) => a - b);
}

const numa_register_nodes = operation<Record<string, never>, Outcome<number>>(
  'numa_register_nodes',
  'drivers/base/arch_numa.c:numa_register_nodes',
  function* (k) {
    const nids = memoryNodes(k);
    if (!nids) return fail('EINVAL', 'mblk_nid == NUMA_NO_NODE');
    for (const nid of nids) yield* call(setup_node_data, { nid });
    return 0;
  },
);

const numa_init = operation<{ source: 'firmware' | 'dummy' }, Outcome<number>>(
  'numa_init',
  'drivers/base/arch_numa.c:numa_init',
  function* (_k, { source }) {
    const found = yield* call(source === 'firmware' ? of_numa_init : dummy_numa_init, {});
    if (failed(found)) return found;
    return yield* call(numa_register_nodes, {});
  },
);

/** Nodes of arm64 and riscv: from firmware, or one for all memory. */
export const arch_numa_init = operation<Record<string, never>, void>(
  'arch_numa_init',
  'drivers/base/arch_numa.c:arch_numa_init',
  function* (k) {
    if (!flagVar(k, 'numa_off')) {
      const result = yield* call(numa_init, { source: 'firmware' });
      if (!failed(result)) return;
    }
    yield* call(numa_init, { source: 'dummy' });
  },
);

/** Nodes as the architecture's `init` finds them with NUMA, else one for all memory. */
export function* initNodes(
  k: Kernel,
  init: KernelFunction<None, unknown>,
  numa = enabled(k.facts.config, 'NUMA'),
) {
  if (numa) yield* call(init, {});
  else yield* oneNode(k);
}

/** Kernels without NUMA: all memory is on node 0, whose pglist_data is contig_page_data. */
function* oneNode(k: Kernel): Operation<void> {
  addNode(k, 0);
  yield* call(memblock_set_node, { ...dramRange(k), nid: 0 });
}
