import { hexOf, jsonOf } from '../../../../shared/world/copy.ts';
import { labRow } from '../../../../shared/world/lab-row.ts';
import type { TableName } from '../../../../shared/world/tables.ts';
import type { Facts } from '../../core/facts.ts';
import { pagesHeld } from '../../kernel/gup/pins.ts';
import { poolSizes } from '../../kernel/p2pdma/provider.ts';
import type { World } from '../../core/world/world.ts';
import { modelFreeLists } from './free-lists.ts';
import { isZeroPage, zeroPfn } from '../../kernel/mm/zero-page.ts';
import { addressesOf } from './proc-maps.ts';
import { resourceLines } from './iomem.ts';
import { memoryBlocks } from './memory-blocks.ts';
import { determinedManaged } from './zoneinfo.ts';

/** The world as a machine-readable record: PFNs numbers, addresses "0x..." texts. */
export type FinalState = ReturnType<typeof finalState>;

/** Records of a table as JSON, under the names lab files have for their fields. */
function labRows<T extends TableName>(world: World, table: T): Record<string, unknown>[] {
  return Array.from(world.rows(table), (row) => jsonOf(labRow(table, row)));
}

/** Registers of a device by name; arrays as maps from index to value. */
function registersOf(world: World, device: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const row of world.rows('registers')) {
    if (row.device !== device) continue;
    const key = row.key === `${device}/${row.name}` ? row.name : `${row.name}[${row.index}]`;
    found[key] = jsonOf(row.value);
  }
  return found;
}

/** VMAs and runs of entries of every address space, mirrors included; addresses, ends inclusive. */
function addressSpaces(world: World, facts: Facts) {
  const range = (row: { readonly start: number; readonly end: number }) => {
    const { start, end } = addressesOf(facts, row);
    return { start: hexOf(start), end: hexOf(end - 1n) };
  };
  return {
    tasks: [...world.rows('tasks')].map((task) => {
      const mm = world.get('mms', task.mm);
      const { anonpages = 0, filepages = 0, shmempages = 0 } = mm ?? {};
      return { ...task, anonpages, filepages, shmempages };
    }),
    vmas: [...world.rows('vmas')].map((vma) => ({ ...labRow('vmas', vma), ...range(vma) })),
    ptes: [...world.rows('ptes')].map((pte) => ({
      ...labRow('ptes', pte),
      ...range(pte),
      pfn: isZeroPage(pte) ? zeroPfn({ world }) : pte.pfn,
    })),
    // Who is told before entries change; `page_table`: the device's own.
    mirrors: [...world.rows('mmu_interval_notifiers')].map((row) => ({
      ...labRow('mmu_interval_notifiers', row),
      ...range(row),
    })),
  };
}

/** What `run --json` prints of the world; the caller adds steps, hash, errors, expectations. */
export function finalState(world: World, facts: Facts) {
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
        .map(({ name, value }) => [name, jsonOf(value) as number | string | boolean]),
    ),
    // `managed` null: what the running kernel keeps for itself is not determined.
    zones: Array.from(world.rows('zones'), (zone) => ({
      ...labRow('zones', zone),
      managed: determinedManaged(zone) ?? null,
    })),
    // The model's own free lists, which no kernel prints: `basis` says so.
    free_lists: { basis: 'model' as const, zones: modelFreeLists(world, facts) },
    // Runs of equal sections; section numbers, end exclusive.
    sections: labRows(world, 'sections'),
    memory_blocks: [...memoryBlocks(world, facts)].map((block) => ({
      id: block.id,
      start: block.start,
      end: block.end,
      state: block.state,
      valid_zones: block.validZones,
    })),
    memory_groups: labRows(world, 'memory_groups'),
    iomem: resourceLines(world).map(({ start, end, name, depth }) => ({
      start: hexOf(start),
      end: hexOf(end),
      name,
      depth,
    })),
    pgmaps: Array.from(world.rows('pgmaps'), jsonOf),
    ...addressSpaces(world, facts),
    devices: [...world.rows('devices')].map((row) => ({
      ...row,
      registers: registersOf(world, row.id),
    })),
    // Bytes, as the files of p2pmem in sysfs; `map_types` by client.
    p2pmem: [...world.rows('p2pdma')].map(({ provider, published, map_types }) => {
      const { size, available } = poolSizes({ world }, provider);
      return {
        ...{ provider, size: Number(size), available: Number(available), published },
        map_types: { ...map_types },
      };
    }),
    dma_mappings: labRows(world, 'dma_mappings'),
    // `ranges` of PFNs with the references taken on each, ends exclusive.
    pins: [...world.rows('gup_pins')].map(({ id, actor, mm, address, flags, runs }) => ({
      name: id,
      actor,
      mm,
      address: hexOf(address),
      pages: pagesHeld(runs),
      flags: flags.split('|'),
      ranges: runs.map(({ pfn, end, refs }) => ({ start: pfn, end, refs })),
    })),
  };
}
