import type { FieldView, PgmapView } from '../../../shared/bench/views.ts';
import { ALTMAP } from '../../../shared/world/memory-tables.ts';
import type { Value } from '../../../shared/world/value.ts';
import type { Inspection } from './context.ts';
import { recordFields } from './fields.ts';
import { fieldText, hex } from './format.ts';

/** struct dev_pagemap of every pagemap alive at the step looked at. */
export function pgmapViews(inspection: Inspection): PgmapView[] {
  return [...inspection.world.rows('pgmaps')].map((pgmap) => ({
    id: pgmap.id,
    altmap: pgmap.altmap,
    fields: [
      ...recordFields(inspection, 'pgmaps', pgmap, ['id'], {
        external_ref: nullText,
        ranges: rangesText,
        flags: flagsText,
        ops: nullText,
        owner: nullText,
        altmap: altmapText,
      }),
      ...externalRef(inspection, pgmap.external_ref),
    ],
  }));
}

/** The driver's own reference, where it brought one: its name, its count, whether it was killed. */
function externalRef(inspection: Inspection, name: string): FieldView[] {
  const ref = inspection.world.get('percpu_refs', name);
  if (!ref) return [];
  return recordFields(inspection, 'percpu_refs', ref, ['device'], {
    name: (value) => `driver's: ${String(value)}`,
    dead: (value) => (value === true ? 'killed' : 'live'),
  });
}

function nullText(value: Value | undefined): string {
  return value === '' ? 'NULL' : String(value);
}

function rangesText(value: Value | undefined): string {
  const ranges = (value ?? []) as readonly { start: bigint; end: bigint }[];
  return ranges.map(({ start, end }) => `${hex(start)} \u2013 ${hex(end)}`).join(', ');
}

function flagsText(value: Value | undefined): string {
  return value === 1 ? 'PGMAP_ALTMAP_VALID' : String(value);
}

function altmapText(value: Value | undefined): string {
  if (value === null || value === undefined) return '\u2013';
  const altmap = value as { [name: string]: Value };
  return Object.entries(ALTMAP.fields ?? {})
    .map(([name, field]) => `${name} ${fieldText(name, field, altmap[name])}`)
    .join(' ');
}
