import type { z } from 'zod';

/** What a handler is given: the bench as a whole, or the session that must be open. */
export type ActsOn = 'bench' | 'session';

/** One command: the only way to act on the bench, through every door. */
export interface Command<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  A extends ActsOn = ActsOn,
> {
  /** Reverse-DNS id, `org.pfnlab.timeline.stepBack`. */
  readonly id: string;
  readonly title: string;
  /** What it does, a sentence. */
  readonly summary: string;
  readonly input: I;
  readonly output: O;
  readonly on: A;
  /** Default keys in tinykeys notation; the browser's own shortcuts get an alternative. */
  readonly keys: readonly string[];
  /** Whether the palette offers it: it needs no input a palette cannot give. */
  readonly palette: boolean;
  /** It changes what the window shows of the bench although the session stands where it stood. */
  readonly changes: boolean;
}

type Declared<I extends z.ZodType, O extends z.ZodType> = Pick<
  Command<I, O>,
  'id' | 'title' | 'summary' | 'input' | 'output'
> &
  Partial<Pick<Command, 'keys' | 'palette' | 'changes'>>;

const DEFAULTS = { keys: [], palette: false, changes: false };

/** A command of the bench as a whole. */
export function command<I extends z.ZodType, O extends z.ZodType>(
  declared: Declared<I, O>,
): Command<I, O, 'bench'> {
  return { ...DEFAULTS, ...declared, on: 'bench' };
}

/** A command on the open session; without one it is refused. */
export function sessionCommand<I extends z.ZodType, O extends z.ZodType>(
  declared: Declared<I, O>,
): Command<I, O, 'session'> {
  return { ...DEFAULTS, ...declared, on: 'session' };
}

/** A failure as every door shows it: a code, one sentence, a place where there is one. */
export interface BenchError {
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

export type BenchResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: BenchError };
