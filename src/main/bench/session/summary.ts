import { z } from 'zod';
import {
  bookmarkView,
  breakpointView,
  expectationView,
  operationView,
  violationView,
} from '../../../shared/bench/state.ts';
import type { OpenSession } from './open-session.ts';

/**
 * What a recording keeps besides its steps, so that it opens without running: the program's
 * operations, what was expected, breakpoints and bookmarks.
 */
const summarySchema = z.object({
  format: z.literal(1),
  /** Architecture of the machine. */
  arch: z.string().default(''),
  operations: z.array(operationView),
  expectations: z.array(expectationView),
  expected: z.array(z.number()),
  invariants: z.array(violationView).default([]),
  breakpoints: z.array(breakpointView),
  bookmarks: z.array(bookmarkView),
  stopped: z.string().optional(),
  picture: z.array(z.object({ fill: z.string(), share: z.number() })),
});
export type Summary = z.infer<typeof summarySchema>;

const EMPTY: Summary = {
  format: 1,
  arch: '',
  operations: [],
  expectations: [],
  expected: [],
  invariants: [],
  breakpoints: [],
  bookmarks: [],
  picture: [],
};

/** Reads a summary; one that does not fit counts as empty: the steps still open. */
export function readSummary(text: string): Summary {
  if (text === '') return EMPTY;
  try {
    return summarySchema.parse(JSON.parse(text));
  } catch {
    return EMPTY;
  }
}

export function writeSummary(open: OpenSession, picture: Summary['picture']): string {
  const { session } = open;
  const summary: Summary = {
    format: 1,
    arch: session.facts.arch.name,
    operations: open.operations,
    expectations: session.expectations,
    expected: [...session.expected],
    invariants: session.violations,
    breakpoints: session.breakpoints,
    bookmarks: session.bookmarks,
    ...(open.stopped ? { stopped: open.stopped } : {}),
    picture,
  };
  return JSON.stringify(summary);
}
