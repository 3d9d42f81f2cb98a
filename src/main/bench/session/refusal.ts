import type { BenchError } from '../../../shared/bench/command.ts';

/** A command that cannot be done, on its way to the door: a sentence with a code and a place. */
export class Refusal extends Error {
  readonly problem: BenchError;

  constructor(
    code: string,
    message: string,
    place: { file?: string; line?: number; column?: number } = {},
  ) {
    super(message);
    this.problem = { code, message, ...place };
  }
}
