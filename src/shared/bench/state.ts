import { z } from 'zod';
import { INVARIANT_IDS } from '../lab/invariants.ts';

/** A finding in a file or a run, with its place. */
export const problemView = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  file: z.string(),
  line: z.number(),
  column: z.number(),
});
export type ProblemView = z.infer<typeof problemView>;

export const operationView = z.object({
  index: z.number(),
  title: z.string(),
  detail: z.string(),
  actor: z.string(),
  /** First and last step; 0 where it has not begun or not ended. */
  first: z.number(),
  last: z.number(),
  /** The errno it ended in, and the check that raised it. */
  error: z.string().optional(),
  check: z.string().optional(),
});
export type OperationView = z.infer<typeof operationView>;

export const expectationView = z.object({
  at: z.string(),
  want: z.string(),
  got: z.string(),
  ok: z.boolean(),
  file: z.string(),
  line: z.number(),
});
export type ExpectationView = z.infer<typeof expectationView>;

/** A broken invariant. */
export const violationView = z.object({
  step: z.number(),
  invariant: z.enum(INVARIANT_IDS),
  sentence: z.string(),
  fn: z.string(),
  actor: z.string(),
  records: z.array(z.object({ table: z.string(), key: z.string() })),
});
export type ViolationView = z.infer<typeof violationView>;

export const breakpointView = z.object({
  id: z.number(),
  kind: z.enum(['function', 'pfn', 'field', 'condition', 'error']),
  /** Function; PFN; "zones.Device.spanned_pages", with "> 0" a condition; errno or "any". */
  target: z.string(),
  enabled: z.boolean(),
  /** Steps of the whole recording that hit it. */
  hits: z.number(),
});
export type BreakpointView = z.infer<typeof breakpointView>;

export const bookmarkView = z.object({ id: z.number(), step: z.number(), title: z.string() });
export type BookmarkView = z.infer<typeof bookmarkView>;

export const sessionView = z.object({
  /** Library id of the recording. */
  id: z.string(),
  title: z.string(),
  file: z.string(),
  kernel: z.object({
    text: z.string(),
    release: z.string(),
    arch: z.string(),
    model: z.string(),
    assumption: z.string().optional(),
    hypothetical: z.boolean(),
    overridden: z.array(z.string()),
  }),
  /** Step the session stands at, 0 before the first; `length` steps are recorded. */
  at: z.number(),
  length: z.number(),
  running: z.boolean(),
  /**
   * The run waits at its last step for somebody to say who goes on: actors that may, and how often
   * somebody has said so. Null: it runs by itself or is over.
   */
  head: z.object({ offered: z.array(z.string()), moves: z.number() }).nullable(),
  /** False for a recording opened without what made it: it reads and steps, it cannot run. */
  runnable: z.boolean(),
  why_not_runnable: z.string().optional(),
  hash: z.string(),
  fn: z.string(),
  actor: z.string(),
  changes: z.number(),
  actors: z.array(z.string()),
  operations: z.array(operationView),
  expectations: z.array(expectationView),
  /** Broken invariants of the whole recording. */
  invariants: z.array(violationView),
  breakpoints: z.array(breakpointView),
  bookmarks: z.array(bookmarkView),
  plugins: z.array(
    z.object({ id: z.string(), version: z.string(), sha256: z.string(), missing: z.boolean() }),
  ),
  schedule: z.string(),
  /** Everything recorded so far is committed. */
  saved: z.boolean(),
  /** A run that stopped early: deadlock or trap, a sentence. */
  stopped: z.string().optional(),
  /** The layout and selection last saved with the session, opaque JSON of the renderer. */
  view: z.string(),
});
export type SessionView = z.infer<typeof sessionView>;

export const libraryEntry = z.object({
  id: z.string(),
  title: z.string(),
  file: z.string(),
  kernel: z.string(),
  arch: z.string(),
  at: z.number(),
  length: z.number(),
  status: z.enum(['running', 'complete', 'interrupted']),
  /** Milliseconds since 1970. */
  opened: z.number(),
  /** Coarse picture of the machine for the list: fills with their share of the width. */
  picture: z.array(z.object({ fill: z.string(), share: z.number() })),
});
export type LibraryEntry = z.infer<typeof libraryEntry>;

/** What the window as a whole shows. */
export const benchState = z.object({
  version: z.string(),
  door: z.enum(['electron', 'web', 'cli']),
  session: sessionView.nullable(),
  /** Grows when plugins come, go, change or are trusted. */
  plugins_revision: z.number(),
  library_folder: z.string(),
  library_problem: z.string().optional(),
  /** Why the engine was started again while this session was open. */
  engine_problem: z.string().optional(),
});
export type BenchState = z.infer<typeof benchState>;
