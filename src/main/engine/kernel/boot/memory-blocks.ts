import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { add_memory_block } from '../hotplug/add-memory-block.ts';
import { advisedBlockSize } from '../numa/cxl-windows.ts';
import { memoryHotplugBuilt } from '../hotplug/built.ts';
import { call, leaf, operation, type KernelFunction } from '../../core/world/operation.ts';
import { pageShift } from '../memblock/pages.ts';
import { numberVar, setVar } from '../../core/world/variables.ts';

const SZ_64G = 1n << 36n;
const MIN_BLOCK = 1n << 27n;
const MAX_BLOCK = 1n << 31n;

/**
 * Size of memory blocks, bytes. On x86_64 128 MiB below 64 GiB of memory, 2 GiB on bare metal above it; a
 * guest takes the largest power of two that divides the end of memory, and so does a machine whose
 * CXL windows advise less than 2 GiB (6.15). On s390x and ppc64 what
 * firmware adds memory in, but not less than a section; elsewhere a section.
 */
function memoryBlockSizeBytes(file: string, name = 'memory_block_size_bytes') {
  return leaf<Record<string, never>, bigint>(
    (k) =>
      k.facts.era.get('memory_block_probe') === 'totalram' ? 'memory_block_size_bytes' : name,
    `${file}:${name}`,
    (k) => {
      const bytes = blockSize(k);
      setVar(k, 'memory_block_size', bytes);
      return bytes;
    },
  );
}

const memory_block_size_bytes = memoryBlockSizeBytes('drivers/base/memory.c');
const MEMORY_BLOCK_SIZE_BYTES: Readonly<
  Record<string, KernelFunction<Record<string, never>, bigint>>
> = {
  x86_64: memoryBlockSizeBytes('arch/x86/mm/init_64.c', 'probe_memory_block_size'),
  s390x: memoryBlockSizeBytes('arch/s390/mm/init.c'),
  ppc64: memoryBlockSizeBytes('arch/powerpc/mm/init_64.c'),
};

function blockSize(k: Kernel): bigint {
  const { arch, machine } = k.facts;
  if (arch.name !== 'x86_64') {
    // One section, the generic rule; s390 and powerpc take what firmware says where that is more.
    const section = 1n << BigInt(arch.section_size_bits);
    const increment = machine.memory_increment ?? section;
    return increment > section ? increment : section;
  }
  const end = BigInt(numberVar(k, 'max_pfn')) << 12n;
  const rule = k.facts.era.get('memory_block_probe');
  if (rule === 'totalram' && BigInt(numberVar(k, 'totalram_pages')) << 12n >= SZ_64G) {
    return MAX_BLOCK;
  }
  if (end < SZ_64G) return MIN_BLOCK;
  const advised = advisedBlockSize(k);
  const bare = rule === 'hypervisor' && !k.facts.machine.cpu.hypervisor;
  if (advised === 0n && bare) return MAX_BLOCK;
  let size = advised === 0n || advised > MAX_BLOCK ? MAX_BLOCK : advised;
  while (size > MIN_BLOCK && end % size !== 0n) size >>= 1n;
  return size;
}

/** The zone of a block, null where it has several zones or nodes. */
function zoneOfBlock(
  zones: readonly RowOf<'zones'>[],
  nids: readonly number[],
  start: number,
  end: number,
) {
  if (nids.length !== 1) return null;
  const found = zones.filter(
    (zone) =>
      zone.nid === nids[0] &&
      zone.present_pages > 0 &&
      zone.zone_start_pfn < end &&
      zone.zone_start_pfn + zone.spanned_pages > start,
  );
  return found.length === 1 ? (found[0]?.name ?? null) : null;
}

/** A memory block for every block with a present section; boot memory is online. */
export const memory_dev_init = operation<Record<string, never>, void>(
  'memory_dev_init',
  'drivers/base/memory.c:memory_dev_init',
  function* (k) {
    if (!memoryHotplugBuilt(k)) return;
    const size = MEMORY_BLOCK_SIZE_BYTES[k.facts.arch.name] ?? memory_block_size_bytes;
    const bytes = yield* call(size, {});
    const perBlock = Number(bytes >> pageShift(k));
    for (const run of blockRuns(k, perBlock))
      yield* call(add_memory_block, { ...run, state: 'online' });
  },
);

interface BlockRun {
  start: number;
  end: number;
  nid: number;
  zone: string | null;
}

/** Blocks with present sections, cut where node or zone change; blocks in between are uniform. */
function blockRuns(k: Kernel, perBlock: number): BlockRun[] {
  const { world, facts } = k;
  const perSection = facts.arch.pages_per_section;
  const zones = [...world.rows('zones')].filter((zone) => zone.present_pages > 0);
  const ranges = [...world.rows('memblock_memory')].map(({ start, end, nid }) => ({
    start: Number(start >> pageShift(k)),
    end: Number(end >> pageShift(k)),
    nid,
  }));
  const present: { start: number; end: number }[] = [];
  for (const { start, end } of world.rows('sections')) {
    const first = Math.floor((start * perSection) / perBlock);
    const last = Math.floor((end * perSection - 1) / perBlock) + 1;
    const before = present.at(-1);
    if (before && before.end >= first) before.end = Math.max(before.end, last);
    else present.push({ start: first, end: last });
  }
  // Only a block where a zone or a memory range begins or ends can differ from the one before it.
  const edges = new Set<number>();
  const edge = (pfn: number): void => {
    const block = Math.floor(pfn / perBlock);
    edges.add(block);
    edges.add(block + 1);
  };
  for (const zone of zones) {
    edge(zone.zone_start_pfn);
    edge(zone.zone_start_pfn + zone.spanned_pages - 1);
  }
  for (const range of ranges) {
    edge(range.start);
    edge(range.end - 1);
  }
  const runs: BlockRun[] = [];
  for (const { start, end } of present) {
    const cuts = [start, ...[...edges].filter((b) => b > start && b < end), end].sort(
      (a, b) => a - b,
    );
    for (let i = 0; i + 1 < cuts.length; i += 1) {
      const from = cuts[i] as number;
      const to = cuts[i + 1] as number;
      if (from === to) continue;
      const low = from * perBlock;
      const high = (from + 1) * perBlock;
      const nids = [
        ...new Set(ranges.filter((r) => r.start < high && r.end > low).map(({ nid }) => nid)),
      ];
      const nid = nids.at(-1) ?? 0;
      const zone = zoneOfBlock(zones, nids, low, high);
      const before = runs.at(-1);
      if (before && before.end === from && before.nid === nid && before.zone === zone)
        before.end = to;
      else runs.push({ start: from, end: to, nid, zone });
    }
  }
  return runs;
}
