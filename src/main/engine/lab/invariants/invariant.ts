import type { Change } from '../../../../shared/world/step.ts';
import type { RowOf, TableName } from '../../../../shared/world/tables.ts';
import type { Key } from '../../../../shared/world/value.ts';
import type { Facts } from '../../core/facts.ts';
import type { World } from '../../core/world/world.ts';

/** The world right after a step. */
export interface Looked {
  readonly world: World;
  readonly facts: Facts;
  /** Struct pages went away, or were poisoned, in the step. */
  readonly pagesWent: boolean;
}

/** What is wrong: a sentence with its numbers, and the records it is about. */
export interface Finding {
  readonly sentence: string;
  readonly records: readonly { readonly table: TableName; readonly key: Key }[];
}

/** Something that must hold after every step, checked from what the step changed. */
export interface Invariant {
  /** Tables whose changes can break it. */
  readonly tables: readonly TableName[];
  /** Looks at one changed record of those tables. */
  check(looked: Looked, change: Change): Finding | undefined;
}

/** The row a change left behind; undefined where it removed one. */
export function rowAfter<T extends TableName>(_table: T, { to }: Change): RowOf<T> | undefined {
  return to as RowOf<T> | undefined;
}

export function rowBefore<T extends TableName>(_table: T, { from }: Change): RowOf<T> | undefined {
  return from as RowOf<T> | undefined;
}

/** "pfn 0x1000" or "pfns 0x1000-0x1fff". */
export function pfnText(start: number, end: number): string {
  const hex = (pfn: number): string => `0x${pfn.toString(16)}`;
  return end - start === 1 ? `pfn ${hex(start)}` : `pfns ${hex(start)}-${hex(end - 1)}`;
}
