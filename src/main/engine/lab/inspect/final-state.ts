import type { Args } from '../../../../shared/world/value.ts';
import type { Facts } from '../../core/facts.ts';
import { pagesHeld } from '../../kernel/gup/pins.ts';
import { poolSizes } from '../../kernel/p2pdma/provider.ts';
import type { World } from '../../core/world/world.ts';
import { modelFreeLists, type ZoneFreeLists } from './free-lists.ts';
import { isZeroPage, zeroPfn } from '../../kernel/mm/zero-page.ts';
import { addressesOf } from './proc-maps.ts';
import { resourceLines } from './iomem.ts';
import { memoryBlocks } from './memory-blocks.ts';
import { determinedManaged } from './zoneinfo.ts';

/** The world as a machine-readable record: PFNs numbers, addresses "0x..." texts. */
export interface FinalState {
  readonly kernel: {
    readonly version: string;
    readonly release: string;
    readonly arch: string;
    readonly model: string;
    readonly assumption: string | null;
    readonly hypothetical: boolean;
    readonly switches: readonly string[];
  };
  readonly vars: Readonly<Record<string, number | string | boolean>>;
  /** `managed` null: what the running kernel keeps for itself is not determined. */
  readonly zones: readonly {
    readonly node: number;
    readonly zone: string;
    readonly start_pfn: number;
    readonly spanned: number;
    readonly present: number;
    readonly managed: number | null;
  }[];
  /** The model's own free lists, which no kernel prints: `basis` says so. */
  readonly free_lists: { readonly basis: 'model'; readonly zones: readonly ZoneFreeLists[] };
  /** Runs of equal sections; section numbers, end exclusive. */
  readonly sections: readonly {
    readonly start: number;
    readonly end: number;
    readonly flags: number;
    readonly node: number;
    readonly subsections: string;
  }[];
  readonly memory_blocks: readonly {
    readonly id: number;
    readonly start: number;
    readonly end: number;
    readonly state: string;
    readonly valid_zones: string;
  }[];
  /** Memory groups; `pages` at most, or in a unit of a dynamic one, and pages online by zone. */
  readonly memory_groups: readonly {
    readonly id: number;
    readonly node: number;
    readonly dynamic: boolean;
    readonly pages: number;
    readonly kernel: number;
    readonly movable: number;
  }[];
  readonly iomem: readonly {
    readonly start: string;
    readonly end: string;
    readonly name: string;
    readonly depth: number;
  }[];
  readonly pgmaps: readonly {
    readonly type: string;
    readonly ranges: readonly { readonly start: string; readonly end: string }[];
    readonly altmap: Args | null;
    readonly ref: number;
    readonly owner: string;
  }[];
  readonly tasks: readonly {
    readonly id: string;
    readonly pid: number;
    readonly mm: string;
    readonly parent: string;
    readonly signal: string;
    readonly anonpages: number;
    readonly filepages: number;
    readonly shmempages: number;
  }[];
  /** VMAs of every address space; addresses, end inclusive. */
  readonly vmas: readonly {
    readonly mm: string;
    readonly start: string;
    readonly end: string;
    readonly flags: string;
    readonly ops: string;
    readonly file: string;
    readonly pgoff: number;
    readonly anon_vma: string;
  }[];
  /** Runs of page table entries of every address space, mirrors included; end inclusive. */
  readonly ptes: readonly {
    readonly mm: string;
    readonly start: string;
    readonly end: string;
    readonly level: string;
    readonly kind: string;
    readonly pfn: number;
    readonly flags: string;
  }[];
  /** Who is told before entries of an address space change; `page_table`: the device's own. */
  readonly mirrors: readonly {
    readonly id: string;
    readonly device: string;
    readonly mm: string;
    readonly page_table: string;
    readonly start: string;
    readonly end: string;
    readonly invalidate_seq: number;
  }[];
  readonly devices: readonly {
    readonly id: string;
    readonly model: string;
    readonly state: string;
    readonly registers: Readonly<Record<string, unknown>>;
  }[];
  /** Bytes, as the files of p2pmem in sysfs; `map_types` by client. */
  readonly p2pmem: readonly {
    readonly provider: string;
    readonly size: number;
    readonly available: number;
    readonly published: boolean;
    readonly map_types: Readonly<Record<string, string>>;
  }[];
  readonly dma_mappings: readonly unknown[];
  /** Pages held by GUP; `ranges` of PFNs with the references taken on each, ends exclusive. */
  readonly pins: readonly {
    readonly name: string;
    readonly actor: string;
    readonly mm: string;
    readonly address: string;
    readonly pages: number;
    readonly flags: readonly string[];
    readonly ranges: readonly {
      readonly start: number;
      readonly end: number;
      readonly refs: number;
    }[];
  }[];
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

/** A value as JSON can hold it: bigints as "0x..." texts. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return hex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value;
}

/** Registers of a device by name; arrays as maps from index to value. */
function registersOf(world: World, device: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const row of world.rows('registers')) {
    if (row.device !== device) continue;
    const key = row.key === `${device}/${row.name}` ? row.name : `${row.name}[${row.index}]`;
    found[key] = plain(row.value);
  }
  return found;
}

