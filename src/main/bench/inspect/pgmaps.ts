import type { PgmapView } from '../../../shared/bench/views.ts';
import type { Row, Value } from '../../../shared/world/value.ts';
import type { Inspection } from './context.ts';
import { recordField } from './fields.ts';
import { hex } from './format.ts';

/** struct dev_pagemap of every pagemap alive at the step looked at. */
export function pgmapViews(inspection: Inspection): PgmapView[] {
  return [...inspection.world.rows('pgmaps')].map((pgmap) => {
    const row = pgmap as unknown as Row;
    const of = (name: string, text?: (value: Value | undefined) => string) =>
      recordField(inspection, 'pgmaps', pgmap.id, row, name, text ? { text } : {});
    return {
      id: pgmap.id,
      type: pgmap.type,
      fields: [
        of('type', (value) =>
          value === pgmap.type ? `${pgmap.type} ${pgmap.type_value}` : String(value),
        ),
        of('ranges', rangesText),
        of('nr_range'),
        of('flags', flagsText),
        of('ops', (value) => (value === '' ? 'NULL' : String(value))),
        of('owner', (value) => (value === '' ? 'NULL' : String(value))),
        of('ref'),
        of('ref_dead'),
        ...externalRef(inspection, pgmap.external_ref),
        of('vmemmap_shift'),
        of('altmap', altmapText),
      ],
      ...(pgmap.altmap ? { altmap: pgmap.altmap } : {}),
    };
  });
}

/** The driver's own reference, where it brought one: its name, its count, whether it was killed. */
function externalRef(inspection: Inspection, name: string) {
  const ref = inspection.world.get('percpu_refs', name);
  if (!ref) return [];
  const row = ref as unknown as Row;
  const of = (field: string, shown: (value: Value | undefined) => string) =>
    recordField(inspection, 'percpu_refs', name, row, field, { text: shown });
  return [
    of('name', (value) => `driver's: ${String(value)}`),
    of('count', (value) => String(value)),
    of('dead', (value) => (value === true ? 'killed' : 'live')),
  ];
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
