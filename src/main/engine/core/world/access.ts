import type { Key } from '../../../../shared/world/value.ts';

type Position = number | bigint;

interface Span {
  readonly start: Position;
  readonly end: Position;
  readonly write: boolean;
}

/** What was read and written of one table. */
interface TableAccess {
  /** All of it: was it written? */
  all: boolean | undefined;
  /** Records by key: were they written? */
  readonly keys: Map<Key, boolean>;
  /** Ranges of extents, ends exclusive. */
  readonly spans: Span[];
}

/**
 * What a step read and wrote, by record or range of extents; locks, completions and wait queues are
 * records as well. Two steps of different actors that do not conflict may be made in either order
 * with the same outcome. Kept only while somebody asks for it.
 */
export class AccessLog {
  private readonly tables = new Map<string, TableAccess>();

  private table(name: string): TableAccess {
    let table = this.tables.get(name);
    if (!table) this.tables.set(name, (table = { all: undefined, keys: new Map(), spans: [] }));
    return table;
  }

  /** A record of a keyed table. */
  key(name: string, key: Key, write: boolean): void {
    const { keys } = this.table(name);
    if (write || !keys.has(key)) keys.set(key, write);
  }

  /** Extents from `start` to `end`, exclusive. */
  span(name: string, start: Position, end: Position, write: boolean): void {
    const { spans } = this.table(name);
    for (const span of spans) {
      if (span.start <= start && span.end >= end && (span.write || !write)) return;
    }
    spans.push({ start, end, write });
  }

  /** Every record of a table, how many there are included. */
  whole(name: string): void {
    this.table(name).all ??= false;
  }

  /** Something beside the tables whose order counts: random numbers, an index kept by hand. */
  touched(name: string): void {
    this.table(name).all = true;
  }

  /** Would the other order give another outcome? */
  conflicts(other: AccessLog): boolean {
    const [few, many] = this.tables.size <= other.tables.size ? [this, other] : [other, this];
    for (const [name, mine] of few.tables) {
      const theirs = many.tables.get(name);
      if (theirs && meet(mine, theirs)) return true;
    }
    return false;
  }
}

function writes({ all, keys, spans }: TableAccess): boolean {
  if (all === true || spans.some(({ write }) => write)) return true;
  for (const write of keys.values()) if (write) return true;
  return false;
}

function meet(a: TableAccess, b: TableAccess): boolean {
  if (a.all !== undefined && (a.all || writes(b))) return true;
  if (b.all !== undefined && (b.all || writes(a))) return true;
  const [few, many] = a.keys.size <= b.keys.size ? [a.keys, b.keys] : [b.keys, a.keys];
  for (const [key, write] of few) {
    const other = many.get(key);
    if (other !== undefined && (write || other)) return true;
  }
  return a.spans.some((mine) =>
    b.spans.some(
      (theirs) =>
        (mine.write || theirs.write) && mine.start < theirs.end && theirs.start < mine.end,
    ),
  );
}
