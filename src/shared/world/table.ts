import { address, count, pfn, position, type Field, type Fields, type RecordOf } from './field.ts';

/** What is said of a table as a whole. */
interface About {
  readonly title: string;
  /** One sentence or a few: what a record is. */
  readonly meaning: string;
  /**
   * The kernel's struct that a record stands for. Its fields are the members of their names, unless
   * they say another or none.
   */
  readonly struct?: string;
}

/** A table as it is declared: everything else that is said of it follows from this. */
export interface Table<K extends string = string, F extends Fields = Fields> extends About {
  /** The field that holds the key. */
  readonly key: K;
  /** In the order of the canonical encoding. */
  readonly fields: F;
  /** What the positions of extents count; undefined where records are no extents. */
  readonly unit?: Unit;
}

/** The type of a table's records. */
export type RecordOfTable<T extends Table> = RecordOf<T['fields']>;

/** What the positions of extents count; each with the kind of `start`, and of `end`. */
const UNITS = {
  address: { field: address, one: 'byte' },
  pfn: { field: pfn, one: 'PFN' },
  section: { field: count, one: 'section' },
  root: { field: count, one: 'root of the section array' },
  block: { field: count, one: 'memory block' },
  /** 64 MiB, as x86_32 DISCONTIGMEM counts. */
  element: { field: count, one: 'unit of 64 MiB' },
  /** Pages of an address space, whose number is in the position. */
  page: { field: position, one: 'page of an address space' },
  /** Pages of a file, whose number is in the position. */
  index: { field: position, one: 'page of a file' },
  /** Blocks of a filesystem, whose number is in the position. */
  fsblock: { field: position, one: 'block of a filesystem' },
} as const;

export type Unit = keyof typeof UNITS;

type Span<U extends Unit> = {
  readonly start: ReturnType<(typeof UNITS)[U]['field']>;
  readonly end: ReturnType<(typeof UNITS)[U]['field']>;
};

/** A table of records with a key. */
export function keyed<const K extends string, F extends Fields & Readonly<Record<K, Field>>>(
  key: K,
  about: About,
  fields: F,
): Table<K, F> {
  return { ...about, key, fields };
}

/**
 * A table of half-open ranges `[start, end)` that never overlap and are always merged as far as
 * their fields allow; the key is `start`.
 */
export function extents<const U extends Unit, F extends Fields>(
  unit: U,
  about: About,
  fields: F,
): Table<'start', Span<U> & F> & { readonly unit: U } {
  const { field, one } = UNITS[unit];
  const span = {
    start: field(`The first ${one}`, { member: '' }),
    end: field(`Behind the last ${one}`, { member: '' }),
  } as Span<U>;
  return { ...about, unit, key: 'start', fields: { ...span, ...fields } };
}

/** What of the kernel a field stands for: "struct zone.spanned_pages"; '' where it is the model's own. */
export function memberOf({ struct, fields }: Table, name: string): string {
  const member = fields[name]?.member ?? name;
  return struct === undefined || member === '' ? '' : `struct ${struct}.${member}`;
}
