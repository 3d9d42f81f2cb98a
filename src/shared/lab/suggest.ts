/** "Did you mean": the nearest known word. */

/** Longer words are no misspelling of any known one. */
const MAX_LETTERS = 64;

/**
 * Edits (insert, delete, replace, swap neighbours) that turn `a` into `b`; more than `most` where
 * they are more. Only cells that can be within `most` of the diagonal are worked out, and only
 * until a row has none, so the cost is linear in the letters.
 */
function distance(a: string, b: string, most: number): number {
  const beyond = most + 1;
  if (Math.abs(a.length - b.length) > most) return beyond;
  let before: number[] = [];
  let above: number[] = [];
  let row: number[] = [];
  for (let j = 0; j <= Math.min(b.length, most); j++) above[j] = j;
  for (let i = 1; i <= a.length; i++) {
    row = [];
    let least = beyond;
    for (let j = Math.max(0, i - most); j <= Math.min(b.length, i + most); j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = j === 0 ? i : (above[j - 1] ?? beyond) + cost;
      best = Math.min(best, (above[j] ?? beyond) + 1, (row[j - 1] ?? beyond) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (before[j - 2] ?? beyond) + 1);
      }
      row[j] = best;
      least = Math.min(least, best);
    }
    if (least > most) return beyond;
    [before, above] = [above, row];
  }
  return above[b.length] ?? beyond;
}

/**
 * The known word nearest to `word`, if near enough to be meant.
 *
 * @param most edits that are near enough; otherwise a third of its letters, at most 3
 */
export function nearest(word: string, known: readonly string[], most?: number): string | undefined {
  if (word.length > MAX_LETTERS) return undefined;
  let limit = most ?? Math.min(3, Math.max(1, Math.ceil(word.length / 3)));
  const letters = word.toLowerCase();
  let best: string | undefined;
  for (const candidate of known) {
    const edits = distance(letters, candidate.toLowerCase(), limit);
    if (edits > limit) continue;
    best = candidate;
    if (edits === 0) return best;
    // Only a nearer one replaces it.
    limit = edits - 1;
  }
  return best;
}
