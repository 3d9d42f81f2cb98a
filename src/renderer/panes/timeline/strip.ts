/** A block of the strip of all steps. Shares of the whole, 0 to 1. */
export interface StripBlock {
  readonly index: number;
  readonly title: string;
  readonly actor: string;
  readonly first: number;
  readonly last: number;
  readonly from: number;
  readonly to: number;
  /** Share of the block that is already replayed. */
  readonly done: number;
  readonly error: boolean;
}

/** One block for each operation that has begun, over all recorded steps. */
export function stripBlocks(
  operations: readonly {
    index: number;
    title: string;
    actor: string;
    first: number;
    last: number;
    error?: string | undefined;
  }[],
  at: number,
  length: number,
): StripBlock[] {
  const total = Math.max(1, length);
  return operations
    .filter(({ first }) => first > 0 && first <= length)
    .map(({ index, title, actor, first, last, error }) => {
      const end = last === 0 ? length : last;
      return {
        index,
        title,
        actor,
        first,
        last: end,
        from: (first - 1) / total,
        to: end / total,
        done: Math.min(1, Math.max(0, (at - first + 1) / (end - first + 1))),
        error: error !== undefined,
      };
    });
}

/** The operation a step belongs to; one that has not ended reaches to the last step recorded. */
export function operationAt(
  operations: readonly { first: number; last: number }[],
  step: number,
  length: number,
): { first: number; last: number } | undefined {
  const found = operations.find(
    ({ first, last }) => first > 0 && first <= step && step <= (last || length),
  );
  return found && { first: found.first, last: found.last || length };
}

/** "1 bookmark", "3 bookmarks". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Near the right edge a bookmark's name stands to the left of its line. */
export function flagsLeft(x: number, width: number): boolean {
  return x > width - 120;
}

/** Pixels a letter of a bookmark's name takes, and a number of the ruler reaches to each side. */
const LETTER = 5.8;
const HALF_NUMBER = 12;

/** Whether the ruler's number at a pixel would stand under a bookmark's name. */
export function underFlag(
  marks: readonly { x: number; title: string }[],
  at: number,
  width: number,
): boolean {
  return marks.some(({ x, title }) => {
    const long = title.length * LETTER + 10;
    const from = flagsLeft(x, width) ? x - long : x;
    return at + HALF_NUMBER > from && at - HALF_NUMBER < from + long;
  });
}
