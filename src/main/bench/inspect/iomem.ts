import { linkTo } from '../../../shared/bench/links.ts';
import type { RowOf } from '../../../shared/world/tables.ts';
import { typeName } from '../../engine/kernel/pgmap/pagemap.ts';
import type { Inspection } from './context.ts';
import { bytesText, hex } from './format.ts';

/** One stretch of the physical address space and what it is, without the nesting. */
export interface IomemPiece {
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly fill: string;
  readonly detail: string;
  readonly link: string;
  readonly by: number;
  readonly changed: boolean;
}

const FIRMWARE_NAMES: Readonly<Record<string, string>> = {
  usable: 'System RAM',
  reserved: 'Reserved',
  acpi: 'ACPI Tables',
  nvs: 'ACPI Non-volatile Storage',
  unusable: 'Unusable memory',
  pmem: 'Persistent Memory',
  'pmem-legacy': 'Persistent Memory (legacy)',
  'soft-reserved': 'Soft Reserved',
};

/** Fill token of a resource's name. */
export function resourceFill(name: string): string {
  if (/^System RAM|^Crash kernel/.test(name)) return 'type-ram';
  if (/^Persistent Memory|^namespace|^dax|^btt|^pfn/.test(name)) return 'type-pmem';
  if (/^Reserved|^ACPI|^Unusable|^RAM buffer|^System ROM|^Video ROM/i.test(name))
    return 'type-reserved';
  return 'type-mmio';
}

/** Fills for device memory that is neither persistent nor plain; the others go by their names. */
const PAGEMAP_FILLS: Readonly<Record<string, string>> = {
  PRIVATE: 'type-private',
  COHERENT: 'type-coherent',
  PUBLIC: 'type-coherent',
  PCI_P2PDMA: 'type-p2p',
};

/** The fill of a pagemap's memory; undefined where the name of its resource says it better. */
export function pagemapFill(pgmap: RowOf<'pgmaps'>): string | undefined {
  return PAGEMAP_FILLS[typeName(pgmap)];
}

/** What the kernel made of a device's memory, where a pagemap covers a resource. */
function deviceFill(world: Inspection['world'], start: bigint, end: bigint): string | undefined {
  for (const pgmap of world.rows('pgmaps')) {
    if (pgmap.ranges.some((range) => range.start <= start && end <= range.end)) {
      return pagemapFill(pgmap);
    }
  }
  return undefined;
}

type Resource = RowOf<'resources'>;

/**
 * The resource tree cut into stretches, the innermost name winning. Before the kernel has a
 * tree, what firmware reports stands in.
 */
export function iomemPieces(inspection: Inspection): IomemPiece[] {
  const { world, facts } = inspection;
  const shift = BigInt(facts.arch.page_shift);
  const rows = [...world.rows('resources')].filter(({ name }) => !/^Kernel /.test(name));
  if (rows.length === 0) {
    return facts.machine.memory.map(({ start, end, type }) => {
      const name = FIRMWARE_NAMES[type] ?? type;
      return piece(
        name,
        start,
        end,
        shift,
        'firmware reports it; no kernel has read it yet',
        0,
        false,
      );
    });
  }
  const children = new Map<number, Resource[]>();
  for (const row of rows) {
    const list = children.get(row.parent);
    if (list) list.push(row);
    else children.set(row.parent, [row]);
  }
  const found: IomemPiece[] = [];
  const add = (row: Resource, start: bigint, end: bigint, text: string): void => {
    const { by, changed } = inspection.authors.ofField('resources', row.id, 'name', inspection.at);
    const plain = piece(row.name, start, end, shift, text, by, changed);
    found.push({ ...plain, fill: deviceFill(world, start, end) ?? plain.fill });
  };
  const walk = (row: Resource, detail: string): void => {
    const inside = (children.get(row.id) ?? []).toSorted((a, b) => (a.start < b.start ? -1 : 1));
    let at = row.start;
    for (const child of inside) {
      if (child.start > at) {
        add(row, at, child.start - 1n, detail);
      }
      walk(child, `${child.name} in ${row.name}`);
      at = child.end + 1n;
    }
    if (at <= row.end) {
      add(row, at, row.end, inside.length > 0 ? `the rest of ${row.name}` : detail);
    }
  };
  for (const row of (children.get(0) ?? []).toSorted((a, b) => (a.start < b.start ? -1 : 1))) {
    walk(row, row.name);
  }
  return found;
}

/** PFNs round outward: a block that is not page aligned still shows. */
function piece(
  name: string,
  start: bigint,
  end: bigint,
  shift: bigint,
  detail: string,
  by: number,
  changed: boolean,
): IomemPiece {
  const first = Number(start >> shift);
  return {
    start: first,
    end: Number((end >> shift) + 1n),
    label: name,
    fill: resourceFill(name),
    detail: `${hex(start)} \u2013 ${hex(end)}, ${bytesText(end - start + 1n)}, ${detail}`,
    link: linkTo('pfn', first),
    by,
    changed,
  };
}
