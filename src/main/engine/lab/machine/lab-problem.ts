import type { Path } from '../../../../shared/lab/problem.ts';
import { nearest } from '../../../../shared/lab/suggest.ts';

/** Something in a lab that cannot be run, or is worth a word: where in the document, and a sentence. */
export interface LabProblem {
  readonly path: Path;
  readonly message: string;
  /** A `warning` keeps nobody from running it. */
  readonly severity?: 'warning' | undefined;
  /** It is the last key of the path that is wrong, not its value. */
  readonly key?: true | undefined;
}

/** Known names a message lists. */
const LISTED = 24;
/** A lab can declare thousands of names: the first so many are looked through. */
const LOOKED_AT = 256;

/** "; did you mean `x`?" where one of the known words is near, else what there is. */
export function hintOf(word: string, known: readonly string[], there: string): string {
  const meant = nearest(word, known.slice(0, LOOKED_AT));
  if (meant !== undefined) return `; did you mean \`${meant}\`?`;
  const more = known.length > LISTED ? ' ...' : '';
  return known.length === 0 ? '' : `; ${there} ${known.slice(0, LISTED).join(', ')}${more}`;
}
