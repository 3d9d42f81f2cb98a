import type { OperationView } from '../../../shared/bench/state.ts';
import type { Lab } from '../../../shared/lab/schema.ts';
import type { Violation } from '../../../shared/world/violation.ts';
import { deviceCallbacks } from '../../engine/kernel/device/callback.ts';
import { closeDevices } from '../../engine/kernel/device/devices.ts';
import { expects } from '../../engine/lab/invariants/expected.ts';
import { Monitor } from '../../engine/lab/invariants/monitor.ts';
import { checkExpectation, type Verdict } from '../../engine/lab/machine/expect.ts';
import { outcomeVerdicts, type Outcome } from '../../engine/lab/machine/outcome.ts';
import type { LabRun, LabTask } from '../../engine/lab/machine/run.ts';
import { Deadlock, deadlockText } from '../../engine/core/world/deadlock.ts';
import { Driver } from '../../engine/core/world/driver.ts';
import { formatHash } from '../../engine/core/world/hash.ts';
import { failed } from '../../engine/core/world/operation.ts';
import { Cursor, StepLog } from '../../engine/core/world/timeline.ts';
import type { StepListener } from './session.ts';

/** A lab being run: the driver, its log, and what its program's entries came to. */
export class LabExecution {
  readonly run: LabRun;
  readonly lab: Lab;
  readonly driver: Driver;
  readonly log: StepLog;
  readonly monitor: Monitor;
  /** Steps whose error an entry expects. */
  readonly expected = new Set<number>();
  stopped: string | undefined;
  private readonly outcomes = new Map<number, Outcome>();
  private listener: StepListener | undefined;
  private over = false;

  constructor(lab: Lab, run: LabRun) {
    this.lab = lab;
    this.run = run;
    this.driver = new Driver(
      {
        step: (step) => {
          this.log.add(step);
          this.monitor.step(step);
          this.listener?.step(step);
        },
        returned: (event) => {
          this.log.returned(event);
          this.listener?.returned(event);
        },
      },
      {
        facts: run.facts,
        seed: run.seed,
        schedule: run.schedule,
        callback: deviceCallbacks(run.devices),
      },
    );
    this.log = new StepLog(this.driver.world.store);
    this.monitor = new Monitor(this.driver.world, run.facts);
    run.tasks.forEach((task, index) => this.add(task, index));
  }

  /** Also tells every step to `listener`, from the next one on. */
  tell(listener: StepListener): void {
    this.listener = listener;
  }

  private add(task: LabTask, index: number): void {
    this.driver.add({
      actor: task.actor,
      fn: task.fn,
      params: task.params,
      group: task.group,
      done: (result, last) => {
        this.monitor.returned(task.actor, this.driver.idle);
        this.outcomes.set(index, { result, last });
        if (failed(result) && task.entry?.expect?.errno === result.errno) this.expectError(result);
      },
    });
  }

  /** The error travelled up from the step that raised it: all of them are expected. */
  private expectError(error: { errno: string; check: string }): void {
    for (let seq = this.log.length; seq > 0; seq -= 1) {
      const { err } = this.log.step(seq);
      if (err?.errno === error.errno && err.check === error.check) this.expected.add(seq);
    }
  }

  /** Makes at most `limit` steps. False: the run is over. */
  advance(limit: number): boolean {
    if (this.over) return false;
    if (this.stopped !== undefined) {
      this.finish();
      return false;
    }
    let result: boolean | Deadlock = true;
    try {
      for (let made = 0; made < limit && result === true; made += 1) {
        result = this.driver.advance();
        if (this.broken()) result = false;
      }
    } catch (error) {
      this.stopped = error instanceof Error ? error.message : String(error);
      result = false;
    }
    if (result === true) return true;
    if (result instanceof Deadlock) {
      this.stopped = deadlockText(result, this.driver.world);
    }
    this.finish();
    return false;
  }

  /** One step of this actor, whoever's turn it would be. False: it returned without one. */
  moveBy(actor: string): boolean {
    try {
      const made = this.driver.advanceOnly(actor);
      this.broken();
      return made;
    } catch (error) {
      this.stopped = error instanceof Error ? error.message : String(error);
      return false;
    }
  }

  /** An invariant is broken, and the lab does not ask to go on: the run ends here. */
  private broken(): boolean {
    const [first] = this.monitor.violations;
    if (!first || this.lab.invariants === 'report') return false;
    this.stopped = `${first.invariant}: ${first.sentence}`;
    return true;
  }

  /** Broken invariants that no expectation of the lab speaks of. */
  unexpected(): Violation[] {
    return this.monitor.violations.filter((violation) => !expects(this.lab, violation));
  }

  /** The run ended before its program did, and not where the lab said it would. */
  get cutShort(): boolean {
    if (this.stopped === undefined) return false;
    const { violations } = this.monitor;
    return violations.length === 0 || this.unexpected().length > 0;
  }

  /** Ends the devices' code; called by `advance` at the end, or by who breaks the run off. */
  finish(): void {
    if (this.over) return;
    this.over = true;
    closeDevices(this.run.devices);
  }

  /** State hash after the last step. */
  hash(): string {
    return formatHash(this.driver.world.hash());
  }

  /** The program's entries and the steps they made so far. */
  operations(): OperationView[] {
    const firsts = this.firstSteps();
    return this.run.tasks.map((task, index) => {
      const outcome = this.outcomes.get(index);
      const failure = outcome && failed(outcome.result) ? outcome.result : undefined;
      return {
        index: index + 1,
        title: task.title,
        detail: task.detail,
        actor: task.actor,
        first: firsts[index] ?? 0,
        last: outcome?.last ?? 0,
        ...(failure ? { error: failure.errno, check: failure.check } : {}),
      };
    });
  }

  /** First step of each task: the top-level calls of its actor, in order. */
  private firstSteps(): number[] {
    const byActor = new Map<string, number[]>();
    for (let seq = 1; seq <= this.log.length; seq += 1) {
      const { parent, actor, depth } = this.log.step(seq);
      if (parent !== 0 || depth !== 0) continue;
      const seqs = byActor.get(actor);
      if (seqs) seqs.push(seq);
      else byActor.set(actor, [seq]);
    }
    return this.run.tasks.map(({ actor }) => byActor.get(actor)?.shift() ?? 0);
  }

  /** Every expectation: those of entries after their last step, the others at the end. */
  verdicts(): Verdict[] {
    const found: Verdict[] = [];
    const cursor = new Cursor(this.log);
    const { facts } = this.run;
    const { violations } = this.monitor;
    const source = this.log;
    this.run.tasks.forEach((task, index) => {
      const expect = task.entry?.expect;
      if (!expect) return;
      const outcome = this.outcomes.get(index);
      found.push(...outcomeVerdicts(task, outcome));
      const at = outcome?.last ?? this.log.length;
      cursor.seek(at);
      for (const entry of expect.state) {
        found.push(
          ...checkExpectation({ facts, world: cursor.world, source, at, violations }, entry),
        );
      }
    });
    const at = this.log.length;
    cursor.seek(at);
    for (const entry of this.lab.expect) {
      found.push(
        ...checkExpectation({ facts, world: cursor.world, source, at, violations }, entry),
      );
    }
    return found;
  }
}
