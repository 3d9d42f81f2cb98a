import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Facts } from '../../core/facts.ts';
import { groupOfBlock } from '../../kernel/hotplug/memory-group.ts';
import { mhp_get_default_online_type } from '../../kernel/hotplug/mhp-params.ts';
import { removable } from '../../kernel/hotplug/removable.ts';
import { validZones } from '../../kernel/hotplug/zone-for-pfn-range.ts';
import type { World } from '../../core/world/world.ts';

/** A memory block; PFNs, end exclusive. */
export interface MemoryBlock {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly state: string;
  readonly nid: number;
  /** What `valid_zones` shows: of an offline block all it could join, the default first. */
  readonly validZones: string;
  /** `removable`: whether it looks as if it could go offline. */
  readonly removable: boolean;
  /** Number of its memory group, which no file shows; null without one. */
  readonly group: number | null;
}

/** Size of a memory block in bytes; 0 before the kernel has decided. */
export function blockBytes(world: World): bigint {
  return BigInt(world.get('vars', 'memory_block_size')?.value ?? 0);
}

/** Every memory block, in order (drivers/base/memory.c). */
export function* memoryBlocks(world: World, facts: Facts): IterableIterator<MemoryBlock> {
  for (const run of world.rows('memory_blocks')) {
    for (let id = run.start; id < run.end; id += 1) yield shown(world, facts, run, id);
  }
}

function shown(world: World, facts: Facts, run: RowOf<'memory_blocks'>, id: number): MemoryBlock {
  const pages = Number(blockBytes(world) >> BigInt(facts.arch.page_shift));
  const look = { world, facts };
  const { state, nid } = run;
  const group = groupOfBlock(look, id);
  const range = { nid, start_pfn: id * pages, nr_pages: pages, group };
  return {
    id,
    start: id * pages,
    end: (id + 1) * pages,
    state,
    nid,
    validZones: state === 'online' ? (run.zone ?? 'none') : validZones(look, range),
    removable: removable(look, state, range),
    group,
  };
}

/** The block of this number, or undefined. */
export function memoryBlock(world: World, facts: Facts, id: number): MemoryBlock | undefined {
  const run = world.at('memory_blocks', id);
  return run && shown(world, facts, run, id);
}

/** /sys/devices/system/memory: the files of each memoryN on a line. */
export function memoryBlocksText(world: World, facts: Facts): string {
  const shift = BigInt(facts.arch.page_shift);
  const hex8 = (value: number): string => value.toString(16).padStart(8, '0');
  const hex16 = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;
  const lines = [`block_size_bytes=${blockBytes(world).toString(16)}\n`];
  if (facts.era.get('auto_online_types') !== '') {
    lines.push(`auto_online_blocks=${mhp_get_default_online_type({ world, facts })}\n`);
  }
  for (const block of memoryBlocks(world, facts)) {
    const { id, start, end, state, nid, validZones, removable, group } = block;
    const first = BigInt(start) << shift;
    const last = (BigInt(end) << shift) - 1n;
    lines.push(
      `memory${id} state=${state} phys_index=${hex8(id)} node${nid} ` +
        `valid_zones=${validZones} range=${hex16(first)}-${hex16(last)} ` +
        `removable=${removable ? 1 : 0} phys_device=0${group === null ? '' : ` group=${group}`}\n`,
    );
  }
  return lines.join('');
}
