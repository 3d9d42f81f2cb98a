import type { Lab } from '../../../../shared/lab/schema.ts';
import type { Step, StepReturn } from '../../../../shared/world/step.ts';
import { deviceCallbacks } from '../../kernel/device/callback.ts';
import { closeDevices } from '../../kernel/device/devices.ts';
import { Monitor } from '../invariants/monitor.ts';
import { checkExpectation, type Verdict } from '../machine/expect.ts';
import { taskVerdicts } from '../machine/outcome.ts';
import type { LabRun, LabTask } from '../machine/run.ts';
import { AccessLog } from '../../core/world/access.ts';
import { groupOf } from '../../core/world/actors.ts';
import { deadlockOf, deadlockText } from '../../core/world/deadlock.ts';
import { Driver } from '../../core/world/driver.ts';
import { formatHash, type Hash128 } from '../../core/world/hash.ts';
import type { Seeded } from '../../core/world/seeded.ts';
import type { Store } from '../../core/world/store.ts';
import type { StepSource } from '../../core/world/timeline.ts';
import { World } from '../../core/world/world.ts';
import type { Branch, Broken, Move } from './branch.ts';

/** The world before anything runs concurrently: no function of anybody runs. */
export interface Resume {
  readonly lab: Lab;
  readonly run: LabRun;
  /** What is still to be done. */
  readonly tasks: readonly LabTask[];
  readonly store: Store;
  readonly hash: Hash128;
  readonly seeded: Seeded;
  /** The steps that led here. */
  readonly log: StepSource;
}

/** Steps made before, and those of one interleaving. */
class Steps implements StepSource {
  private readonly old: StepSource;
  private readonly steps: Step[] = [];

  constructor(old: StepSource) {
    this.old = old;
  }

  get length(): number {
    return this.old.length + this.steps.length;
  }

  step(seq: number): Step {
    if (seq <= this.old.length) return this.old.step(seq);
    const step = this.steps[seq - this.old.length - 1];
    if (!step) throw new RangeError(`no step ${seq}`);
    return step;
  }

  snapshotBefore(seq: number): { seq: number; store: Store } {
    return this.old.snapshotBefore(Math.min(seq, this.old.length));
  }

  add(step: Step): void {
    this.steps.push(step);
  }

  returned({ seq, end, ret, err }: StepReturn): void {
    Object.assign(this.step(seq), { end, ret, err });
  }
}

/** One interleaving of a lab's program, from a resume point on. */
export class LabBranch implements Branch {
  readonly driver: Driver;
  private readonly resume: Resume;
  private readonly world: World;
  private readonly monitor: Monitor;
  private readonly steps: Steps;
  private readonly failed: { readonly verdict: Verdict; readonly task: LabTask | undefined }[] = [];
  private told = 0;
  private failedTold = 0;

  constructor(resume: Resume) {
    this.resume = resume;
    const { run, store, hash, seeded, log } = resume;
    this.world = new World(store.clone(), { hash });
    this.monitor = new Monitor(this.world, run.facts);
    this.steps = new Steps(log);
    this.driver = new Driver(
      {
        step: (step) => {
          this.steps.add(step);
          this.monitor.step(step);
        },
        returned: (event) => this.steps.returned(event),
      },
      {
        facts: run.facts,
        seed: run.seed,
        world: this.world,
        callback: deviceCallbacks(run.devices),
        from: { seq: log.length, seeded },
      },
    );
    for (const task of resume.tasks) this.add(task);
  }

  private add(task: LabTask): void {
    const { actor, fn, params, group } = task;
    const done = (result: unknown, last: number): void => {
      this.monitor.returned(actor, this.driver.idle);
      const { lab } = this.resume;
      const ended = { lab, task, outcome: { result, last }, source: this.steps };
      for (const verdict of taskVerdicts(ended, (entry) => this.check(entry))) {
        if (!verdict.ok) this.failed.push({ verdict, task });
      }
    };
    this.driver.add({ actor, fn, params, group, done });
  }

  /** What an expectation comes to here. Those about invariants are what is being looked for. */
  private check(entry: Lab['expect'][number]): Verdict[] {
    if (entry.kind === 'invariant') return [];
    const { world, steps: source, monitor } = this;
    const { violations } = monitor;
    const { facts, devices } = this.resume.run;
    const checked = { facts, world, source, at: source.length, violations, devices };
    return checkExpectation(checked, entry);
  }

  offered(): readonly string[] {
    return this.driver.runnable();
  }

  groupOf(actor: string): number {
    return groupOf(this.driver.actors.get(actor));
  }

  move(actor: string): Move {
    const access = new AccessLog();
    const before = this.driver.steps;
    this.world.access = access;
    let broken: Broken | undefined;
    try {
      this.driver.advanceOnly(actor);
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      broken = { kind: 'error', about: sentence, sentence, actor, fn: '' };
    } finally {
      this.world.access = undefined;
    }
    const fn = this.driver.steps > before ? this.steps.step(this.driver.steps).fn : '';
    return { access, fn, broken: this.violation() ?? (this.told > 0 ? undefined : broken) };
  }

  /** The first invariant the interleaving breaks; what else breaks after it follows from it. */
  private violation(): Broken | undefined {
    const [first] = this.monitor.violations;
    if (!first || this.told > 0) return undefined;
    this.told += 1;
    const { invariant, sentence, actor, fn } = first;
    return { kind: 'invariant', about: invariant, sentence, actor, fn };
  }

  end(): { readonly broken: Broken | undefined; readonly hash: string } {
    return {
      broken: this.told > 0 ? undefined : this.endBroken(),
      hash: formatHash(this.world.hash()),
    };
  }

  private endBroken(): Broken | undefined {
    const deadlock = deadlockOf(this.driver.actors.all());
    if (deadlock) {
      const sentence = deadlockText(deadlock, this.world);
      const about = deadlock.waiting.map(({ actor, on }) => `${actor} on ${on}`).join(', ');
      const [first] = deadlock.waiting;
      return { kind: 'deadlock', about, sentence, actor: first?.actor ?? '', fn: '' };
    }
    const [first] = [
      ...this.failed,
      ...this.resume.lab.expect
        .flatMap((entry) => this.check(entry))
        .filter(({ ok }) => !ok)
        .map((verdict) => ({ verdict, task: undefined })),
    ];
    if (!first) return undefined;
    const { at, want, got, place } = first.verdict;
    return {
      kind: 'expectation',
      about: `${place.file}:${place.line} ${at}`,
      sentence: `${place.file}:${place.line}:${place.column}: ${at}: expected ${want}, got ${got}`,
      actor: first.task?.actor ?? '',
      fn: first.task?.title ?? '',
    };
  }

  /**
   * The devices' code is kept for the next interleaving unless it was left inside an action: its
   * lasting state is in registers, and starting it anew takes longer than an interleaving.
   */
  close(): void {
    if (!this.driver.idle) closeDevices(this.resume.run.devices);
  }
}
