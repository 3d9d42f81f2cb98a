import type { AccessLog } from '../../core/world/access.ts';

/** Something that must not happen, and did. */
export interface Broken {
  readonly kind: 'invariant' | 'deadlock' | 'expectation' | 'error';
  /** What it is about, for telling one kind of breakage from another: the invariant, the figure. */
  readonly about: string;
  readonly sentence: string;
  readonly actor: string;
  readonly fn: string;
}

/** One actor went on: to its next step, or (`fn` empty) to its end without one. */
export interface Move {
  readonly access: AccessLog;
  readonly fn: string;
  readonly broken: Broken | undefined;
}

/** One interleaving in the making. */
export interface Branch {
  /** Who may go on, first in order of the program first. */
  offered(): readonly string[];
  /** Group of the task an actor runs or would begin: groups run one after the other. */
  groupOf(actor: string): number;
  move(actor: string): Move;
  /** Nobody is offered: what the end breaks, and the state hash. */
  end(): { readonly broken: Broken | undefined; readonly hash: string };
  /** Gives back what the branch held; called once, wherever it stands. */
  close(): void;
}

/** Begins an interleaving, always from the same world. */
export type Start = () => Branch;
