import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { runBatch, type BatchRun } from '../../../../src/main/bench/batch/run.ts';
import { inspectHandlers } from '../../../../src/main/bench/session/handlers/inspect.ts';
import { finalState } from '../../../../src/main/engine/lab/inspect/final-state.ts';
import type { FieldView } from '../../../../src/shared/bench/views.ts';
import { keyOf, TABLES, tableSchema, type TableName } from '../../../../src/shared/world/tables.ts';
import type { Row } from '../../../../src/shared/world/value.ts';

/** A machine with zones, sections, a device, and a pagemap with an altmap. */
const LAB = 'labs/fsdax-pin-longterm.lab.yaml';

let run: BatchRun;
beforeAll(async () => {
  const made = await runBatch(LAB, readFileSync(LAB, 'utf8'), '.');
  if (!made.ok) throw new Error(made.problems.join('\n'));
  run = made.value;
});

const firstOf = (table: TableName): Row => {
  const [row] = run.session.cursor.world.rows(table);
  if (!row) throw new Error(`the lab has no ${table}`);
  return row;
};

/** The fields a view of a record shows: those it repeats itself, and its named values. */
const shown = (view: { fields: readonly FieldView[] }): string[] => [
  ...Object.keys(view),
  ...view.fields.map(({ name }) => name),
];

/** The record's view, as the inspector asks for it. */
const VIEWS = {
  nodes: async () => (await inspectHandlers.nodes(run.open, {})).nodes[0],
  zones: async () => (await inspectHandlers.nodes(run.open, {})).nodes[0]?.zones[0],
  pgmaps: async () => (await inspectHandlers.pgmaps(run.open, {})).pgmaps[0],
} as const;

describe.each(['nodes', 'zones', 'pgmaps'] as const)('the view of %s', (table) => {
  const { fields, kinds, key, ...schema } = tableSchema(table);

  test('has every field that is declared', async () => {
    const view = await VIEWS[table]();
    expect(view && shown(view)).toEqual(
      expect.arrayContaining(fields.filter((name) => table !== 'zones' || name !== key)),
    );
  });

  test('explains each field as it is declared, and says what to break on', async () => {
    const at = String(keyOf({ fields, kinds, key, ...schema }, firstOf(table)));
    for (const one of (await VIEWS[table]())?.fields ?? []) {
      if (one.watch?.startsWith(`${table}.`) !== true) continue;
      expect(one.hint).toBe(kinds[one.name]?.meaning);
      expect(one.watch).toBe(`${table}.${at}.${one.name}`);
    }
  });
});

test('a section and a run of sections have every field that is declared', async () => {
  const { fields, plain } = tableSchema('sections');
  const { runs } = await inspectHandlers.sections(run.open, { offset: 0, count: 10 });
  for (const one of runs) expect(Object.keys(one)).toEqual(expect.arrayContaining([...fields]));
  const section = await inspectHandlers.section(run.open, { nr: runs[0]?.start ?? 0 });
  expect(section.fields.map(({ name }) => name)).toEqual(['section_mem_map', ...plain]);
});

test('a field that refers to a device selects it', async () => {
  const pgmap = await VIEWS.pgmaps();
  const device = pgmap?.fields.find(({ name }) => name === 'device');
  expect(device?.link).toBe(`device:${device?.text}`);
  const owner = pgmap?.fields.find(({ name }) => name === 'owner');
  expect(owner?.link).toBeUndefined();
});

/** Lists of `run --json` that are a table's records. */
const LISTS = ['zones', 'sections', 'pgmaps', 'devices'] as const;

test.each(LISTS)('--json has every field of %s under its name in lab files', (list) => {
  const { kinds } = tableSchema(list);
  const { world } = run.session.cursor;
  const records: readonly object[] = finalState(world, run.session.facts)[list];
  expect(records).toHaveLength(world.count(list));
  for (const record of records) {
    const names = Object.entries(kinds).map(([name, { lab }]) => lab ?? name);
    expect(Object.keys(record)).toEqual(expect.arrayContaining(names));
  }
});

test.each(TABLES)('$name can be copied with every field', async ({ name, fields }) => {
  const { text } = await inspectHandlers.table(run.open, { table: name, format: 'csv' });
  expect(text.split('\r\n')[0]).toBe(fields.join(','));
  const json = await inspectHandlers.table(run.open, { table: name, format: 'json' });
  const records = JSON.parse(json.text) as Record<string, unknown>[];
  expect(records).toHaveLength(run.session.cursor.world.count(name));
  for (const record of records) expect(Object.keys(record)).toEqual([...fields]);
});
