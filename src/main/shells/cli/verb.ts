import type { Output } from '../output.ts';

/** What a verb of the command line has of the outside world. */
export interface Terminal extends Output {
  /** The caller's folder: paths resolve against it. */
  readonly folder: string;
  /** The program's folder: `plugins/` and `labs/` stand in it. */
  readonly root: string;
  /** The user's data folder: installed plugins and what is trusted. It need not exist. */
  readonly data: string;
  /** Asks whoever sits there a question for yes or no; absent where nobody does. */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined;
}

/** 0: every expectation holds. 1: one does not, or things differ. 2: unusable input. */
export type ExitCode = 0 | 1 | 2;

export interface OptionSpec {
  /** What stands for the value in the help; an option without is a switch. */
  readonly value?: string;
  /** `number`: a step, from 0. `pair`: two values, one after the other. `list`: may be repeated. */
  readonly kind?: 'number' | 'pair' | 'list';
  readonly text: string;
}

/** Arguments of a verb after they were checked against its options. */
export interface Arguments {
  readonly operands: readonly string[];
  readonly switches: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly numbers: ReadonlyMap<string, number>;
  readonly pairs: ReadonlyMap<string, readonly [string, string]>;
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

export interface Verb {
  /** One word, or `plugin` and one. */
  readonly name: string;
  /** Operands as the help shows them: `FILE PFN`. */
  readonly operands: string;
  /** Fewest and most operands. */
  readonly count: readonly [number, number];
  readonly summary: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** More for `--help`: lines, without a newline at the end. */
  readonly notes?: string;
  run(given: Arguments, terminal: Terminal): ExitCode | Promise<ExitCode>;
}
