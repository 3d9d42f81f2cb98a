import type { z } from 'zod';

/** What a handler is given: the bench as a whole, or the session that must be open. */
export type ActsOn = 'bench' | 'session';

/** Menus of the window, in order. */
export const MENUS = ['File', 'View', 'Run', 'Go'] as const;
export type MenuName = (typeof MENUS)[number];

/** Where a command stands in the menus. */
export interface MenuPlace {
  readonly in: MenuName;
  /** There is a line between groups, ascending; in a group the order is that of the declarations. */
  readonly group: number;
}

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
  /** It needs no input: the window offers it, in the palette and under its keys, as it stands. */
  readonly palette: boolean;
  readonly menu?: MenuPlace;
  /** The way it goes through the recording: there must be steps that way. */
  readonly goes?: 'forward' | 'back';
  /** It changes what the window shows of the bench although the session stands where it stood. */
  readonly changes: boolean;
}

type Declared<I extends z.ZodType, O extends z.ZodType> = Pick<
  Command<I, O>,
  'id' | 'title' | 'summary' | 'input' | 'output'
> &
  Partial<Pick<Command, 'keys' | 'palette' | 'changes' | 'menu' | 'goes'>>;

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
