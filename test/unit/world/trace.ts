import { Cursor, type StepSource } from '../../../src/main/engine/core/world/timeline.ts';
import type { World } from '../../../src/main/engine/core/world/world.ts';
import type { Step } from '../../../src/shared/world/step.ts';

/** What is expected of one call of a kernel function in a run. */
export interface ExpectedCall {
  readonly name: string;
  /** The rest of the sentence that the function's name begins. */
  readonly does: string;
  /** Which of its calls, from 0. */
  readonly nth?: number;
  /** Arguments it shows, as far as they matter. */
  readonly args?: Step['args'];
  /** Functions it calls itself, in order. */
  readonly calls?: readonly string[];
  readonly ret?: Step['ret'];
  readonly errno?: string;
  /** A look at the world before the call and after it, and what is seen then. */
  readonly look?: (world: World) => unknown;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** The calls of a recorded run. */
export class Trace {
  private readonly source: StepSource;
  private readonly cursor: Cursor;

  constructor(source: StepSource) {
    this.source = source;
    this.cursor = new Cursor(source);
  }

  private *steps(): Generator<Step> {
    for (let seq = 1; seq <= this.source.length; seq += 1) yield this.source.step(seq);
  }

  /** The step that entered the function for the nth time; throws where it was not called so often. */
  call(name: string, nth = 0): Step {
    const calls = [...this.steps()].filter(({ fn, kind }) => fn === name && kind === 'call');
    const step = calls[nth];
    if (!step) throw new Error(`${name} was called ${calls.length} times`);
    return step;
  }

  callees({ seq }: Step): string[] {
    return [...this.steps()]
      .filter(({ parent, kind }) => parent === seq && kind === 'call')
      .map(({ fn }) => fn);
  }

  /** What a look at the world shows before the call and when it has returned. */
  around(step: Step, look: (world: World) => unknown): { from: unknown; to: unknown } {
    if (step.end === undefined) throw new Error(`${step.fn} has not returned`);
    this.cursor.seek(step.seq - 1);
    const from = look(this.cursor.world);
    this.cursor.seek(step.end);
    return { from, to: look(this.cursor.world) };
  }

  /** What there is to see of a call, in the fields of what is expected of it. */
  seen({ name, nth, args, calls, look, ...expected }: ExpectedCall): Record<string, unknown> {
    const step = this.call(name, nth);
    const shown = Object.keys(args ?? {}).map((key) => [key, step.args[key]]);
    return {
      ...(args ? { args: Object.fromEntries(shown) } : {}),
      ...(calls ? { calls: this.callees(step) } : {}),
      ...('ret' in expected ? { ret: step.ret } : {}),
      ...('errno' in expected ? { errno: step.err?.errno } : {}),
      ...(look ? this.around(step, look) : {}),
    };
  }
}

/** The fields of `seen` that are expected. */
export function wanted({ name: _n, does: _d, nth: _nth, look, ...row }: ExpectedCall) {
  return look ? { from: undefined, to: undefined, ...row } : row;
}
