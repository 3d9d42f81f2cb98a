import type { OpenSession } from './open-session.ts';
import type { Recording } from './recordings.ts';
import type { LabExecution } from './execution.ts';
import { verdictView, violationViews } from './verdict-views.ts';

/** Steps made before others get a turn in the engine's thread. */
const SLICE = 5000;

export interface RunListener {
  progress(steps: number, fn: string): void;
  /** The run is over and recorded. */
  ended(): void;
}

/** A run that makes the steps of an open session: freely, or paused for somebody who chooses. */
export class LiveRun {
  readonly execution: LabExecution;
  private readonly recording: Recording | undefined;
  private readonly listener: RunListener;
  private aborted = false;
  private over = false;
  private byHand = false;
  private handMoves = 0;

  constructor(execution: LabExecution, recording: Recording | undefined, listener: RunListener) {
    this.execution = execution;
    this.recording = recording;
    this.listener = listener;
  }

  /** It stands at its last step and waits for somebody to say who goes on. */
  get paused(): boolean {
    return this.byHand && !this.over;
  }

  /** How often somebody has chosen: a move may end without a step. */
  get moves(): number {
    return this.handMoves;
  }

  /** Actors that may make the next step. */
  offered(): readonly string[] {
    return this.over ? [] : this.execution.driver.runnable();
  }

  /** Runs on by itself, to the end or to a step, where it pauses. */
  async go(open: OpenSession, until = Infinity): Promise<void> {
    const { execution } = this;
    const { log } = execution;
    this.byHand = false;
    let more = true;
    while (!this.aborted && more && log.length < until) {
      more = execution.advance(Math.min(SLICE, until - log.length));
      this.listener.progress(log.length, log.length > 0 ? log.step(log.length).fn : '');
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (!this.aborted && more && until < Infinity) {
      this.byHand = true;
      this.show(open);
    } else await this.end(open);
  }

  /**
   * Lets actors return that are known to make no step on their way out, so that others are offered.
   */
  settle(open: OpenSession, returned: (actor: string) => boolean): void {
    const { driver } = this.execution;
    for (const { actor } of open.operations) {
      if (driver.stackOf(actor).length > 0 && returned(actor)) driver.advanceOnly(actor);
    }
    this.show(open);
  }

  /** One step of this actor. False: it returned from its outermost function without one. */
  async move(open: OpenSession, actor: string): Promise<boolean> {
    this.handMoves += 1;
    const made = this.execution.moveBy(actor);
    if (this.execution.stopped === undefined && this.offered().length > 0) this.show(open);
    else {
      // Says whether that is the end of the program or a deadlock.
      this.execution.advance(1);
      await this.end(open);
    }
    return made;
  }

  /** Breaks the run off after the step it is at. */
  abort(): void {
    this.aborted = true;
  }

  /** Ends a run that waits for somebody. */
  async close(open: OpenSession): Promise<void> {
    this.abort();
    if (this.paused) await this.end(open);
  }

  private show(open: OpenSession): void {
    open.operations = this.execution.operations();
    open.session.violations = violationViews(this.execution);
    for (const seq of this.execution.expected) open.session.expected.add(seq);
  }

  private async end(open: OpenSession): Promise<void> {
    if (this.over) return;
    const { execution, aborted } = this;
    this.over = true;
    execution.finish();
    this.show(open);
    open.session.expectations = execution.verdicts().map(verdictView);
    open.stopped = aborted ? 'the run was broken off' : execution.stopped;
    await this.recording?.end(aborted ? undefined : execution.hash());
    open.running = undefined;
    this.listener.ended();
  }
}
