import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { tableCsv, tableJson } from '../../../src/shared/world/copy.ts';
import { memberOf } from '../../../src/shared/world/table.ts';
import {
  keyOf,
  TABLES,
  tableSchema,
  type ExtentName,
  type RowOf,
  type TableName,
} from '../../../src/shared/world/tables.ts';
import type { Change } from '../../../src/shared/world/step.ts';
import type { Key, Row, Value } from '../../../src/shared/world/value.ts';
import { changeView } from '../../../src/main/bench/inspect/step-rows.ts';
import { tableText } from '../../../src/main/bench/inspect/table-text.ts';
import { hashRow } from '../../../src/main/engine/core/world/hash.ts';
import { World } from '../../../src/main/engine/core/world/world.ts';
import { ByteReader } from '../../../src/main/sessions/codec/byte-reader.ts';
import { ByteWriter } from '../../../src/main/sessions/codec/byte-writer.ts';
import {
  CURRENT_TABLES,
  parseTables,
  tablesText,
} from '../../../src/main/sessions/codec/recorded-tables.ts';
import { RowReader, RowWriter } from '../../../src/main/sessions/codec/row-codec.ts';
import { rowsOf, textOf, twoRows } from './arbitrary-rows.ts';

const NAMES = TABLES.map(({ name }) => name);
const FIELDS = TABLES.flatMap(({ name, kinds }) =>
  Object.entries(kinds).map(([field, kind]) => [`${name}.${field}`, name, field, kind] as const),
);

describe('the declarations of the tables', () => {
  test('give the types of the records', () => {
    expectTypeOf<RowOf<'pages'>['state']>().toEqualTypeOf<'init' | 'zero' | 'poison'>();
    expectTypeOf<RowOf<'pages'>['pgmap']>().toEqualTypeOf<string | null>();
    expectTypeOf<RowOf<'vmemmap'>>().toEqualTypeOf<{
      readonly start: number;
      readonly end: number;
      readonly phys: bigint | null;
      readonly mapping: string;
      readonly source: string;
    }>();
    expectTypeOf<RowOf<'pgmaps'>['ranges'][number]>().toEqualTypeOf<{
      readonly start: bigint;
      readonly end: bigint;
    }>();
    expectTypeOf<RowOf<TableName>>().toExtend<Row>();
    // Ranges with a key of their own are no extents.
    expectTypeOf<Extract<ExtentName, 'resources' | 'migrate_vmas'>>().toEqualTypeOf<never>();
    expectTypeOf<Extract<ExtentName, 'pages' | 'e820'>>().toEqualTypeOf<'pages' | 'e820'>();
  });

  test('let nobody write a field that is not declared, or leave one out', () => {
    const world = new World();
    // @ts-expect-error actors have no such field
    world.put('actors', { id: 'a', state: 'blocked', waits_on: 'x', since: 5 });
    // @ts-expect-error an actor waits on something
    world.put('actors', { id: 'a', state: 'blocked' });
    // @ts-expect-error pages have no such state
    world.update('pages', 0, 1, { state: 'new' });
    expect(world.count('actors')).toBe(1);
  });

  test.each(TABLES)('$name: key, unit and number of fields are as everything needs them', (one) => {
    expect(one.fields).toContain(one.key);
    expect(one.declared.title).not.toBe('');
    expect(one.declared.meaning).not.toBe('');
    // The mask of a recorded row has 31 bits.
    expect(one.fields.length).toBeLessThanOrEqual(31);
    expect(one.extent ? one.fields.slice(0, 2) : []).toEqual(one.extent ? ['start', 'end'] : []);
  });

  test.each(FIELDS)(
    '%s says what it means, and refers to what there is',
    (_at, name, field, kind) => {
      expect(kind.meaning).toMatch(/^\S.*[^.\s]$/);
      if (kind.refers !== undefined) {
        const { key, kinds } = tableSchema(kind.refers);
        expect(kinds[key]?.stored ?? 'string').toBe(kind.stored);
      }
      if (kind.grows !== undefined) {
        expect(tableSchema(name).extent).toBe(true);
        expect(typeof kind.grows).toBe(kind.stored === 'bigint' ? 'bigint' : 'number');
      }
      const { declared } = tableSchema(name);
      expect(memberOf(declared, field)).toMatch(/^(struct [a-z0-9_]+\.[a-z0-9_.]+)?$/);
    },
  );

  test('memberOf: the field’s own name, the kernel’s other name, or nothing', () => {
    const { declared } = tableSchema('zones');
    expect(memberOf(declared, 'spanned_pages')).toBe('struct zone.spanned_pages');
    expect(memberOf(declared, 'nid')).toBe('struct zone.node');
    expect(memberOf(declared, 'key')).toBe('');
    expect(memberOf(tableSchema('vars').declared, 'name')).toBe('');
  });
});

