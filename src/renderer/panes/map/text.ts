export interface TextFit {
  readonly label: string;
  readonly note: string;
  /** Pixels both take together. */
  readonly width: number;
}

/** Shortest rest of a cut name that still says something. */
const LEAST_LETTERS = 3;

/**
 * What of a name and its note fits: both, the name alone, its first words, its first letters with
 * an ellipsis, or nothing.
 */
export function fitText(
  label: string,
  note: string,
  room: number,
  measure: (text: string) => number,
): TextFit | undefined {
  const long = measure(label);
  if (note !== '') {
    const both = measure(`${label} `) + 2 + measure(note) * 1.08;
    if (both <= room) return { label, note, width: both };
  }
  if (long <= room) return { label, note: '', width: long };
  const [first = ''] = label.split(/[ \u00b7]/);
  if (first !== label && measure(first) <= room && first.length > 1) {
    return { label: first, note: '', width: measure(first) };
  }
  for (let length = label.length - 1; length >= LEAST_LETTERS; length -= 1) {
    const cut = `${label.slice(0, length)}\u2026`;
    const width = measure(cut);
    if (width <= room) return { label: cut, note: '', width };
  }
  return undefined;
}
