import type { BenchResult } from './command.ts';
import type { BenchEvent } from './commands.ts';

/**
 * What Electron's preload offers the window, as `window.pfnlab`. Refusals are values here: an
 * error keeps nothing but its message on the way through the context bridge.
 */
export interface PreloadBench {
  call(command: string, input: unknown): Promise<BenchResult<unknown>>;
  /** Where a file (a File of the DOM) that was chosen or dropped lies; '' for one that is on no disk. */
  pathOf(file: object): string;
  listen(listener: (event: BenchEvent) => void): () => void;
}
