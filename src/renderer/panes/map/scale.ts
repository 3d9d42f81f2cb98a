/**
 * The piecewise linear scale of physical memory. Positions along it are `u`, 0 to 1 over the whole
 * machine; PFNs are fractional where a position lies inside a page. Ends are exclusive.
 */

export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly content: boolean;
}

/** A piece with its share of the scale: linear from `u0` to `u1`. */
export interface Stretch extends Piece {
  readonly u0: number;
  readonly u1: number;
}

export interface Scale {
  readonly start: number;
  readonly end: number;
  readonly stretches: readonly Stretch[];
}

/** What of a scale is in view: PFNs `from` to `to`, drawn over `width` pixels. */
export interface View {
  readonly scale: Scale;
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** Pieces in order without overlaps, gaps between them named, from 0 (or `start`) to `end`. */
export function coverWithPieces(pieces: readonly Piece[], end: number, start = 0): Piece[] {
  const covered: Piece[] = [];
  let at = start;
  const push = (piece: Piece): void => {
    const last = covered.at(-1);
    if (last && !last.content && !piece.content) {
      covered[covered.length - 1] = { ...last, end: piece.end };
    } else covered.push(piece);
  };
  for (const piece of pieces.toSorted((a, b) => a.start - b.start)) {
    const from = Math.max(piece.start, at);
    const to = Math.min(piece.end, end);
    if (to <= from) continue;
    if (from > at) push({ start: at, end: from, content: false });
    push({ start: from, end: to, content: piece.content });
    at = to;
  }
  if (at < end) push({ start: at, end, content: false });
  return covered;
}

/** Cuts content at boundaries inside it, so that what lies between them keeps a minimum width. */
export function cutPieces(pieces: readonly Piece[], boundaries: readonly number[]): Piece[] {
  const cuts = [...new Set(boundaries)].toSorted((a, b) => a - b);
  return pieces.flatMap((piece) => {
    if (!piece.content) return [piece];
    const inside = cuts.filter((cut) => cut > piece.start && cut < piece.end);
    const ends = [...inside, piece.end];
    return ends.map((end, index) => ({
      start: index === 0 ? piece.start : (inside[index - 1] ?? piece.start),
      end,
      content: true,
    }));
  });
}

/**
 * Joins content of a single page to the content before it (or after it): it comes from ranges that
 * share a page, and would take the room of a piece.
 */
export function joinSlivers(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    const touches = last?.content === true && piece.content && last.end === piece.start;
    const sliver = piece.end - piece.start <= 1 || (last && last.end - last.start <= 1);
    if (last && touches && sliver) joined[joined.length - 1] = { ...last, end: piece.end };
    else joined.push(piece);
  }
  return joined;
}

/**
 * Gives every piece with content a minimum width and shares the rest by the cube root of its size,
 * so that 640 KiB and 16 TiB can be seen side by side; a gap is folded to the width of its mark.
 * Widths are in pixels of the unzoomed view.
 */
export function buildScale(
  pieces: readonly Piece[],
  options: { width: number; minimum: number; fold: number },
): Scale {
  const total = Math.max(1, options.width);
  const contents = pieces.filter((piece) => piece.content);
  const gaps = pieces.length - contents.length;
  const fold = Math.min(options.fold, total / 3 / Math.max(1, gaps));
  const room = total - gaps * fold;
  const minimum = Math.min(options.minimum, (room * 0.7) / Math.max(1, contents.length));
  const spare = Math.max(0, room - minimum * contents.length);
  const weight = (piece: Piece): number => Math.cbrt(piece.end - piece.start);
  const weights = contents.reduce((sum, piece) => sum + weight(piece), 0);
  const widths = pieces.map((piece) =>
    piece.content ? minimum + (spare * weight(piece)) / weights : fold,
  );
  const sum = widths.reduce((a, b) => a + b, 0);
  let at = 0;
  const stretches = pieces.map((piece, index): Stretch => {
    const u0 = at / sum;
    at += widths[index] ?? 0;
    return { ...piece, u0, u1: index === pieces.length - 1 ? 1 : at / sum };
  });
  return {
    start: pieces[0]?.start ?? 0,
    end: pieces.at(-1)?.end ?? 0,
    stretches,
  };
}

function find(scale: Scale, before: (stretch: Stretch) => boolean): Stretch | undefined {
  let low = 0;
  let high = scale.stretches.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const stretch = scale.stretches[middle];
    if (stretch && before(stretch)) low = middle + 1;
    else high = middle;
  }
  return scale.stretches[low];
}

/** Where a PFN lies on the scale, 0 to 1. */
export function uOf(scale: Scale, pfn: number): number {
  const stretch = find(scale, ({ end }) => end <= pfn);
  if (!stretch) return 0;
  const inside = (pfn - stretch.start) / (stretch.end - stretch.start);
  return stretch.u0 + Math.min(1, Math.max(0, inside)) * (stretch.u1 - stretch.u0);
}

