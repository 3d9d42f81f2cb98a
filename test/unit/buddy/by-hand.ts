import { alloc_pages } from '../../../src/main/engine/kernel/buddy/page-alloc.ts';
import { __free_pages } from '../../../src/main/engine/kernel/buddy/free-pages.ts';
import { FreeLists } from '../../../src/main/engine/kernel/buddy/free-lists.ts';
import { parseGfp } from '../../../src/main/engine/kernel/buddy/gfp.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import { benchOf, smallFacts, type Bench } from '../pgmap/small-machine.ts';

export interface HandZone {
  nid: number;
  name: string;
  start: number;
  end: number;
}

/** A machine with these zones, all of their pages free and MOVABLE; distances 10 and 20. */
export function machineOf(zones: readonly HandZone[], distances: number[][] = [[10]]): Bench {
  const facts = smallFacts('6.18');
  const nodes = distances.map((row, id) => ({ id, cpus: 1, distances: row }));
  const machine = { ...facts.machine, nodes };
  const world = new World();
  for (const { id, cpus } of nodes) {
    const own = zones.filter(({ nid }) => nid === id);
    world.put('nodes', {
      nid: id,
      online: true,
      cpus,
      node_start_pfn: own[0]?.start ?? 0,
      node_spanned_pages: own.reduce((sum, { start, end }) => sum + end - start, 0),
      node_present_pages: own.reduce((sum, { start, end }) => sum + end - start, 0),
      first_deferred_pfn: null,
    });
    for (const [index, name] of facts.arch.zones.entries()) {
      const zone = own.find((one) => one.name === name);
      const pages = zone ? zone.end - zone.start : 0;
      world.put('zones', {
        key: id * 8 + index,
        nid: id,
        index,
        name,
        zone_start_pfn: zone?.start ?? 0,
        spanned_pages: pages,
        present_pages: pages,
        present_early_pages: pages,
        managed_pages: pages,
        contiguous: true,
      });
      if (!zone) continue;
      world.set('pages', zone.start, zone.end, {
        state: 'init',
        nid: id,
        zone: index,
        flags: '',
        refcount: 0,
        mapcount: -1,
        pgmap: null,
        buddy: true,
        compound_order: 0,
        migratetype: 'MOVABLE',
      });
    }
  }
  return benchOf(world, { ...facts, machine });
}

export function alloc(bench: Bench, order: number, gfp: string, nid = 0, count = 1) {
  const parsed = parseGfp(bench.facts, gfp);
  if (!parsed) throw new Error(gfp);
  return bench.call(alloc_pages, { order, gfp: parsed, nid, count });
}

export function free(bench: Bench, pfn: number, order: number) {
  return bench.call(__free_pages, { pfn, end: pfn + 2 ** order, order });
}

/** Blocks on each list of a zone, order 0 first; of one migratetype where it is named. */
export function counts(bench: Bench, zone: string, type?: string, nid = 0): number[] {
  const lists = new FreeLists(bench.world, bench.facts.arch.max_page_order);
  const key = nid * 8 + bench.facts.arch.zones.indexOf(zone);
  return Array.from({ length: 11 }, (_, order) => lists.count(key, order, type));
}
