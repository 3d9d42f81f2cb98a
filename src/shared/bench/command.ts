import type { z } from 'zod';

/** One command: the only way to act on the bench, through every door. */
export interface Command<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  /** Reverse-DNS id, `org.pfnlab.timeline.stepBack`. */
  readonly id: string;
  readonly title: string;
  readonly input: I;
  readonly output: O;
  /** Default keys in tinykeys notation; the browser's own shortcuts get an alternative. */
  readonly keys: readonly string[];
  /** Whether the palette offers it: it needs no input a palette cannot give. */
  readonly palette: boolean;
}

export function command<I extends z.ZodType, O extends z.ZodType>(
  id: string,
  title: string,
  input: I,
  output: O,
  options: { keys?: readonly string[]; palette?: boolean } = {},
): Command<I, O> {
  return { id, title, input, output, keys: options.keys ?? [], palette: options.palette ?? false };
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
