import {
  EXPECTATIONS,
  type ExpectEntry,
  type ExpectKind,
  type FoundFields,
  type Want,
} from '../../../../shared/lab/expectations/expectations.ts';
import type { Place } from '../../../../shared/lab/place.ts';
import type { Violation } from '../../../../shared/world/violation.ts';
import type { Facts } from '../../core/facts.ts';
import type { StepSource } from '../../core/world/timeline.ts';
import type { Device } from '../../kernel/device/devices.ts';
import type { World } from '../../core/world/world.ts';
import { GETTERS } from './expect-getters.ts';

/** What an expectation is checked against: a world, and the steps that led to it. */
export interface Checked {
  readonly facts: Facts;
  readonly world: World;
  readonly source: StepSource;
  /** Steps up to here count. */
  readonly at: number;
  /** Invariants broken on the way. */
  readonly violations: readonly Violation[];
  /** The devices of the run, if it has any: what registers hold that nobody has written. */
  readonly devices?: ReadonlyMap<string, Device>;
}

/** One figure compared. */
export interface Verdict {
  /** What it is about: `zone node 0 DMA.spanned`. */
  readonly at: string;
  readonly want: string;
  readonly got: string;
  readonly ok: boolean;
  readonly place: Place;
}

/** What the world has where an expectation looks: a title and its fields; no fields: nothing. */
export interface Found<K extends ExpectKind> {
  readonly title: string;
  readonly fields: FoundFields<K> | undefined;
}

/** Finds what one kind of expectation is about. */
export type Getter<K extends ExpectKind> = (checked: Checked, want: Want<K>) => Found<K>;

function found<K extends ExpectKind>(
  checked: Checked,
  kind: K,
  want: ExpectEntry['want'],
): { title: string; fields: Readonly<Record<string, unknown>> | undefined } {
  return GETTERS[kind](checked, want as Want<K>);
}

/** Checks one expectation: one verdict for each field it names. */
export function checkExpectation(checked: Checked, entry: ExpectEntry): Verdict[] {
  const { title, fields } = found(checked, entry.kind, entry.want);
  const { where } = EXPECTATIONS[entry.kind];
  const wants = Object.entries(entry.want).filter(
    ([name, want]) => want !== undefined && !Object.hasOwn(where, name),
  );
  const place = entry.source;
  if (wants.length === 0) {
    return [{ at: title, want: 'there', got: fields ? 'there' : 'not there', ok: !!fields, place }];
  }
  return wants.map(([name, want]) => {
    const got = name === 'exists' ? fields !== undefined : fields?.[name];
    return {
      at: `${title}.${name}`,
      want: shown(want),
      got: got === undefined ? 'not there' : shown(got),
      ok: got !== undefined && equal(want, got),
      place,
    };
  });
}

/** Equal as a person means it: numbers by value, lists in order, maps by the fields wanted. */
export function equal(want: unknown, got: unknown): boolean {
  if (isInteger(want) && isInteger(got)) return BigInt(want) === BigInt(got);
  if (Array.isArray(want)) {
    return (
      Array.isArray(got) && want.length === got.length && want.every((w, i) => equal(w, got[i]))
    );
  }
  if (typeof want === 'object' && want !== null) {
    if (typeof got !== 'object' || got === null) return false;
    return Object.entries(want).every(([name, value]) =>
      equal(value, (got as Record<string, unknown>)[name]),
    );
  }
  return want === got;
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}

/** Addresses (bigint) in hex, counts in decimal. */
export function shown(value: unknown): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([name, item]) => `${name}: ${shown(item)}`)
      .join(', ')} }`;
  }
  return String(value);
}
