import { lookAt } from '../../plugins/watch.ts';

/** CPU time of a thread in milliseconds. */
export type CpuReading = () => Promise<number>;

/**
 * Whether one stretch of a plugin's code has had more CPU time than it may. Fuel stops what it
 * counts long before; this is for what it does not see. CPU time and not the clock: a machine that is
 * busy with something else is slow, and no plugin ends for that.
 */
export class Deadline {
  private readonly board: Int32Array;
  private readonly cpu: CpuReading;
  private readonly limit: number;
  private since: { readonly begun: number; readonly cpu: number } | undefined;

  /** @param limit CPU time of one stretch, in milliseconds */
  constructor(board: Int32Array, cpu: CpuReading, limit: number) {
    this.board = board;
    this.cpu = cpu;
    this.limit = limit;
  }

  /** Looks once; the number of the call that has run too long, if one has. */
  async look(): Promise<number | undefined> {
    const before = lookAt(this.board);
    if (before.running === 0) {
      this.since = undefined;
      return undefined;
    }
    const cpu = await this.cpu();
    const { running, begun } = lookAt(this.board);
    // It ended while the CPU time was asked for.
    if (running === 0 || begun !== before.begun) return undefined;
    if (this.since?.begun !== begun) {
      this.since = { begun, cpu };
      return undefined;
    }
    return cpu - this.since.cpu >= this.limit ? running : undefined;
  }
}
