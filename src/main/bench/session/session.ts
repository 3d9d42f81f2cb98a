import type { Step, StepReturn } from '../../../shared/world/step.ts';
import type {
  BookmarkView,
  BreakpointView,
  ExpectationView,
  ViolationView,
} from '../../../shared/bench/state.ts';
import type { Facts } from '../../engine/core/facts.ts';
import { formatHash } from '../../engine/core/world/hash.ts';
import { Cursor, type StepSource } from '../../engine/core/world/timeline.ts';
import { ActorSteps } from '../inspect/actors.ts';
import { Authors } from '../inspect/authors.ts';
import type { Inspection } from '../inspect/context.ts';
import { StepTree } from '../inspect/tree.ts';
import { findHit, moves } from './moves.ts';
import { hits, type Target } from './target.ts';

/** Where the steps of a session go besides its own log: the recorder, or nowhere. */
export interface StepListener {
  step(step: Step): void;
  returned(event: StepReturn): void;
}

/**
 * A recording somebody looks at: the place in it, breakpoints and bookmarks. How the steps came
 * to be (a run, a file) does not matter here.
 */
export class Session {
  readonly facts: Facts;
  readonly source: StepSource;
  readonly cursor: Cursor;
  readonly tree: StepTree;
  readonly authors: Authors;
  readonly actorSteps: ActorSteps;
  breakpoints: BreakpointView[] = [];
  bookmarks: BookmarkView[] = [];
  expectations: ExpectationView[] = [];
  violations: ViolationView[] = [];
  /** Steps whose error the lab expects. */
  readonly expected = new Set<number>();
  private nextId = 1;
  private hitCache = new Map<number, { length: number; hits: number }>();

  constructor(facts: Facts, source: StepSource, at = 0) {
    this.facts = facts;
    this.source = source;
    this.cursor = new Cursor(source, at);
    this.tree = new StepTree(source);
    this.authors = new Authors(source);
    this.actorSteps = new ActorSteps(source);
  }

  get at(): number {
    return this.cursor.at;
  }

  get length(): number {
    return this.source.length;
  }

  hash(): string {
    return formatHash(this.cursor.hash());
  }

  inspection(): Inspection {
    return {
      facts: this.facts,
      world: this.cursor.world,
      source: this.source,
      at: this.at,
      authors: this.authors,
      tree: this.tree,
    };
  }

  /** The same world one step earlier, for showing what a text said before. */
  inspectionBefore(): Inspection | undefined {
    if (this.at === 0) return undefined;
    const cursor = new Cursor(this.source, this.at - 1);
    return { ...this.inspection(), world: cursor.world, at: this.at - 1 };
  }

  move(how: keyof typeof moves): void {
    const to = moves[how](this.at, this.tree, this.length);
    const stop = how === 'over' || how === 'out' ? this.breakpointBefore(to) : undefined;
    this.cursor.seek(stop ?? to);
  }

  /** The first breakpoint strictly inside a step over or out. */
  private breakpointBefore(to: number): number | undefined {
    const found = findHit(this.source, this.enabled(), this.at, false);
    return found && found.at < to ? found.at : undefined;
  }

  seek(step: number): void {
    this.cursor.seek(step);
  }

  /** Runs to the next breakpoint, or the end (the start, in reverse). */
  continue(reverse: boolean): string | undefined {
    const found = findHit(this.source, this.enabled(), this.at, reverse);
    this.cursor.seek(found?.at ?? (reverse ? 0 : this.length));
    return found ? `${found.target.kind} ${found.target.target}` : undefined;
  }

  /** Runs to a function, PFN, field or error. False: nothing like it lies that way. */
  runTo(target: Target, reverse: boolean): boolean {
    const found = findHit(this.source, [target], this.at, reverse);
    if (found) this.cursor.seek(found.at);
    return found !== undefined;
  }

  private enabled(): readonly Target[] {
    return this.breakpoints.filter(({ enabled }) => enabled);
  }

  addBreakpoint(kind: BreakpointView['kind'], target: string): number {
    const same = this.breakpoints.find((b) => b.kind === kind && b.target === target);
    if (same) return same.id;
    const id = this.nextId++;
    this.breakpoints = [...this.breakpoints, { id, kind, target, enabled: true, hits: 0 }];
    return id;
  }

  setBreakpoint(id: number, enabled: boolean): void {
    this.breakpoints = this.breakpoints.map((b) => (b.id === id ? { ...b, enabled } : b));
  }

  removeBreakpoint(id: number): void {
    this.breakpoints = this.breakpoints.filter((b) => b.id !== id);
    this.hitCache.delete(id);
  }

  /** Breakpoints with their hits over the whole recording. */
  breakpointViews(): BreakpointView[] {
    return this.breakpoints.map((breakpoint) => ({
      ...breakpoint,
      hits: this.countHits(breakpoint),
    }));
  }

  private countHits(breakpoint: BreakpointView): number {
    const known = this.hitCache.get(breakpoint.id);
    if (known?.length === this.length) return known.hits;
    let count = known?.hits ?? 0;
    for (let seq = (known?.length ?? 0) + 1; seq <= this.length; seq += 1) {
      if (hits(this.source.step(seq), breakpoint)) count += 1;
    }
    this.hitCache.set(breakpoint.id, { length: this.length, hits: count });
    return count;
  }

  addBookmark(title: string | undefined): number {
    const id = this.nextId++;
    const fn = this.at > 0 ? this.source.step(this.at).fn : 'start';
    this.bookmarks = [...this.bookmarks, { id, step: this.at, title: title ?? fn }].sort(
      (a, b) => a.step - b.step,
    );
    return id;
  }

  removeBookmark(id: number): void {
    this.bookmarks = this.bookmarks.filter((bookmark) => bookmark.id !== id);
  }

  /** Puts breakpoints and bookmarks back as they were saved. */
  restore(breakpoints: readonly BreakpointView[], bookmarks: readonly BookmarkView[]): void {
    this.breakpoints = [...breakpoints];
    this.bookmarks = [...bookmarks];
    this.nextId = 1 + Math.max(0, ...breakpoints.map((b) => b.id), ...bookmarks.map((b) => b.id));
  }
}