/** The (fractional) PFN at a position of the scale. */
function pfnAtU(scale: Scale, u: number): number {
  const stretch = find(scale, ({ u1 }) => u1 <= u);
  if (!stretch) return 0;
  const inside = stretch.u1 > stretch.u0 ? (u - stretch.u0) / (stretch.u1 - stretch.u0) : 0;
  return stretch.start + Math.min(1, Math.max(0, inside)) * (stretch.end - stretch.start);
}

/** The stretch that holds the whole view: there positions are exact at any zoom. */
function onlyStretch({ scale, from, to }: View): Stretch | undefined {
  const stretch = find(scale, ({ end }) => end <= from);
  return stretch && stretch.start <= from && to <= stretch.end ? stretch : undefined;
}

/** Maps PFNs to pixels; made once a frame. */
export function toPixels(view: View): (pfn: number) => number {
  const { scale, from, to, width } = view;
  if (onlyStretch(view)) return (pfn) => ((pfn - from) / (to - from)) * width;
  const u0 = uOf(scale, from);
  const span = uOf(scale, to) - u0;
  return (pfn) => ((uOf(scale, pfn) - u0) / span) * width;
}

/** The (fractional) PFN under a pixel. */
export function pfnAt(view: View, x: number): number {
  const { scale, from, to, width } = view;
  const share = x / width;
  if (onlyStretch(view)) return from + share * (to - from);
  const u0 = uOf(scale, from);
  return pfnAtU(scale, u0 + share * (uOf(scale, to) - u0));
}

export function wholeView(scale: Scale, width: number): View {
  return { scale, from: scale.start, to: scale.end, width };
}

/** Keeps a view inside its scale and at least one page wide. */
function within(view: View, from: number, to: number, around: number): View {
  const { scale } = view;
  if (to - from < 1) {
    const page = Math.min(Math.max(Math.floor(around), scale.start), scale.end - 1);
    return { ...view, from: page, to: page + 1 };
  }
  return { ...view, from: Math.max(from, scale.start), to: Math.min(to, scale.end) };
}

/** Zooms around a pixel: below 1 in, above 1 out; the PFN under the pixel stays there. */
export function zoomed(view: View, x: number, factor: number): View {
  const { scale, from, to, width } = view;
  const around = pfnAt(view, x);
  const only = onlyStretch(view);
  if (only) {
    const next = { from: around - (around - from) * factor, to: around + (to - around) * factor };
    if (next.from >= only.start && next.to <= only.end) {
      return within(view, next.from, next.to, around);
    }
  }
  const u0 = uOf(scale, from);
  const u1 = uOf(scale, to);
  const anchor = u0 + (x / width) * (u1 - u0);
  const span = Math.min(1, (u1 - u0) * factor);
  const left = Math.min(Math.max(0, anchor - (x / width) * span), 1 - span);
  return within(view, pfnAtU(scale, left), pfnAtU(scale, left + span), around);
}

/** Moves the view by pixels; positive shows what lies to the right. */
export function panned(view: View, pixels: number): View {
  const { scale, from, to, width } = view;
  const only = onlyStretch(view);
  if (only) {
    const by = (pixels / width) * (to - from);
    if (from + by >= only.start && to + by <= only.end) {
      return { ...view, from: from + by, to: to + by };
    }
  }
  const u0 = uOf(scale, from);
  const span = uOf(scale, to) - u0;
  const left = Math.min(Math.max(0, u0 + (pixels / width) * span), 1 - span);
  return within(view, pfnAtU(scale, left), pfnAtU(scale, left + span), from);
}

/**
 * A view that shows a range with a margin of a twentieth at both sides, or of `around` pages where
 * that is more. A range inside one piece is shown inside that piece.
 */
export function fitted(view: View, start: number, end: number, around = 0): View {
  const { scale } = view;
  const only = find(scale, (stretch) => stretch.end <= start);
  const margin = Math.max(around, (end - start) / 20);
  if (only && start >= only.start && end <= only.end) {
    return within(
      view,
      Math.max(only.start, start - margin),
      Math.min(only.end, end + margin),
      start,
    );
  }
  const u0 = uOf(scale, start);
  const u1 = uOf(scale, end);
  const room = (u1 - u0) / 20;
  const from = pfnAtU(scale, Math.max(0, u0 - room));
  const to = pfnAtU(scale, Math.min(1, u1 + room));
  return within(view, Math.min(from, start), Math.max(to, end), start);
}

/** True while every page of the machine is in view. */
export function showsAll({ scale, from, to }: View): boolean {
  return from <= scale.start && to >= scale.end;
}
