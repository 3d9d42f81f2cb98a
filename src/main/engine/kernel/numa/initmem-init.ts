import type { Kernel } from '../../core/facts.ts';
import { hex, mem8, mem16 } from '../memblock/range-text.ts';
import { memblockAlloc } from '../memblock/memblock.ts';
import { pfnPhys } from '../memblock/pages.ts';
import { flagVar, numberVar, setVar } from '../../core/world/variables.ts';
import { highmemVariables } from '../memblock/low-memory.ts';
import { memblock_set_node } from '../memblock/set-node.ts';
import { initNodes } from './arch-numa.ts';
import { acpi_parse_cfmws, windowNodes } from './cxl-windows.ts';
import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { cleanupMeminfo, type NumaBlock } from './numa-meminfo.ts';

/** sizeof(pg_data_t) on such kernels, rounded to pages as alloc_node_data() does. */
const PG_DATA_SIZE = 0x2b000n;

interface Collected {
  /** numa_meminfo while a numa_init() attempt runs. */
  blocks: NumaBlock[];
  reserved: NumaBlock[];
}

const acpi_numa_memory_affinity_init = leaf<
  { start: bigint; end: bigint; node: number; hotplug: boolean; non_volatile: boolean },
  void
>(
  (k) => k.facts.era.get('acpi_numa_memory_affinity_init'),
  'drivers/acpi/numa/srat.c:acpi_numa_memory_affinity_init',
  (k, { start, end, node, hotplug, non_volatile }) => {
    const marks = `${hotplug ? ' hotplug' : ''}${non_volatile ? ' non-volatile' : ''}`;
    k.printk('info', `ACPI: SRAT: Node ${node} PXM ${node} ${mem8(start, end)}${marks}`);
    if (hotplug) {
      for (const row of k.world.overlapping('memblock_memory', start, end)) {
        const first = row.start > start ? row.start : start;
        const last = row.end < end ? row.end : end;
        k.world.set('memblock_memory', first, last, { nid: row.nid, flags: 'HOTPLUG' });
      }
    }
    // The last page of the range counts as well: PFN_UP(end - 1).
    const limit = Number((end - 1n + 4095n) >> 12n);
    const possible = k.world.get('vars', 'max_possible_pfn');
    if (possible && limit > Number(possible.value)) {
      k.world.put('vars', { name: 'max_possible_pfn', value: limit });
    }
  },
);

const x86_acpi_numa_init = operation<{ into: Collected }, Outcome<number>>(
  'x86_acpi_numa_init',
  'arch/x86/mm/srat.c:x86_acpi_numa_init',
  function* (k, { into }) {
    const { srat } = k.facts.machine;
    if (srat.length === 0) return fail('ENOENT', 'cnt < 0: no SRAT');
    for (const { start, end, node, hotplug, non_volatile } of srat) {
      const range = { start, end: end + 1n, node, hotplug, non_volatile };
      yield* call(acpi_numa_memory_affinity_init, range);
      into.blocks.push({ start, end: end + 1n, nid: node });
    }
    for (const window of windowNodes(k)) {
      into.blocks = yield* call(acpi_parse_cfmws, { ...window, blocks: into.blocks });
    }
    return 0;
  },
  { show: () => ({}) },
);

const dummy_numa_init = leaf<{ into: Collected }, Outcome<number>>(
  'dummy_numa_init',
  'arch/x86/mm/numa.c:dummy_numa_init',
  (k, { into }) => {
    const off = flagVar(k, 'numa_off');
    k.printk('info', off ? 'NUMA turned off' : 'No NUMA configuration found');
    const end = pfnPhys(Number(k.world.need('vars', 'max_pfn').value));
    k.printk('info', `Faking a node at ${mem16(0n, end)}`);
    into.blocks.push({ start: 0n, end, nid: 0 });
    return 0;
  },
  { show: () => ({}) },
);

