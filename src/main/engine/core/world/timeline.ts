import type { Change, Step, StepReturn } from '../../../../shared/world/step.ts';
import { formatHash, type Hash128 } from './hash.ts';
import type { Store } from './store.ts';
import { World } from './world.ts';

/** Steps between two snapshots. A seek replays at most half of it. */
const SNAPSHOT_EVERY = 1024;

/** Read access to a recording's steps: in memory, or fetched from a file as they are asked for. */
export interface StepSource {
  /** Number of steps; the last one's `seq`. */
  readonly length: number;
  /** Step `seq`, 1 to `length`. */
  step(seq: number): Step;
  /** The nearest snapshot not after `seq`; step 0 is the empty world. */
  snapshotBefore(seq: number): { seq: number; store: Store };
}

/** Steps and snapshots of a run in memory, filled by a driver or a recording. */
export class StepLog implements StepSource {
  private readonly steps: Step[] = [];
  private readonly snapshots: { seq: number; store: Store }[] = [];
  private readonly live: Store;

  /** `live` is the store the steps are about to change, or a fresh one for a recording. */
  constructor(live: Store) {
    this.live = live;
    this.snapshots.push({ seq: 0, store: live.clone() });
  }

  get length(): number {
    return this.steps.length;
  }

  step(seq: number): Step {
    const step = this.steps[seq - 1];
    if (!step) throw new RangeError(`no step ${seq}: the run has ${this.steps.length}`);
    return step;
  }

  snapshotBefore(seq: number): { seq: number; store: Store } {
    const index = Math.min(Math.floor(seq / SNAPSHOT_EVERY), this.snapshots.length - 1);
    return this.snapshots[index] as { seq: number; store: Store };
  }

  /** Takes a step a driver has just made: its world has already changed. */
  add(step: Step): void {
    this.steps.push(step);
    if (step.seq % SNAPSHOT_EVERY === 0) {
      this.snapshots.push({ seq: step.seq, store: this.live.clone() });
    }
  }

  /** Takes a recorded step: puts its diff into effect as well. */
  replay(step: Step): void {
    for (const change of step.diff) this.live.apply(change);
    this.add(step);
  }

  returned({ seq, end, ret, err }: StepReturn): void {
    const step = this.step(seq);
    step.end = end;
    step.ret = ret;
    step.err = err;
  }
}

/**
 * A place in a recording: the world as it was after step `at`. Moving it applies and reverts
 * diffs, from the nearest snapshot where that is shorter. The run itself is not disturbed.
 */
export class Cursor {
  private readonly source: StepSource;
  private store: Store;
  private position: number;
  private view: World | undefined;

  constructor(source: StepSource, at = 0) {
    this.source = source;
    const snapshot = source.snapshotBefore(at);
    this.store = snapshot.store.clone();
    this.position = snapshot.seq;
    this.seek(at);
  }

  /** Steps done: 0 is before the first. */
  get at(): number {
    return this.position;
  }

  /** The world here, for reading. */
  get world(): World {
    this.view ??= new World(this.store);
    return this.view;
  }

  hash(): Hash128 {
    return this.world.hash();
  }

  hashText(): string {
    return formatHash(this.hash());
  }

  /** Moves to after step `to`, 0 to the recording's length. Throws RangeError outside. */
  seek(to: number): void {
    if (!Number.isInteger(to) || to < 0 || to > this.source.length) {
      throw new RangeError(`no step ${to}: the run has ${this.source.length}`);
    }
    if (to === this.position) return;
    this.view = undefined;
    const snapshot = this.source.snapshotBefore(to);
    if (to - snapshot.seq < Math.abs(to - this.position)) {
      this.store = snapshot.store.clone();
      this.position = snapshot.seq;
    }
    while (this.position < to) {
      this.position += 1;
      for (const change of this.source.step(this.position).diff) this.store.apply(change);
    }
    while (this.position > to) {
      revertAll(this.store, this.source.step(this.position).diff);
      this.position -= 1;
    }
  }
}

function revertAll(store: Store, diff: readonly Change[]): void {
  for (let at = diff.length - 1; at >= 0; at -= 1) store.revert(diff[at] as Change);
}
