import type { Facts } from '../../src/main/engine/core/facts.ts';
import { resourceLines } from '../../src/main/engine/lab/inspect/iomem.ts';
import { memoryBlocks } from '../../src/main/engine/lab/inspect/memory-blocks.ts';
import type { World } from '../../src/main/engine/core/world/world.ts';
import { fromMap } from './boot-capture.ts';
import type { CapturedRun, Dump } from './capture.ts';

/** Figures compared with a real kernel's; those not determined by the machine are reported only. */
export interface Comparison {
  compared: number;
  equal: number;
  differing: { figure: string; want: string; got: string }[];
  /** Reported, not compared: the running kernel's own share. */
  reported: { figure: string; want: string; got: string }[];
}

export class Figures {
  readonly result: Comparison = { compared: 0, equal: 0, differing: [], reported: [] };

  compare(figure: string, want: unknown, got: unknown): void {
    this.result.compared += 1;
    if (String(want) === String(got)) this.result.equal += 1;
    else this.result.differing.push({ figure, want: String(want), got: String(got) });
  }

  report(figure: string, want: unknown, got: unknown): void {
    this.result.reported.push({ figure, want: String(want), got: String(got) });
  }
}

/** Compares a world with a dump of a real kernel on the same machine, figure by figure. */
export function compareDump(world: World, facts: Facts, dump: Dump): Comparison {
  const figures = new Figures();
  compareVars(figures, world, dump);
  compareNodes(figures, world, facts, dump);
  compareSections(figures, world, dump);
  compareBlocks(figures, world, facts, dump);
  comparePages(figures, world, facts, dump.kernel_state.struct_pages?.runs);
  compareIomem(figures, world, dump);
  return figures.result;
}

const VARS = [
  '__highest_present_section_nr',
  'highest_memmap_pfn',
  'max_low_pfn',
  'max_pfn',
  'max_possible_pfn',
  'movable_zone',
];

function compareVars(figures: Figures, world: World, dump: Dump): void {
  for (const name of VARS) {
    const want = dump.kernel_state.vars[name];
    if (want !== undefined) figures.compare(name, want, world.get('vars', name)?.value);
  }
}

function compareNodes(figures: Figures, world: World, facts: Facts, dump: Dump): void {
  for (const want of dump.kernel_state.nodes) {
    const at = `node ${want.nid}`;
    const node = world.get('nodes', want.nid);
    figures.compare(`${at} start_pfn`, want.node_start_pfn, node?.node_start_pfn);
    figures.compare(`${at} spanned`, want.node_spanned_pages, node?.node_spanned_pages);
    figures.compare(`${at} present`, want.node_present_pages, node?.node_present_pages);
    for (const zone of want.zones) {
      const key = want.nid * 8 + facts.arch.zones.indexOf(zone.name);
      const got = world.get('zones', key);
      const name = `${at} ${zone.name}`;
      figures.compare(`${name} start_pfn`, zone.start_pfn, got?.zone_start_pfn);
      figures.compare(`${name} spanned`, zone.spanned, got?.spanned_pages);
      figures.compare(`${name} present`, zone.present, got?.present_pages);
      figures.compare(`${name} present_early`, zone.present_early, got?.present_early_pages);
      figures.compare(`${name} contiguous`, zone.contiguous === 1, got?.contiguous);
      if (zone.present_early === 0) {
        figures.compare(`${name} managed`, zone.managed, got?.managed_pages);
      } else figures.report(`${name} managed`, zone.managed, got?.managed_pages);
    }
  }
}

function compareSections(figures: Figures, world: World, dump: Dump): void {
  const want = new Map(dump.kernel_state.sections.map((section) => [section.nr, section]));
  const got = new Map<number, { flags: number; subsection_map: bigint }>();
  for (const row of world.rows('sections')) {
    for (let nr = row.start; nr < row.end; nr += 1) got.set(nr, row);
  }
  const numbers = [...new Set([...want.keys(), ...got.keys()])].sort((a, b) => a - b);
  for (const nr of numbers) {
    const w = want.get(nr);
    const g = got.get(nr);
    figures.compare(`section ${nr} flags`, w && Number(w.flags), g?.flags);
    figures.compare(
      `section ${nr} subsection_map`,
      w && BigInt(w.subsection_map),
      g?.subsection_map,
    );
  }
}

