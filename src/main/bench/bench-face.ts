import type { BenchResult } from '../../shared/bench/command.ts';
import type { BenchEvent } from '../../shared/bench/commands.ts';

/** The bench as every door sees it. */
export interface BenchFace {
  /** Runs a command. The input is validated here, whatever the door; errors are values. */
  call(name: string, input: unknown): Promise<BenchResult<unknown>>;
  /** Events as they come; returns how to stop listening. */
  listen(listener: (event: BenchEvent) => void): () => void;
  /** Commits what is being recorded, and ends. */
  close(): Promise<void>;
}
