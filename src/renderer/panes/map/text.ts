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
  // "4 606 pages \u00b7 memmap \u00b7 ref 1" loses its last words first.
  for (
    let cut = label.lastIndexOf(' \u00b7 ');
    cut > 0;
    cut = label.lastIndexOf(' \u00b7 ', cut - 1)
  ) {
    const text = label.slice(0, cut);
    const width = measure(text);
    if (width <= room) return { label: text, note: '', width };
  }
  const [first = ''] = label.split(' ');
  if (first !== label && measure(first) <= room && /^[A-Za-z]\w/.test(first)) {
    return { label: first, note: '', width: measure(first) };
  }
  for (let length = label.length - 1; length >= LEAST_LETTERS; length -= 1) {
    const cut = `${label.slice(0, length)}\u2026`;
    const width = measure(cut);
    if (width <= room) return { label: cut, note: '', width };
  }
  return undefined;
}