describe.each(NAMES)('%s', (name) => {
  const schema = tableSchema(name);

  test('changing any field changes the hash, and shows as what changed', () => {
    fc.assert(
      fc.property(twoRows(name), ({ field, a, b }) => {
        expect(hashRow(schema, b)).not.toEqual(hashRow(schema, a));
        const view = changeView({ table: name, key: keyOf(schema, a), from: a, to: b });
        expect(view.fields.map((one) => one.name)).toEqual([field]);
      }),
      { numRuns: 40 },
    );
  });

  test('a recording gives back what was written', () => {
    fc.assert(
      fc.property(fc.array(twoRows(name), { minLength: 1, maxLength: 4 }), (pairs) => {
        const changes = pairs.flatMap(({ a, b }): Change[] => {
          const [key, other] = [keyOf(schema, a), keyOf(schema, b)];
          const added = { table: name, key, from: undefined, to: a };
          if (key !== other) return [added, { table: name, key, from: a, to: undefined }];
          return [added, { table: name, key, from: a, to: b }];
        });
        const out = new ByteWriter();
        const writer = new RowWriter(out);
        for (const change of changes) writer.change(change);
        const reader = new RowReader(new ByteReader(out.take()), parseTables(tablesText()));
        for (const change of changes) expect(reader.change()).toEqual(change);
      }),
      { numRuns: 20 },
    );
  });

  test('a recording with a field of another kind is refused, by the field’s name', () => {
    const [row] = fc.sample(rowsOf(name), { numRuns: 1, seed: 1 });
    for (const [at, [field, { kind, stored }]] of Object.entries(schema.kinds).entries()) {
      if (kind === 'value') continue;
      const wrong: Value = stored === 'integer' || stored === 'bigint' ? 'no number' : [[]];
      const out = new ByteWriter();
      new RowWriter(out).snapshotRow(name, { ...row, [field]: wrong });
      const read = () => new RowReader(new ByteReader(out.take()), CURRENT_TABLES).snapshotRow();
      expect(read, `${at}`).toThrow(`${name}.${field} is not `);
    }
  });

  test('copies as JSON and CSV with every field', () => {
    fc.assert(
      fc.property(fc.array(rowsOf(name), { minLength: 1, maxLength: 3 }), (rows) => {
        const copied = JSON.parse(tableJson(schema, rows)) as Record<string, unknown>[];
        expect(copied.map((one) => Object.keys(one))).toEqual(rows.map(() => schema.fields));
        const cells = cellsOf(tableCsv(schema, rows));
        expect(cells[0]).toEqual(schema.fields);
        expect(cells.slice(1)).toEqual(
          copied.map((one) =>
            schema.fields.map((field) => {
              const value = one[field] ?? '';
              return typeof value === 'object' ? JSON.stringify(value) : String(value);
            }),
          ),
        );
        expect(tableText(schema, rows).split('\n')[2]?.split(/ +/)).toEqual(schema.fields);
      }),
      { numRuns: 20 },
    );
  });
});

/** Reads CSV by RFC 4180. */
function cellsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g,
  )) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

const EXTENTS = TABLES.filter(({ extent }) => extent);

describe.each(EXTENTS)('extents of $name', (schema) => {
  const big = schema.kinds['start']?.stored === 'bigint';
  const at = (n: number): number | bigint => (big ? BigInt(n) : n);
  /** What `[8, 16)` says where `[0, 8)` says `row`. */
  const next = (row: Row): Row => {
    const moved: Record<string, Value> = { ...row };
    for (const [field, slope] of Object.entries(schema.linear)) {
      const value = row[field];
      if (typeof value === 'bigint') moved[field] = value + 8n * BigInt(slope);
      else if (typeof value === 'number') moved[field] = value + 8 * Number(slope);
    }
    return moved;
  };
  /** The two rows as neighbours: how many extents come of it. */
  const joined = (left: Row, right: Row): number => {
    const world = new World();
    const set = (start: number, { start: _s, end: _e, ...payload }: Row) => {
      world.set(
        schema.name as 'pages',
        at(start) as number,
        at(start + 8) as number,
        payload as never,
      );
    };
    set(0, left);
    set(8, right);
    return world.count(schema.name);
  };
  /** Lists are equal only as the same list; numbers stay exact. */
  const fit = ({ a, b }: { a: Row; b: Row }): boolean =>
    [a, b].every((row) =>
      Object.values(row).every((v) => typeof v !== 'number' || Math.abs(v) < 2 ** 50),
    );

  test('join where every field goes on, and not where one does not', () => {
    fc.assert(
      fc.property(twoRows(schema.name).filter(fit), ({ field, a, b }) => {
        expect(joined(a, next(a))).toBe(1);
        const range = field === 'start' || field === 'end';
        expect(joined(a, next(b))).toBe(range ? 1 : 2);
      }),
      { numRuns: 30 },
    );
  });
});

test('a key is what the world finds a record by', () => {
  for (const schema of TABLES) {
    const [row] = fc.sample(rowsOf(schema.name), { numRuns: 1, seed: 2 });
    const key: Key = keyOf(schema, row as Row);
    expect(textOf(key)).toBe(textOf(row?.[schema.key]));
  }
});
