import type { FieldView, NodeView, ZoneView } from '../../../shared/bench/views.ts';
import type { Row, Value } from '../../../shared/world/value.ts';
import type { Inspection } from './context.ts';
import { recordField } from './fields.ts';
import { decimal, hex } from './format.ts';

const HINTS: Readonly<Record<string, string>> = {
  zone_start_pfn: 'First PFN of the span; 0 while the zone is empty',
  spanned_pages: 'zone_end_pfn - zone_start_pfn, holes included',
  present_pages: 'spanned_pages without the holes; ZONE_DEVICE never has any',
  present_early_pages: 'Present pages that were there at boot',
  managed_pages:
    'Pages the buddy allocator was given; what this very kernel image reserved is not modelled',
  contiguous: 'Every page block of the zone can be walked without a check',
  node_start_pfn: 'First PFN of the node',
  node_spanned_pages: 'Pages from the first to the last, holes and ZONE_DEVICE included',
  node_present_pages: 'Pages of RAM',
  first_deferred_pfn: 'First struct page that was left to page_alloc_init_late()',
};

/** struct pglist_data of every node, with its zones, as of the step looked at. */
export function nodeViews(inspection: Inspection): NodeView[] {
  const zones = [...inspection.world.rows('zones')];
  return [...inspection.world.rows('nodes')].map((node) => {
    const row = node as unknown as Row;
    const names = [
      'node_start_pfn',
      'node_spanned_pages',
      'node_present_pages',
      'first_deferred_pfn',
    ];
    return {
      nid: node.nid,
      fields: names
        .filter((name) => row[name] !== null && row[name] !== undefined)
        .map((name) => recordField(inspection, 'nodes', node.nid, row, name, hint(name))),
      zones: zones
        .filter((zone) => zone.nid === node.nid)
        .map((zone) => zoneView(inspection, zone as unknown as Row)),
    };
  });
}

function zoneView(inspection: Inspection, row: Row): ZoneView {
  const key = row['key'] as number;
  const spanned = row['spanned_pages'] as number;
  const of = (name: string, text?: (value: Value | undefined) => string): FieldView =>
    recordField(inspection, 'zones', key, row, name, { ...hint(name), ...(text ? { text } : {}) });
  const start = of('zone_start_pfn', (value) =>
    spanned === 0 && value === 0 ? '\u2013' : hex(value as number),
  );
  const pages = (value: Value | undefined): string => decimal(value as number);
  const counts = {
    spanned: of('spanned_pages', pages),
    present: of('present_pages', pages),
    managed: of('managed_pages', pages),
  };
  return {
    nid: row['nid'] as number,
    index: row['index'] as number,
    name: row['name'] as string,
    start_pfn: start,
    ...counts,
    fields: [
      start,
      counts.spanned,
      counts.present,
      of('present_early_pages', pages),
      counts.managed,
      of('contiguous'),
    ],
  };
}

function hint(name: string): { hint?: string } {
  const text = HINTS[name];
  return text ? { hint: text } : {};
}