const numa_cleanup_meminfo = leaf<{ into: Collected }, Outcome<number>>(
  'numa_cleanup_meminfo',
  'arch/x86/mm/numa.c:numa_cleanup_meminfo',
  (k, { into }) => {
    const result = cleanupMeminfo(k, into.blocks);
    if ('conflict' in result) {
      const [a, b] = result.conflict;
      k.printk(
        'err',
        `NUMA: node ${a.nid} ${mem8(a.start, a.end)} overlaps with node ${b.nid} ${mem8(b.start, b.end)}`,
      );
      return fail('EINVAL', 'bi->end > bj->start && bi->start < bj->end && bi->nid != bj->nid');
    }
    into.blocks = result.blocks;
    into.reserved = result.reserved;
    for (const { start, end, nid } of result.blocks)
      k.world.set('numa_meminfo', start, end, { nid });
    return 0;
  },
  { show: () => ({}) },
);

/** Memory of nodes that hold boot reservations cannot be unplugged: its mark goes. */
const numa_clear_kernel_node_hotplug = leaf<Record<string, never>, void>(
  'numa_clear_kernel_node_hotplug',
  'arch/x86/mm/numa.c:numa_clear_kernel_node_hotplug',
  (k) => {
    const { world } = k;
    const kernelNodes = new Set<number>();
    for (const { start, end } of world.rows('memblock_reserved')) {
      for (const { nid } of world.overlapping('numa_meminfo', start, end)) kernelNodes.add(nid);
    }
    for (const row of [...world.rows('memblock_memory')]) {
      if (row.flags === 'HOTPLUG' && kernelNodes.has(row.nid)) {
        world.update('memblock_memory', row.start, row.end, { flags: '' });
      }
    }
  },
);

/** At most 1 MiB of RAM may be on no node, or the tables are not used. */
const numa_meminfo_cover_memory = leaf<Record<string, never>, boolean>(
  (k) => k.facts.era.get('numa_meminfo_cover_memory'),
  'arch/x86/mm/numa.c:numa_meminfo_cover_memory',
  (k) => {
    let missing = 0n;
    let all = 0n;
    for (const { start, end } of k.world.rows('memblock_memory')) {
      let covered = 0n;
      for (const row of k.world.overlapping('numa_meminfo', start, end)) {
        covered += (row.end < end ? row.end : end) - (row.start > start ? row.start : start);
      }
      all += end - start;
      missing += end - start - covered;
    }
    if (missing < 1n << 20n) return true;
    k.printk(
      'err',
      `NUMA: nodes only cover ${(all - missing) >> 20n}MB of your ${all >> 20n}MB e820 RAM. Not used.`,
    );
    return false;
  },
);

const alloc_node_data = leaf<{ nid: number }, void>(
  'alloc_node_data',
  'arch/x86/mm/numa.c:alloc_node_data',
  (k, { nid }) => {
    const at = memblockAlloc(k, PG_DATA_SIZE, 64n, nid, `NODE_DATA(${nid})`);
    if (at !== undefined) {
      k.printk('info', `NODE_DATA(${nid}) allocated ${mem8(at, at + PG_DATA_SIZE)}`);
    }
    putNode(k, nid, true);
  },
);

function putNode(k: Kernel, nid: number, online: boolean): void {
  const cpus = k.facts.machine.nodes.find(({ id }) => id === nid)?.cpus ?? 0;
  k.world.put('nodes', {
    nid,
    online,
    cpus,
    node_start_pfn: 0,
    node_spanned_pages: 0,
    node_present_pages: 0,
    first_deferred_pfn: null,
  });
}

/** A node with CPUs but without memory still comes up. */
const init_memory_less_node = leaf<{ nid: number }, void>(
  'init_memory_less_node',
  'arch/x86/mm/numa.c:init_memory_less_node',
  (k, { nid }) => putNode(k, nid, true),
);

/** pg_data_t of a possible node that is offline: no memory and no CPU yet. */
export const alloc_offline_node_data = leaf<{ nid: number }, void>(
  'alloc_offline_node_data',
  'mm/numa.c:alloc_offline_node_data',
  (k, { nid }) => putNode(k, nid, false),
);

