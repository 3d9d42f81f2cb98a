import type { NodeView, ZoneView } from '../../../shared/bench/views.ts';
import type { RowOf } from '../../../shared/world/tables.ts';
import type { Inspection } from './context.ts';
import { recordFields } from './fields.ts';
import { hex } from './format.ts';

/** struct pglist_data of every node, with its zones, as of the step looked at. */
export function nodeViews(inspection: Inspection): NodeView[] {
  const zones = [...inspection.world.rows('zones')];
  return [...inspection.world.rows('nodes')].map((node) => ({
    nid: node.nid,
    fields: recordFields(inspection, 'nodes', node, ['nid']),
    zones: zones.filter((zone) => zone.nid === node.nid).map((zone) => zoneView(inspection, zone)),
  }));
}

function zoneView(inspection: Inspection, zone: RowOf<'zones'>): ZoneView {
  const { nid, index, name, spanned_pages } = zone;
  const empty = spanned_pages === 0;
  return {
    ...{ nid, index, name, spanned_pages },
    fields: recordFields(inspection, 'zones', zone, ['key', 'nid', 'index', 'name'], {
      zone_start_pfn: (value) => (empty && value === 0 ? '\u2013' : hex(value as number)),
    }),
  };
}
