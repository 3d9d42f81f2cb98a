import type { Change } from '../../../shared/world/step.ts';
import { tableSchema } from '../../../shared/world/tables.ts';
import type { Key, Row, Value } from '../../../shared/world/value.ts';
import { grown } from '../../engine/core/world/extents.ts';
import type { StepSource } from '../../engine/core/world/timeline.ts';

/** Who wrote a value: the step, whether it is the one looked at, and what stood there before. */
export interface Author {
  readonly by: number;
  readonly changed: boolean;
  readonly was: Value | undefined;
}

type Position = number | bigint;

/**
 * Finds the step that last wrote a field. The index (which steps touched which record) grows
 * with the recording and is built as it is asked for.
 */
export class Authors {
  private readonly source: StepSource;
  private readonly touched = new Map<string, Map<Key, number[]>>();
  private readonly ranges = new Map<string, number[]>();
  private indexed = 0;

  constructor(source: StepSource) {
    this.source = source;
  }

  private index(): void {
    for (; this.indexed < this.source.length; this.indexed += 1) {
      const step = this.source.step(this.indexed + 1);
      for (const { table, key } of step.diff) {
        if (tableSchema(table).extent) {
          const seqs = listOf(this.ranges, table);
          if (seqs[seqs.length - 1] !== step.seq) seqs.push(step.seq);
        } else {
          let keys = this.touched.get(table);
          if (!keys) this.touched.set(table, (keys = new Map()));
          listOf(keys, key).push(step.seq);
        }
      }
    }
  }

  /** Author of a field of a record in a keyed table, as of step `at`. */
  ofField(table: string, key: Key, field: string, at: number): Author {
    this.index();
    const seqs = this.touched.get(table)?.get(key) ?? [];
    for (let index = lastNotAfter(seqs, at); index >= 0; index -= 1) {
      const seq = seqs[index] as number;
      const change = this.source.step(seq).diff.find((c) => c.table === table && c.key === key);
      if (!change || same(change.from?.[field], change.to?.[field])) continue;
      return { by: seq, changed: seq === at, was: change.from?.[field] };
    }
    return NOBODY;
  }

  /** Author of a field at a position of an extent table, as of step `at`. */
  ofPosition(table: string, position: Position, field: string, at: number): Author {
    for (const { seq, from, to } of this.writesAt(table, position, at)) {
      if (from && to && same(from[field], to[field])) continue;
      return { by: seq, changed: seq === at, was: from?.[field] };
    }
    return NOBODY;
  }

  /** Steps that changed what stands at a position, newest first, beginning at step `at`. */
  *writesAt(
    table: string,
    position: Position,
    at: number,
  ): IterableIterator<{ seq: number; from: Row | undefined; to: Row | undefined }> {
    this.index();
    const seqs = this.ranges.get(table) ?? [];
    for (let index = lastNotAfter(seqs, at); index >= 0; index -= 1) {
      const seq = seqs[index] as number;
      const { diff } = this.source.step(seq);
      const from = covering(diff, table, 'from', position);
      const to = covering(diff, table, 'to', position);
      if (!from && !to) continue;
      if (from && to && samePayload(table, from, to)) continue;
      yield { seq, from, to };
    }
  }

  /** Did step `at` change anything in `[start, end)` of an extent table? */
  changedWithin(table: string, start: Position, end: Position, at: number): boolean {
    if (at === 0) return false;
    return changedRanges(this.source.step(at).diff, table).some(
      (range) => range.start < end && range.end > start,
    );
  }
}

const NOBODY: Author = { by: 0, changed: false, was: undefined };

function listOf<K>(map: Map<K, number[]>, key: K): number[] {
  let list = map.get(key);
  if (!list) map.set(key, (list = []));
  return list;
}

function lastNotAfter(seqs: readonly number[], at: number): number {
  let low = 0;
  let high = seqs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((seqs[middle] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function covering(
  diff: readonly Change[],
  table: string,
  side: 'from' | 'to',
  position: Position,
): Row | undefined {
  for (const change of diff) {
    if (change.table !== table) continue;
    const row = change[side];
    if (!row) continue;
    if ((row['start'] as Position) <= position && position < (row['end'] as Position)) return row;
  }
  return undefined;
}

export function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  return text(a) === text(b);
}

function text(value: Value | undefined): string {
  return JSON.stringify(value, (_name, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v));
}

/** Payloads compared where linear fields only follow the start. */
function samePayload(table: string, a: Row, b: Row): boolean {
  const schema = tableSchema(table);
  return schema.fields.every((field) => {
    if (field === 'start' || field === 'end') return true;
    const stride = schema.linear[field];
    const [x, y] = [a[field], b[field]];
    if (stride === undefined) return same(x, y);
    const by = BigInt(b['start'] as Position) - BigInt(a['start'] as Position);
    return grown(x, stride, by) === y;
  });
}

/** The parts of an extent table a diff really changed, without what was only split or merged. */
export function changedRanges(
  diff: readonly Change[],
  table: string,
): { start: Position; end: Position }[] {
  const rows = diff.filter((change) => change.table === table);
  if (rows.length === 0) return [];
  const cuts = new Set<Position>();
  for (const { from, to } of rows) {
    for (const row of [from, to]) {
      if (!row) continue;
      cuts.add(row['start'] as Position);
      cuts.add(row['end'] as Position);
    }
  }
  const ordered = [...cuts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const found: { start: Position; end: Position }[] = [];
  for (let index = 0; index + 1 < ordered.length; index += 1) {
    const start = ordered[index] as Position;
    const end = ordered[index + 1] as Position;
    const from = covering(rows, table, 'from', start);
    const to = covering(rows, table, 'to', start);
    if (!from && !to) continue;
    if (from && to && samePayload(table, from, to)) continue;
    const last = found[found.length - 1];
    if (last && last.end === start) last.end = end;
    else found.push({ start, end });
  }
  return found;
}
