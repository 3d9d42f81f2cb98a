import type { Step } from '../../../shared/world/step.ts';
import type { StepSource } from '../../engine/world/timeline.ts';

/**
 * The call tree of a recording: who called what, where a call ends, and where the next change
 * is. Grows with the recording; built as it is asked for.
 */
export class StepTree {
  private readonly source: StepSource;
  private readonly childLists = new Map<number, number[]>();
  /** Changed records in steps 1..n. */
  private readonly changes: number[] = [0];

  constructor(source: StepSource) {
    this.source = source;
  }

  private index(): void {
    for (let seq = this.changes.length; seq <= this.source.length; seq += 1) {
      const step = this.source.step(seq);
      let list = this.childLists.get(step.parent);
      if (!list) this.childLists.set(step.parent, (list = []));
      list.push(seq);
      this.changes.push((this.changes[seq - 1] as number) + step.diff.length);
    }
  }

  /** Steps whose parent is `seq`; 0 for the operations. */
  children(seq: number, changesOnly = false): readonly number[] {
    this.index();
    const list = this.childLists.get(seq) ?? [];
    return changesOnly ? list.filter((child) => this.changesIn(child) > 0) : list;
  }

  /** Last step inside the call `seq`, or the end of the recording while it is open. */
  end(seq: number): number {
    if (seq === 0) return this.source.length;
    const step = this.source.step(seq);
    if (step.kind === 'point' || step.kind === 'return') return seq;
    return step.end ?? this.source.length;
  }

  /** Changed records in the call `seq` and everything inside it. */
  changesIn(seq: number): number {
    this.index();
    return (this.changes[this.end(seq)] as number) - (this.changes[seq - 1] as number);
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