function compareBlocks(figures: Figures, world: World, facts: Facts, dump: Dump): void {
  const { block_size_bytes, blocks } = dump.memory_blocks;
  const size = world.get('vars', 'memory_block_size')?.value ?? 0;
  figures.compare('block_size_bytes', BigInt(`0x${block_size_bytes}`), BigInt(size as bigint));
  const got = new Map([...memoryBlocks(world, facts)].map((block) => [block.id, block]));
  const want = new Map(blocks.map((block) => [block.n, block]));
  for (const id of [...new Set([...want.keys(), ...got.keys()])].sort((a, b) => a - b)) {
    const w = want.get(id);
    const g = got.get(id);
    figures.compare(`memory${id} state`, w?.state, g?.state);
    if (!w) continue;
    figures.compare(`memory${id} valid_zones`, w.zones, g?.validZones);
    figures.compare(`memory${id} node`, w.nodes.at(-1), g?.nid);
  }
}

/** A capture stops after this many runs of struct pages; of what follows it says nothing. */
const CAPTURED_RUNS = 600;

interface Piece {
  what: string;
  reserved: boolean;
}

/**
 * Struct pages, run by run. In memory, which pages are reserved belongs to the running kernel;
 * elsewhere the machine and the code decide.
 */
function comparePages(
  figures: Figures,
  world: World,
  facts: Facts,
  runs: readonly CapturedRun[] | undefined,
): void {
  if (!runs) return;
  const rows = [...world.rows('pages')];
  const memory = [...world.rows('memblock_memory')].map(({ start, end }) => ({
    start: Number(start >> 12n),
    end: Number(end >> 12n),
  }));
  const low = facts.era.get('low_1m_reserved') ? 256 : 0;
  const cuts = new Set<number>();
  for (const run of runs) cuts.add(run.start_pfn).add(run.end_pfn);
  for (const row of rows) cuts.add(row.start).add(row.end);
  for (const range of memory) cuts.add(range.start).add(range.end);
  const edges = [...cuts].sort((a, b) => a - b);
  const seen = runs.length < CAPTURED_RUNS ? Infinity : (runs.at(-1)?.end_pfn ?? 0);
  for (let i = 0; i + 1 < edges.length; i += 1) {
    const pfn = edges[i] as number;
    if (pfn >= seen) break;
    const run = runs.find(({ start_pfn, end_pfn }) => start_pfn <= pfn && pfn < end_pfn);
    const want: Piece | undefined = run && {
      what: `${run.zone} node ${run.nid}`,
      reserved: run.reserved === 1,
    };
    const row = world.at('pages', pfn);
    const got: Piece | undefined = row && {
      what: `${facts.arch.zones[row.zone] ?? row.zone} node ${row.nid}`,
      reserved: row.flags.split('|').includes('reserved'),
    };
    if (!want && !got) continue;
    const at = `pages ${pfn}-${edges[i + 1]}`;
    figures.compare(`${at} zone`, want?.what, got?.what);
    const inMemory = memory.some(({ start, end }) => start <= pfn && pfn < end);
    if (!inMemory || pfn < low) figures.compare(`${at} reserved`, want?.reserved, got?.reserved);
    else if (want?.reserved !== got?.reserved) {
      figures.report(`${at} reserved`, want?.reserved, got?.reserved);
    }
  }
}

function compareIomem(figures: Figures, world: World, dump: Dump): void {
  const key = (start: bigint, end: bigint, name: string): string =>
    `0x${start.toString(16)}-0x${end.toString(16)} ${name}`;
  const want = new Map(
    dump.iomem
      .filter(({ name }) => fromMap(name) && !name.startsWith('Kernel '))
      .map(({ start, end, name, depth }) => [key(BigInt(start), BigInt(end), name), depth]),
  );
  const got = new Map(
    resourceLines(world)
      .filter(({ name }) => fromMap(name))
      .map(({ start, end, name, depth }) => [key(start, end, name), depth]),
  );
  for (const line of new Set([...want.keys(), ...got.keys()])) {
    figures.compare(`iomem ${line} depth`, want.get(line), got.get(line));
  }
}

/** One line a difference, for a failing test. */
export function differences(result: Comparison): string[] {
  return result.differing.map(({ figure, want, got }) => `${figure}: kernel ${want}, here ${got}`);
}
