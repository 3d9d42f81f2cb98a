import type { Step } from '../../../src/shared/world/step.ts';

/** The steps of a run, looked up by the function: always its first call. */
export class StepBook {
  readonly steps: readonly Step[];

  constructor(steps: readonly Step[]) {
    this.steps = steps;
  }

  first(fn: string): Step {
    const step = this.steps.find((one) => one.fn === fn && one.kind === 'call');
    if (!step) throw new Error(`nothing calls ${fn}`);
    return step;
  }

  private back(fn: string): Step | undefined {
    const { seq } = this.first(fn);
    return this.steps.find((one) => one.seq > seq && one.kind === 'return' && one.fn === fn);
  }

  /** The rows its frame wrote, as they are after it; undefined: gone. Without the kernel log. */
  wrote(fn: string) {
    return [...this.first(fn).diff, ...(this.back(fn)?.diff ?? [])]
      .filter(({ table }) => table !== 'kernel_log')
      .map(({ to }) => to);
  }

  returned(fn: string): unknown {
    const { ret } = this.first(fn);
    return ret === undefined ? this.back(fn)?.ret : ret;
  }

  error(fn: string) {
    return this.first(fn).err ?? this.back(fn)?.err;
  }

  /** The kernel variables it set. */
  variables(fn: string): Record<string, unknown> {
    const rows = this.wrote(fn).filter((row) => row !== undefined && 'value' in row);
    return Object.fromEntries(rows.map((row) => [row?.['name'], row?.['value']]));
  }

  /** Names of the functions it called itself, in order. */
  callees(fn: string): string[] {
    const { seq } = this.first(fn);
    return this.steps
      .filter((one) => one.parent === seq && one.kind === 'call')
      .map((one) => one.fn);
  }
}
