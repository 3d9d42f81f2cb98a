/** The program of a lab: operations in order, and who does them. */
import { z } from 'zod';
import type { OutcomeExpect } from './expect.ts';
import type { Place } from './place.ts';
import { count } from './quantity.ts';
import type { ValueMap } from './value.ts';

/**
 * One operation. `nvdimm0.ns0.mount` has target `nvdimm0.ns0` and op `mount`; `boot` has no
 * target. The op `expect` does nothing: its `expect.state` is checked at that point.
 */
export interface ProgramEntry {
  actor?: string | undefined;
  target?: string | undefined;
  op: string;
  args: ValueMap;
  expect?: OutcomeExpect | undefined;
  source: Place;
}

/** Splits `nvdimm0.ns0.mount` into its target and the operation. */
export function splitOperation(name: string): { target?: string; op: string } {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? { op: name } : { target: name.slice(0, dot), op: name.slice(dot + 1) };
}

/** The name as a lab file writes it. */
export function operationName(entry: Pick<ProgramEntry, 'target' | 'op'>): string {
  return entry.target === undefined ? entry.op : `${entry.target}.${entry.op}`;
}

/** Names of operations: parts of letters, digits, `-` and `_`, separated by dots. */
export const OPERATION = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z0-9_][A-Za-z0-9_-]*)*$/;
export const OPERATION_EXPECTED = 'an operation such as `boot` or `nvdimm0.create-namespace`';

export const scheduleSchema = z.union([
  z.literal('sequential'),
  z.array(z.strictObject({ step: count, actor: z.string().min(1) })),
]);

/** Who steps next: one after another, or the recorded choices. */
export type Schedule = z.output<typeof scheduleSchema>;
