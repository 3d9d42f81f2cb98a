import { linkTo } from '../../../shared/bench/links.ts';
import type { FieldView } from '../../../shared/bench/views.ts';
import type { RowOf } from '../../../shared/world/tables.ts';
import { poolSizes } from '../../engine/kernel/p2pdma/provider.ts';
import { sg_phys } from '../../engine/kernel/dma/scatterlist.ts';
import type { Inspection } from './context.ts';
import { field, recordField } from './fields.ts';
import { bytesText, hex } from './format.ts';

/** Segments of one mapping that are shown; the rest is counted. */
const SHOWN = 64;

/** How a segment's memory is reached, in words. */
const REACHED: Readonly<Record<string, string>> = {
  NONE: 'memory that is no peer’s',
  BUS_ADDR: 'peer memory by its bus address: no host bridge, no IOVA, no sync',
  THRU_HOST_BRIDGE: 'peer memory through the host bridge',
};

/** The live DMA mappings of a device: a field for each segment. */
export function mappingFields(inspection: Inspection, device: string): FieldView[] {
  const { world } = inspection;
  const ids = pciNames(inspection, device);
  return [...world.rows('dma_mappings')]
    .filter(({ dev }) => ids.has(dev))
    .flatMap((row) => segmentFields(inspection, row));
}

function segmentFields(inspection: Inspection, row: RowOf<'dma_mappings'>): FieldView[] {
  const author = inspection.authors.ofField('dma_mappings', row.id, 'dma', inspection.at);
  const fields = row.dma.slice(0, SHOWN).map((segment, at) => {
    const entry = row.sg[Math.min(at, row.sg.length - 1)];
    const phys = entry ? sg_phys(inspection, entry) : 0n;
    const bounced = segment.bounce === null ? '' : ', a copy in swiotlb';
    const text = `${hex(segment.address)} ← ${hex(phys)}, ${bytesText(segment.length)}, ${segment.type}${bounced}`;
    return field(`#${row.id}[${at}]`, null, { ...author, was: undefined } as typeof author, {
      text: () => text,
      hint: `${row.api}, ${row.dir}: ${REACHED[segment.type] ?? segment.type}`,
      ...(entry ? { link: linkTo('pfn', entry.pfn) } : {}),
    });
  });
  const left = row.dma.length - fields.length;
  if (left <= 0) return fields;
  return [...fields, field(`#${row.id}`, null, author, { text: () => `and ${left} more` })];
}

/** Peer memory that a device offers: what its p2pmem directory holds, and the cached types. */
export function p2pmemFields(inspection: Inspection, device: string): FieldView[] {
  const { world } = inspection;
  return [...pciNames(inspection, device)].flatMap((id) => {
    const row = world.get('p2pdma', id);
    if (!row) return [];
    const { size, available } = poolSizes(inspection, id);
    const of = (name: keyof typeof row, options: object) =>
      recordField(inspection, 'p2pdma', row, name, options);
    return [
      { ...of('chunks', { text: () => bytesText(size) }), name: 'size' },
      { ...of('allocated', { text: () => bytesText(available) }), name: 'available' },
      of('published', {}),
      of('map_types', { hint: 'How each client reaches this memory, as it was found first' }),
    ];
  });
}

/** Names a device goes by in the mapping functions: its own, and that of its PCI function. */
function pciNames({ world }: Inspection, device: string): Set<string> {
  const names = new Set([device]);
  for (const row of world.rows('pci_devices')) if (row.device === device) names.add(row.id);
  return names;
}
