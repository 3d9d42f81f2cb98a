import type { FieldView, PgmapView } from '../../../shared/bench/views.ts';
import type { Value } from '../../../shared/world/value.ts';
import type { Inspection } from './context.ts';
import { recordFields } from './fields.ts';
import { hex } from './format.ts';

/** struct dev_pagemap of every pagemap alive at the step looked at. */
export function pgmapViews(inspection: Inspection): PgmapView[] {
  return [...inspection.world.rows('pgmaps')].map((pgmap) => ({
    id: pgmap.id,
    type: pgmap.type,
    fields: [
      ...recordFields(
        inspection,
        'pgmaps',
        pgmap,
        ['id', 'type_value', 'external_ref', 'device', 'nid'],
        {
          type: (value) =>
            value === pgmap.type ? `${pgmap.type} ${pgmap.type_value}` : String(value),
          ranges: rangesText,
          flags: flagsText,
          ops: nullText,
          owner: nullText,
          altmap: altmapText,
        },
      ),
      ...externalRef(inspection, pgmap.external_ref),
    ],
    ...(pgmap.altmap ? { altmap: pgmap.altmap } : {}),
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
  return ['base_pfn', 'reserve', 'free', 'align', 'alloc']
    .map(
      (name) =>
        `${name} ${name === 'base_pfn' ? hex(altmap[name] as number) : String(altmap[name])}`,
    )
    .join(' ');
}
