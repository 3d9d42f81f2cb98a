import type { BenchEvent } from '../../../src/shared/bench/commands.ts';
import type { BenchFace } from '../../../src/main/bench/bench.ts';

/**
 * A bench that answers with what it was asked: transport is under test here, and the real bench
 * is asked through it in the tests of all doors.
 */
export class EchoBench implements BenchFace {
  private readonly listeners = new Set<(event: BenchEvent) => void>();
  private readonly leavers: (() => void)[] = [];

  call(name: string, input: unknown) {
    if (name === 'throw') return Promise.reject(new Error('out of order'));
    if (name === 'refuse') {
      const error = { code: 'value', message: 'no', file: 'a.lab.yaml', line: 3, column: 5 };
      return Promise.resolve({ ok: false as const, error });
    }
    return Promise.resolve({ ok: true as const, value: { name, input } });
  }

  listen(listener: (event: BenchEvent) => void) {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      for (const told of this.leavers.splice(0)) told();
    };
  }

  /** Resolves when a listener stops listening. */
  nextLeave() {
    return new Promise<void>((resolve) => this.leavers.push(resolve));
  }

  tell(event: BenchEvent) {
    for (const listener of this.listeners) listener(event);
  }

  close() {
    return Promise.resolve();
  }
}
