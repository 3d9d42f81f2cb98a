import type { Step } from '../../../shared/world/step.ts';
import type { StepSource } from '../../engine/core/world/timeline.ts';
import { changeCounts, type ChangeCounts } from './change-counts.ts';

/** Steps and changed records, added up. */
export interface Totals extends ChangeCounts {
  readonly steps: number;
}

/** The steps of one actor in order, with their changes added up so far. */
class ActorSteps {
  private readonly seqs: number[] = [];
  private readonly added: number[] = [0];
  private readonly updated: number[] = [0];
  private readonly removed: number[] = [0];

  add(step: Step): void {
    const at = this.seqs.length;
    const { added, updated, removed } = changeCounts(step);
    this.seqs.push(step.seq);
    this.added.push((this.added[at] as number) + added);
    this.updated.push((this.updated[at] as number) + updated);
    this.removed.push((this.removed[at] as number) + removed);
  }

  /** Steps `first` to `last`, both included. */
  between(first: number, last: number): Totals {
    const from = this.upTo(first - 1);
    const to = this.upTo(last);
    const sum = (list: readonly number[]) => (list[to] as number) - (list[from] as number);
    return {
      steps: to - from,
      added: sum(this.added),
      updated: sum(this.updated),
      removed: sum(this.removed),
    };
  }

  /** How many of its steps have a number not above `seq`. */
  private upTo(seq: number): number {
    let low = 0;
    let high = this.seqs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.seqs[middle] as number) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * The call tree of a recording: who called what, where a call ends, and where the next change
 * is. Grows with the recording; built as it is asked for.
 */
export class StepTree {
  private readonly source: StepSource;
  private readonly childLists = new Map<number, number[]>();
  /** Steps 1..indexed are in. */
  private indexed = 0;
  private readonly byActor = new Map<string, ActorSteps>();

  constructor(source: StepSource) {
    this.source = source;
  }

  private index(): void {
    while (this.indexed < this.source.length) {
      const seq = this.indexed + 1;
      const step = this.source.step(seq);
      let list = this.childLists.get(step.parent);
      if (!list) this.childLists.set(step.parent, (list = []));
      list.push(seq);
      let steps = this.byActor.get(step.actor);
      if (!steps) this.byActor.set(step.actor, (steps = new ActorSteps()));
      steps.add(step);
      this.indexed = seq;
    }
  }

  /** Steps whose parent is `seq`; 0 for the operations. */
  children(seq: number, changesOnly = false): readonly number[] {
    this.index();
    const list = this.childLists.get(seq) ?? [];
    if (!changesOnly) return list;
    return list.filter((child) => {
      const { added, updated, removed } = this.subtree(child);
      return added + updated + removed > 0;
    });
  }

  /** Last step inside the call `seq`, or the end of the recording while it is open. */
  end(seq: number): number {
    if (seq === 0) return this.source.length;
    const step = this.source.step(seq);
    if (step.kind === 'point' || step.kind === 'return') return seq;
    return step.end ?? this.source.length;
  }

  /** Steps and changed records of the call `seq`, itself included; not those of other actors. */
  subtree(seq: number): Totals {
    this.index();
    const steps = this.byActor.get(this.source.step(seq).actor);
    return steps?.between(seq, this.end(seq)) ?? { steps: 0, added: 0, updated: 0, removed: 0 };
  }

  /** The calls around a step, outermost first, without the step itself. */
  ancestors(seq: number): Step[] {
    const path: Step[] = [];
    let parent = seq > 0 ? this.source.step(seq).parent : 0;
    while (parent > 0) {
      const step = this.source.step(parent);
      path.unshift(step);
      parent = step.parent;
    }
    return path;
  }

  /** The innermost call that is entered and not finished after step `at`; 0 outside all. */
  openCall(at: number): number {
    if (at === 0) return 0;
    if (this.end(at) > at) return at;
    let parent = this.source.step(at).parent;
    while (parent > 0 && this.end(parent) <= at) parent = this.source.step(parent).parent;
    return parent;
  }

  /** The outermost call that ends with step `at`; `at` itself where it is none's last. */
  outermostEndingAt(at: number): number {
    let found = at;
    let parent = this.source.step(at).parent;
    while (parent > 0 && this.end(parent) === at) {
      found = parent;
      parent = this.source.step(parent).parent;
    }
    return found;
  }
}