function addressSpaces(
  world: World,
  facts: Facts,
): Pick<FinalState, 'tasks' | 'vmas' | 'ptes' | 'mirrors'> {
  const range = (row: { readonly start: number; readonly end: number }) => {
    const { start, end } = addressesOf(facts, row);
    return { start: hex(start), end: hex(end - 1n) };
  };
  return {
    tasks: [...world.rows('tasks')].map((task) => {
      const mm = world.get('mms', task.mm);
      const { anonpages = 0, filepages = 0, shmempages = 0 } = mm ?? {};
      return { ...task, anonpages, filepages, shmempages };
    }),
    vmas: [...world.rows('vmas')].map((vma) => ({
      mm: vma.mm,
      ...range(vma),
      flags: vma.vm_flags,
      ops: vma.vm_ops,
      file: vma.vm_file,
      pgoff: vma.vm_pgoff,
      anon_vma: vma.anon_vma,
    })),
    ptes: [...world.rows('ptes')].map((pte) => ({
      mm: pte.mm,
      ...range(pte),
      level: pte.level,
      kind: pte.kind,
      pfn: isZeroPage(pte) ? zeroPfn({ world }) : pte.pfn,
      flags: pte.flags,
    })),
    mirrors: [...world.rows('mmu_interval_notifiers')].map((row) => ({
      ...{ id: row.id, device: row.device, mm: row.mm, page_table: row.pt },
      ...range(row),
      invalidate_seq: row.invalidate_seq,
    })),
  };
}

/** What `run --json` prints of the world; the caller adds steps, hash, errors, expectations. */
export function finalState(world: World, facts: Facts): FinalState {
  const { era, arch } = facts;
  const { major, minor, point } = era.version;
  return {
    kernel: {
      version: era.text,
      release: `${major}.${minor}.${point}`,
      arch: arch.name,
      model: arch.memory_model,
      assumption: era.assumption ?? null,
      hypothetical: facts.hypothetical,
      switches: era.overridden,
    },
    vars: Object.fromEntries(
      [...world.rows('vars')]
        .filter(({ name }) => !name.startsWith('__already_done'))
        .map(({ name, value }) => [name, plain(value) as number | string | boolean]),
    ),
    zones: [...world.rows('zones')].map((zone) => ({
      node: zone.nid,
      zone: zone.name,
      start_pfn: zone.zone_start_pfn,
      spanned: zone.spanned_pages,
      present: zone.present_pages,
      managed: determinedManaged(zone) ?? null,
    })),
    free_lists: { basis: 'model', zones: modelFreeLists(world, facts) },
    sections: [...world.rows('sections')].map((row) => ({
      start: row.start,
      end: row.end,
      flags: row.flags,
      node: row.nid,
      subsections: hex(row.subsection_map),
    })),
    memory_blocks: [...memoryBlocks(world, facts)].map((block) => ({
      id: block.id,
      start: block.start,
      end: block.end,
      state: block.state,
      valid_zones: block.validZones,
    })),
    memory_groups: [...world.rows('memory_groups')].map((group) => ({
      id: group.mgid,
      node: group.nid,
      dynamic: group.is_dynamic,
      pages: group.pages,
      kernel: group.present_kernel_pages,
      movable: group.present_movable_pages,
    })),
    iomem: resourceLines(world).map(({ start, end, name, depth }) => ({
      start: hex(start),
      end: hex(end),
      name,
      depth,
    })),
    pgmaps: [...world.rows('pgmaps')].map((row) => ({
      type: row.type,
      ranges: row.ranges.map(({ start, end }) => ({ start: hex(start), end: hex(end) })),
      altmap: row.altmap,
      ref: row.ref,
      owner: row.owner,
    })),
    ...addressSpaces(world, facts),
    devices: [...world.rows('devices')].map(({ id, model, state }) => ({
      id,
      model,
      state,
      registers: registersOf(world, id),
    })),
    p2pmem: [...world.rows('p2pdma')].map(({ provider, published, map_types }) => {
      const { size, available } = poolSizes({ world }, provider);
      return {
        ...{ provider, size: Number(size), available: Number(available), published },
        map_types: { ...map_types },
      };
    }),
    dma_mappings: [...world.rows('dma_mappings')].map((row) => plain(row)),
    pins: [...world.rows('gup_pins')].map(({ id, actor, mm, address, flags, runs }) => ({
      name: id,
      actor,
      mm,
      address: hex(address),
      pages: pagesHeld(runs),
      flags: flags.split('|'),
      ranges: runs.map(({ pfn, end, refs }) => ({ start: pfn, end, refs })),
    })),
  };
}
