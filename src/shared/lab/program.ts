/** The program of a lab: operations in order, and who does them. */
import { z } from 'zod';
import type { OutcomeExpect } from './expectations/expectations.ts';
import type { Place } from './place.ts';
import type { Path } from './problem.ts';
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
  /** Entries with the same number stand in one `concurrently` block: their actors interleave. */
  concurrent?: number | undefined;
  source: EntrySource;
}

/** Where an entry stands in the text, and in the document: its own path, and that of its arguments. */
export interface EntrySource extends Place {
  path: Path;
  args: Path;
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

const actorName = z.string().min(1).describe('Name of an actor of the program');
/** A place an actor stands at: a function, or a named point inside one. */
const place = z
  .string()
  .regex(/^[\w.-]+(:[\w-]+)?$/, 'a function such as `memunmap_pages`, or a point `fn:point`')
  .describe('A function, such as `memunmap_pages`, or a point in one, `fn:point`');

/** What was chosen at one step, as a run records it. */
const choiceSchema = z.strictObject({
  step: count.describe('Number of the step'),
  actor: actorName.describe('Who made it'),
});

/** A choice by places, which survives edits of the lab. */
const orderSchema = z.union([
  z.strictObject({
    run: z
      .strictObject({
        actor: actorName.describe('Who steps'),
        until: place.optional().describe('It stops before this place'),
        steps: count
          .refine((steps) => steps > 0, 'at least 1')
          .optional()
          .describe('How many steps it makes'),
      })
      .describe('One actor steps alone, to a place or for a number of steps'),
  }),
  z.strictObject({
    hold: z
      .strictObject({
        actor: actorName.describe('Who is held'),
        at: place.describe('Where it is held once it comes there'),
      })
      .describe('An actor steps no further than a place, until it is released'),
  }),
  z.strictObject({ release: actorName.describe('Lets an actor step on that was held') }),
]);

export const scheduleSchema = z.union([
  z.literal('sequential'),
  z.array(
    z.union([choiceSchema, ...orderSchema.options], {
      error: 'a map { step, actor }, { run }, { hold } or { release }',
    }),
  ),
]);

/** `run`, `hold` or `release`. */
export type ScheduleOrder = z.output<typeof orderSchema>;
/** Who steps next: one after another, or what was recorded or written. */
export type Schedule = z.output<typeof scheduleSchema>;
/** A schedule that is not the default. */
export type WrittenSchedule = readonly Exclude<Schedule, 'sequential'>[number][];
