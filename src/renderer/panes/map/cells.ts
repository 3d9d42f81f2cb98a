/** The letter a page state carries in a cell of 12 px or more: colour never says it alone. */
const LETTERS: Readonly<Record<string, string>> = {
  'page-free': 'F',
  'page-used': 'U',
  'page-reserved': 'R',
  'page-memmap': 'M',
  'page-idle': 'I',
  'page-mapped': 'A',
  'page-pinned': 'P',
  'page-uninit': '\u2013',
  'page-poison': 'X',
  'page-poisoned': 'X',
};

export function stateLetter(fill: string): string {
  return LETTERS[fill] ?? '';
}

/** Width of a page cell, in pixels, from which on pages are drawn one by one. */
export const CELL_MINIMUM = 3;
/** Width of a page cell from which on it carries its letter. */
export const LETTER_MINIMUM = 12;

export interface PageCell {
  readonly pfn: number;
  readonly x: number;
  readonly width: number;
}

/** The pages of an extent in view, one by one. `at` maps PFNs to pixels. */
export function pageCells(
  extent: { start: number; end: number },
  at: (pfn: number) => number,
  view: { from: number; to: number },
): PageCell[] {
  const cells: PageCell[] = [];
  const end = Math.min(extent.end, Math.ceil(view.to));
  for (let pfn = Math.max(extent.start, Math.floor(view.from)); pfn < end; pfn += 1) {
    const x = at(pfn);
    cells.push({ pfn, x, width: at(pfn + 1) - x });
  }
  return cells;
}
