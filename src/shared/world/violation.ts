import type { InvariantId } from '../lab/invariants.ts';

/** A broken invariant: a record of the run, not of the world. */
export interface Violation {
  /** The step that broke it. */
  readonly step: number;
  readonly invariant: InvariantId;
  /** What is wrong, with this machine's numbers. */
  readonly sentence: string;
  readonly fn: string;
  readonly actor: string;
  /** Records involved: table, and key as text. */
  readonly records: readonly { readonly table: string; readonly key: string }[];
}
