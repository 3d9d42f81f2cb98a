import type { FieldView, NodeView, ZoneView } from '../../../shared/bench/views.ts';
import type { RowOf } from '../../../shared/world/tables.ts';
import type { Inspection } from './context.ts';
import { recordField, recordFields } from './fields.ts';
import { hex } from './format.ts';

/** struct pglist_data of every node, with its zones, as of the step looked at. */
export function nodeViews(inspection: Inspection): NodeView[] {
  const zones = [...inspection.world.rows('zones')];
  return [...inspection.world.rows('nodes')].map((node) => ({
    nid: node.nid,
    fields: recordFields(inspection, 'nodes', node, [
      ...(['nid', 'online', 'cpus'] as const),
      ...(node.first_deferred_pfn === null ? (['first_deferred_pfn'] as const) : []),
    ]),
    zones: zones.filter((zone) => zone.nid === node.nid).map((zone) => zoneView(inspection, zone)),
  }));
}

function zoneView(inspection: Inspection, zone: RowOf<'zones'>): ZoneView {
  const { nid, index, name } = zone;
  const start = (value: unknown): string =>
    zone.spanned_pages === 0 && value === 0 ? '\u2013' : hex(value as number);
  const of = (field: keyof RowOf<'zones'>): FieldView =>
    recordField(inspection, 'zones', zone, field);
  return {
    ...{ nid, index, name },
    start_pfn: recordField(inspection, 'zones', zone, 'zone_start_pfn', { text: start }),
    spanned: of('spanned_pages'),
    present: of('present_pages'),
    managed: of('managed_pages'),
    fields: recordFields(inspection, 'zones', zone, ['key', 'nid', 'index', 'name'], {
      zone_start_pfn: start,
    }),
  };
}
