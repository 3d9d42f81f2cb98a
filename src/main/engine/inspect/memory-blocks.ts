import type { RowOf } from '../../../shared/world/tables.ts';
import type { Facts } from '../facts.ts';
import { validZones } from '../hotplug/zone-for-pfn-range.ts';
import type { World } from '../world/world.ts';

/** A memory block; PFNs, end exclusive. */
export interface MemoryBlock {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly state: string;
  readonly nid: number;
  /** What `valid_zones` shows: of an offline block all it could join, the default first. */
  readonly validZones: string;
}

/** Size of a memory block in bytes; 0 before the kernel has decided. */
export function blockBytes(world: World): bigint {
  return BigInt(world.get('vars', 'memory_block_size')?.value ?? 0);
}

/** Every memory block, in order (drivers/base/memory.c). */
export function* memoryBlocks(world: World, facts: Facts): IterableIterator<MemoryBlock> {
  const pages = Number(blockBytes(world) >> BigInt(facts.arch.page_shift));
  for (const run of world.rows('memory_blocks')) {
    for (let id = run.start; id < run.end; id += 1) {
      yield {
        id,
        start: id * pages,
        end: (id + 1) * pages,
        state: run.state,
        nid: run.nid,
        validZones: validZonesOf(world, facts, run, id * pages, pages),
      };
    }
  }
}

function validZonesOf(
  world: World,
  facts: Facts,
  { state, zone, nid }: RowOf<'memory_blocks'>,
  start_pfn: number,
  nr_pages: number,
): string {
  if (state === 'online') return zone ?? 'none';
  return validZones({ world, facts }, { nid, start_pfn, nr_pages });
}

/** The block of this number, or undefined. */
export function memoryBlock(world: World, facts: Facts, id: number): MemoryBlock | undefined {
  const pages = Number(blockBytes(world) >> BigInt(facts.arch.page_shift));
  const run = world.at('memory_blocks', id);
  if (!run) return undefined;
  const { state, nid } = run;
  const start = id * pages;
  const shown = validZonesOf(world, facts, run, start, pages);
  return { id, start, end: start + pages, state, nid, validZones: shown };
}

/** /sys/devices/system/memory: the files of each memoryN on a line. */
export function memoryBlocksText(world: World, facts: Facts): string {
  const shift = BigInt(facts.arch.page_shift);
  const hex8 = (value: number): string => value.toString(16).padStart(8, '0');
  const hex16 = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;
  const lines = [`block_size_bytes=${blockBytes(world).toString(16)}\n`];
  for (const { id, start, end, state, nid, validZones } of memoryBlocks(world, facts)) {
    const first = BigInt(start) << shift;
    const last = (BigInt(end) << shift) - 1n;
    lines.push(
      `memory${id} state=${state} phys_index=${hex8(id)} node${nid} ` +
        `valid_zones=${validZones} range=${hex16(first)}-${hex16(last)}\n`,
    );
  }
  return lines.join('');
}
