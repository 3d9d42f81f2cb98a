import type { BenchApi } from '../shared/bench/commands.ts';

declare global {
  interface Window {
    /** The bench as the Electron preload offers it; absent in a browser. */
    readonly pfnlab?: BenchApi;
  }
}
