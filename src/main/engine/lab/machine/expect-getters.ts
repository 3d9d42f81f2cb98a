import { memoryTier } from '../../kernel/mm/memory-tiers.ts';
import type { ExpectKind } from '../../../../shared/lab/expectations/expectations.ts';
import { labRow } from '../../../../shared/world/lab-row.ts';
import type { RowOf } from '../../../../shared/world/tables.ts';
import { speaksOf, speaksOfError } from '../invariants/expected.ts';
import { dmaMapping, p2pmem } from './expect-dma.ts';
import { pagesHeld } from '../../kernel/gup/pins.ts';
import { file, i_page } from './expect-files.ts';
import { contents, pte, task, vma } from './expect-mm.ts';
import { resetOf } from '../../kernel/device/registers.ts';
import { modelOf } from '../../kernel/memmodel/models.ts';
import { memoryBlock } from '../inspect/memory-blocks.ts';
import type { Checked, Getter } from './expect.ts';
import { printedMovableStart, printedZoneRange } from './log-figures.ts';

/** Where each kind of expectation looks, and what it finds there under the names a lab uses. */
export const GETTERS: { readonly [K in ExpectKind]: Getter<K> } = {
  zone: ({ world }, { node, zone }) => {
    const row = [...world.rows('zones')].find((z) => z.nid === node && z.name === zone);
    return {
      title: `zone node ${node} ${zone}`,
      fields: row && labRow('zones', row),
    };
  },

  zone_range: ({ world }, { zone }) => {
    const range = printedZoneRange(world, zone);
    return {
      title: `zone range ${zone}`,
      fields: range === undefined ? undefined : { empty: range === null, ...range },
    };
  },

  movable_start: ({ world }, { node }) => {
    const start = printedMovableStart(world, node);
    return {
      title: `Movable zone start of node ${node}`,
      fields: start === undefined ? undefined : { start },
    };
  },

  node: ({ facts, world }, { id }) => {
    const row = world.get('nodes', id);
    const shift = BigInt(facts.arch.page_shift);
    const ranges = earlyRanges(world, id, shift);
    return {
      title: `node ${id}`,
      // A node of the machine that was not set up at boot has no pages yet.
      fields: row
        ? {
            present: row.node_present_pages,
            spanned: row.node_spanned_pages,
            start: BigInt(row.node_start_pfn) << shift,
            end: (BigInt(row.node_start_pfn + row.node_spanned_pages) << shift) - 1n,
            ranges,
          }
        : facts.machine.nodes.some((node) => node.id === id)
          ? { present: 0, spanned: 0 }
          : undefined,
    };
  },

  unavailable: ({ facts, source, at }, { node, zone }) => {
    let pages = 0;
    for (let seq = 1; seq <= at; seq += 1) {
      const step = source.step(seq);
      if (!UNAVAILABLE.has(step.fn) || typeof step.ret !== 'number') continue;
      if (node !== undefined && step.args['node'] !== node) continue;
      if (zone !== undefined && facts.arch.zones[Number(step.args['zone'])] !== zone) continue;
      pages += step.ret;
    }
    return { title: 'pages in unavailable ranges', fields: { pages } };
  },

  page: ({ facts, world }, { pfn }) => {
    const row = world.at('pages', pfn);
    const { valid, online } = modelOf({ facts }).pfnValid({ facts, world }, pfn);
    return {
      title: `page 0x${pfn.toString(16)}`,
      fields: {
        valid,
        online,
        ...(row ? pageFields(row, facts.arch.zones, pfn) : {}),
      },
    };
  },

  section: ({ world }, { nr }) => {
    const row = world.at('sections', nr);
    return { title: `section ${nr}`, fields: row && labRow('sections', row) };
  },

  memory_block: ({ facts, world }, { id }) => {
    const block = memoryBlock(world, facts, id);
    return {
      title: `memory block ${id}`,
      fields: block && { state: block.state, valid_zones: block.validZones, node: block.nid },
    };
  },

  memory_tier: ({ facts, world }, { node }) => ({
    title: `memory tier of node ${node}`,
    fields: memoryTier({ facts, world }, node),
  }),

  var: ({ world }, want) => ({
    title: 'var',
    fields: Object.fromEntries(
      Object.keys(want).flatMap((name) => {
        // include/linux/mm.h:get_num_physpages is a sum, not a variable of the kernel.
        const value = name === 'physpages' ? numPhyspages(world) : world.get('vars', name)?.value;
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  }),

  iomem: (checked, { start, end, name }) => {
    const row = [...checked.world.rows('resources')].find(
      (r) => r.start === start && r.end === end && r.name === name,
    );
    return {
      title: `iomem 0x${start.toString(16)}-0x${end.toString(16)} ${name}`,
      fields: row && { depth: depthOf(checked, row) },
    };
  },

  pgmap: ({ world }, { start, end }) => {
    const row = [...world.rows('pgmaps')].find((p) =>
      p.ranges.some((range) => range.start === start && range.end === end),
    );
    return {
      title: `pgmap 0x${start.toString(16)}-0x${end.toString(16)}`,
      fields: row && {
        type: row.type,
        ref: row.ref,
        owner: row.owner,
        ...(row.altmap ? { altmap: row.altmap } : {}),
      },
    };
  },

  device: ({ world, devices }, { id, registers: wanted = {} }) => {
    const row = world.get('devices', id);
    const specs = devices?.get(id)?.registers;
    const registers: Record<string, unknown> = {};
    for (const key of specs ? Object.keys(wanted) : [])
      registers[key] = specs && resetOf(specs, key);
    for (const register of world.rows('registers')) {
      if (register.device === id) registers[register.key.slice(id.length + 1)] = register.value;
    }
    return { title: `device ${id}`, fields: row && { state: row.state, registers } };
  },

  invariant: ({ violations, at }, want) => {
    const found = violations.find((violation) => violation.step <= at && speaksOf(want, violation));
    return { title: `invariant ${want.id}`, fields: found && {} };
  },
  dma_mapping: dmaMapping,
  p2pmem: p2pmem,

  pin: ({ world }, { name }) => {
    const row = world.get('gup_pins', name);
    return {
      title: `pin ${name}`,
      fields: row && {
        actor: row.actor,
        pages: pagesHeld(row.runs),
        ...(row.runs[0] ? { pfn: row.runs[0].pfn } : {}),
        flags: row.flags.split('|'),
      },
    };
  },
  pte,
  vma,
  task,
  contents,
  file,
  i_page,

  error: ({ source, at }, want) => {
    const { errno, fn } = want;
    for (let seq = 1; seq <= at; seq += 1) {
      const step = source.step(seq);
      if (!speaksOfError(want, step)) continue;
      return { title: `error ${errno}`, fields: { errno, fn: step.fn, check: step.err?.check } };
    }
    return { title: `error ${errno}${fn === undefined ? '' : ` of ${fn}`}`, fields: undefined };
  },
};

/** Functions that give holes their struct pages, by era; each returns how many. */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  'init_unavailable_range',
  'init_unavailable_mem',
  'zero_resv_unavail',
]);

/** "Early memory node ranges" of a node: memblock.memory in whole pages, end inclusive. */
function earlyRanges(
  world: Checked['world'],
  nid: number,
  shift: bigint,
): { start: bigint; end: bigint }[] {
  return [...world.rows('memblock_memory')]
    .filter((row) => row.nid === nid)
    .map(({ start, end }) => ({
      start: ((start + (1n << shift) - 1n) >> shift) << shift,
      end: ((end >> shift) << shift) - 1n,
    }))
    .filter(({ start, end }) => start < end);
}

function pageFields(
  row: RowOf<'pages'>,
  zones: readonly string[],
  pfn: number,
): Record<string, unknown> {
  const zero = row.state === 'zero';
  const head = pfn % 2 ** row.compound_order === 0;
  const flags = row.flags === '' ? [] : row.flags.split('|');
  return {
    zone: zero ? zones[0] : zones[row.zone],
    node: zero ? 0 : row.nid,
    refcount: zero || !head ? 0 : row.refcount,
    mapcount: zero ? 0 : row.mapcount,
    reserved: flags.includes('reserved'),
    flags,
    ...(row.pgmap === null ? {} : { pgmap: row.pgmap }),
  };
}

function depthOf({ world }: Checked, row: RowOf<'resources'>): number {
  let depth = 0;
  let { parent } = row;
  while (parent !== 0) {
    depth += 1;
    parent = world.need('resources', parent).parent;
  }
  return depth;
}

function numPhyspages(world: Checked['world']): number {
  let pages = 0;
  for (const node of world.rows('nodes')) pages += node.node_present_pages;
  return pages;
}
