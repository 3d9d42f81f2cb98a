import type { OperationView } from '../../../shared/bench/state.ts';
import type { ExpectEntry } from '../../../shared/lab/expectations/expectations.ts';
import type { Lab } from '../../../shared/lab/schema.ts';
import { deviceCallbacks } from '../../engine/kernel/device/callback.ts';
import { closeDevices } from '../../engine/kernel/device/devices.ts';
import { expects } from '../../engine/lab/invariants/expected.ts';
import { Monitor } from '../../engine/lab/invariants/monitor.ts';
import { checkExpectation, type Verdict } from '../../engine/lab/machine/expect.ts';
import { expectedError, taskVerdicts, type Outcome } from '../../engine/lab/machine/outcome.ts';
import type { LabRun, LabTask } from '../../engine/lab/machine/run.ts';
import { Deadlock, deadlockText } from '../../engine/core/world/deadlock.ts';
import { Driver } from '../../engine/core/world/driver.ts';
import { formatHash } from '../../engine/core/world/hash.ts';
import { failed } from '../../engine/core/world/operation.ts';
import { Cursor, StepLog } from '../../engine/core/world/timeline.ts';
import type { StepListener } from './session.ts';

/** A lab being run: the driver, its log, and what its program's entries came to. */
export class LabExecution {
  readonly name: string;
  readonly run: LabRun;
  readonly lab: Lab;
  readonly driver: Driver;
  readonly log: StepLog;
  readonly monitor: Monitor;
  /** Steps whose error the lab expects. */
  readonly expected = new Set<number>();
  stopped: string | undefined;
  private readonly outcomes = new Map<number, Outcome>();
  private listener: StepListener | undefined;
  private over = false;
  private judged: readonly Verdict[] | undefined;
  /** It stopped for an invariant, which the lab may expect. */
  private endedBroken = false;

  /** @param name of the lab file, for messages */
  constructor(name: string, lab: Lab, run: LabRun) {
    this.name = name;
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
        const ended = { lab: this.lab, task, outcome: { result, last }, source: this.log };
        for (const seq of expectedError(ended)) this.expected.add(seq);
      },
    });
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
    this.endedBroken = true;
    return true;
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

  /**
   * Every expectation, those of entries after their last step and the others at the end; and every
   * operation and probe that failed although nothing expects it.
   */
  verdicts(): readonly Verdict[] {
    if (!this.over) return this.judge();
    this.judged ??= this.judge();
    return this.judged;
  }

  private judge(): Verdict[] {
    const { log: source, lab } = this;
    const { facts, devices } = this.run;
    const { violations } = this.monitor;
    const cursor = new Cursor(source);
    const checkAt = (at: number) => (entry: ExpectEntry) => {
      cursor.seek(at);
      const { world } = cursor;
      return checkExpectation({ facts, world, source, at, violations, devices }, entry);
    };
    return [
      ...this.run.tasks.flatMap((task, index) => {
        const outcome = this.outcomes.get(index);
        const check = checkAt(outcome?.last ?? source.length);
        return taskVerdicts({ lab, task, outcome, source }, check);
      }),
      ...lab.expect.flatMap(checkAt(source.length)),
    ];
  }

  /** What ended the run before its program did, and what broke, unless the lab expects it. */
  faults(): Verdict[] {
    const place = { file: this.name, line: 1, column: 1 };
    const broken = this.monitor.violations.filter((one) => !expects(this.lab, one));
    const faults = broken.map(({ invariant, step, sentence }) => ({
      at: `invariant ${invariant}`,
      want: 'unbroken',
      got: `broken at step ${step}: ${sentence}`,
      ok: false,
      place,
    }));
    const { stopped } = this;
    if (stopped === undefined || this.endedBroken) return faults;
    const got = `stopped at step ${this.log.length}: ${stopped}`;
    return [...faults, { at: 'run', want: 'to end', got, ok: false, place }];
  }
}