/** node_possible_map: nodes that SRAT names; the one faked node without SRAT. */
export function possibleNodes(k: Kernel): number[] {
  const { srat, nodes } = k.facts.machine;
  const used = [...k.world.rows('nodes')].map(({ nid }) => nid);
  if (k.world.get('vars', 'numa_from_srat')?.value !== true) return used;
  const windows = k.facts.era.get('cfmws_nodes_possible') ? windowNodes(k) : [];
  const named = [
    ...srat.map(({ node }) => node),
    ...nodes.map(({ id }) => id),
    ...windows.map(({ nid }) => nid),
    ...used,
  ];
  return [...new Set(named)].sort((a, b) => a - b);
}

const numa_register_memblks = operation<{ into: Collected }, Outcome<number>>(
  (k) => (k.facts.era.get('numa_meminfo_low') ? 'numa_register_meminfo' : 'numa_register_memblks'),
  'arch/x86/mm/numa.c:numa_register_memblks',
  function* (k, { into }) {
    for (const { start, end, nid } of into.blocks) {
      yield* call(memblock_set_node, { start, end, nid });
    }
    yield* call(numa_clear_kernel_node_hotplug, {});
    if (!(yield* call(numa_meminfo_cover_memory, {}))) {
      return fail('EINVAL', '!numa_meminfo_cover_memory(mi)');
    }
    return 0;
  },
  { show: () => ({}) },
);

/** One attempt with one source of NUMA information. */
const numa_init = operation<{ source: 'acpi' | 'dummy' }, Outcome<number>>(
  'numa_init',
  'arch/x86/mm/numa.c:numa_init',
  function* (k, { source }) {
    k.world.clear('numa_meminfo', 0n, 1n << 64n);
    const into: Collected = { blocks: [], reserved: [] };
    const found =
      source === 'acpi'
        ? yield* call(x86_acpi_numa_init, { into })
        : yield* call(dummy_numa_init, { into });
    if (failed(found)) return found;
    const cleaned = yield* call(numa_cleanup_meminfo, { into });
    if (failed(cleaned)) return cleaned;
    const registered = yield* call(numa_register_memblks, { into });
    if (failed(registered)) return registered;
    const minimum = k.facts.era.get('numa_node_min_size');
    for (const nid of [...new Set(into.blocks.map((block) => block.nid))].sort((a, b) => a - b)) {
      const bytes = nodeSpan(k, nid);
      if (bytes === 0n || bytes < BigInt(minimum)) {
        k.note(`node ${nid} has ${hex(bytes, 1)} bytes: not brought up`);
        continue;
      }
      yield* call(alloc_node_data, { nid });
    }
    return 0;
  },
);

function nodeSpan(k: Kernel, nid: number): bigint {
  let start: bigint | undefined;
  let end = 0n;
  for (const row of k.world.rows('memblock_memory')) {
    if (row.nid !== nid) continue;
    start ??= row.start;
    end = row.end;
  }
  return start === undefined ? 0n : end - start;
}

export const x86_numa_init = operation<Record<string, never>, void>(
  'x86_numa_init',
  'arch/x86/mm/numa.c:x86_numa_init',
  function* (k) {
    const off = flagVar(k, 'numa_off');
    if (!off) {
      const result = yield* call(numa_init, { source: 'acpi' });
      if (!failed(result)) {
        k.world.put('vars', { name: 'numa_from_srat', value: true });
        for (const nid of possibleNodes(k)) {
          const cpus = k.facts.machine.nodes.find(({ id }) => id === nid)?.cpus ?? 0;
          if (cpus > 0 && !k.world.get('nodes', nid)) yield* call(init_memory_less_node, { nid });
        }
        return;
      }
    }
    yield* call(numa_init, { source: 'dummy' });
  },
);

export const initmem_init = operation<Record<string, never>, void>(
  'initmem_init',
  'arch/x86/mm/numa_64.c:initmem_init',
  function* (k) {
    if (k.facts.arch.name === 'x86_32') highmemVariables(k);
    if (k.facts.arch.memory_model === 'flatmem') setVar(k, 'max_mapnr', numberVar(k, 'max_pfn'));
    yield* initNodes(k, x86_numa_init);
  },
);
