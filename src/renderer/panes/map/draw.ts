import { hexGroups } from '../../bench/numbers.ts';
import { colourToken, isMuted, PATTERN_MINIMUM, patternOf, type Pattern } from './palette.ts';
import type { Scene, Shape } from './scene.ts';
import { fitText, type TextFit } from './text.ts';
import type { Bands } from './tiers.ts';

export interface Pen {
  readonly context: CanvasRenderingContext2D;
  /** Value of a colour or font token. */
  readonly token: (name: string) => string;
  readonly fonts: { readonly ui: string; readonly mono: string };
  /** Pixels between two groups of digits. */
  readonly groupGap: number;
}

/** Draws the whole map; the context is scaled to CSS pixels and stands at the map's left edge. */
export function drawMap(pen: Pen, scene: Scene, bands: Bands, hovered: Shape | null): void {
  if (scene.wedge) drawWedge(pen, scene.wedge, bands.wedge);
  for (const shape of scene.shapes) drawShape(pen, shape, shape === hovered);
  drawBreaks(pen, scene.breaks, bands);
  drawAxis(pen, scene, bands);
  if (scene.window) drawWindow(pen, scene.window, bands);
  for (const shape of scene.shapes) if (shape.selected) drawSelection(pen, shape);
}

function drawShape(pen: Pen, shape: Shape, hovered: boolean): void {
  if (shape.kind === 'absent') return drawAbsent(pen, shape);
  const { context, token } = pen;
  const { x, y, height } = shape;
  const width = shape.width >= 3 ? shape.width - 1 : shape.width;
  let from = x;
  for (const { fill, upTo } of shape.fills) {
    const to = x + width * upTo;
    context.fillStyle = token(colourToken(fill));
    context.fillRect(from, y, to - from, height);
    if (to - from >= PATTERN_MINIMUM) drawPattern(pen, patternOf(fill), from, y, to - from, height);
    from = to;
  }
  if (width >= 3) {
    context.strokeStyle = token('ink-soft');
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
  }
  drawLabel(pen, shape, width);
  if (shape.changed) {
    context.fillStyle = token('bg-pane');
    context.fillRect(x, y + height - 4, width, 1);
    context.fillStyle = token('now');
    context.fillRect(x, y + height - 3, width, 3);
  }
  if (hovered) {
    context.strokeStyle = token('fg-1');
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 1), height - 1);
  }
}

function drawPattern(
  { context, token }: Pen,
  pattern: Pattern,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  if (pattern === 'none') return;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = token('ink-soft');
  context.lineWidth = 1;
  context.beginPath();
  // Lines start at multiples of the period, so that neighbours of one kind line up.
  const slanted = (period: number, rising: boolean): void => {
    for (let at = Math.floor((x - height) / period) * period; at < x + width; at += period) {
      context.moveTo(at, rising ? y + height : y);
      context.lineTo(at + height, rising ? y : y + height);
    }
  };
  switch (pattern) {
    case 'diagonal':
      context.lineWidth = 1.5;
      slanted(8.5, true);
      break;
    case 'reverse':
      context.lineWidth = 2;
      slanted(8.5, false);
      break;
    case 'fine':
      slanted(5.66, false);
      break;
    case 'cross':
      slanted(8.5, true);
      slanted(8.5, false);
      break;
    case 'horizontal':
      for (let at = y + 0.5; at < y + height; at += 4) {
        context.moveTo(x, at);
        context.lineTo(x + width, at);
      }
      break;
    case 'vertical':
      for (let at = Math.floor(x / 4) * 4 + 0.5; at < x + width; at += 4) {
        context.moveTo(at, y);
        context.lineTo(at, y + height);
      }
      break;
    case 'dots':
      context.fillStyle = token('ink');
      for (let row = y + 3; row < y + height; row += 5) {
        for (let at = Math.floor(x / 5) * 5; at < x + width; at += 5) {
          context.fillRect(at, row, 1.5, 1.5);
        }
      }
      break;
  }
  context.stroke();
  context.restore();
}

/** The name with its note where there is room, on a plate that keeps patterns off the letters. */
function drawLabel(pen: Pen, shape: Shape, width: number): void {
  const { context, token, fonts } = pen;
  if (shape.label === '' || width < 9) return;
  const fill = shape.fills[0]?.fill ?? '';
  context.font = fonts.ui;
  context.textBaseline = 'middle';
  const centred = shape.tier === 'section' || shape.kind === 'page';
  const fit: TextFit | undefined = fitText(
    shape.label,
    centred ? '' : shape.note,
    width - (centred ? 2 : 8),
    (text) => context.measureText(text).width,
  );
  if (!fit) return;
  const left = centred ? shape.x + (width - fit.width) / 2 : shape.x + 4;
  const middle = shape.y + shape.height / 2 + 0.5;
  if (width >= PATTERN_MINIMUM && patternOf(fill) !== 'none') {
    context.fillStyle = token(colourToken(fill));
    context.fillRect(left - 3, shape.y + 2, fit.width + 6, shape.height - 4);
  }
  context.fillStyle = token(isMuted(fill) ? 'fg-on-muted' : 'fg-on-fill');
  context.fillText(fit.label, left, middle);
  if (fit.note) {
    const at = left + context.measureText(`${fit.label} `).width + 2;
    context.font = fonts.mono;
    context.fillText(fit.note, at, middle);
  }
}

function drawAbsent({ context, token, fonts }: Pen, shape: Shape): void {
  const { x, y, width, height } = shape;
  context.save();
  context.strokeStyle = token('line-2');
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(x, y + 0.5);
  context.lineTo(x + width - 1, y + 0.5);
  context.moveTo(x, y + height - 0.5);
  context.lineTo(x + width - 1, y + height - 0.5);
  context.stroke();
  context.restore();
  context.font = fonts.ui;
  context.textBaseline = 'middle';
  const measure = (text: string): number => context.measureText(text).width;
  const short = shape.label.replace(' absent', '');
  const text = [shape.label, short].find((candidate) => measure(candidate) <= width - 6);
  if (text === undefined) return;
  context.fillStyle = token('fg-3');
  context.fillText(text, x + (width - measure(text)) / 2, y + height / 2 + 0.5);
}

/**
 * Two zigzag lines over iomem and zone: here lies a gap that is not drawn to scale. A zone that
 * spans the gap keeps its own row.
 */
function drawBreaks({ context, token }: Pen, breaks: Scene['breaks'], bands: Bands): void {
  const top = bands.rows.iomem.y;
  const { iomem, zone } = bands.rows;
  context.strokeStyle = token('line-3');
  context.lineWidth = 1;
  context.beginPath();
  for (const { x: middle, spanned } of breaks) {
    const bottom = spanned ? iomem.y + iomem.height : zone.y + zone.height;
    for (const offset of [-3, 1]) {
      context.moveTo(middle + offset, top);
      for (let y = top, right = true; y < bottom; y += 5, right = !right) {
        context.lineTo(middle + offset + (right ? 3 : 0), Math.min(bottom, y + 5));
      }
    }
  }
  context.stroke();
}

function drawAxis(pen: Pen, { axis }: Scene, bands: Bands): void {
  const { context, token, fonts, groupGap } = pen;
  context.font = fonts.mono;
  context.textBaseline = 'top';
  for (const { x, text, align } of axis) {
    context.fillStyle = token('line-3');
    context.fillRect(Math.round(x) - (align === 'right' ? 1 : 0), bands.axis - 3, 1, 3);
    context.fillStyle = token('fg-3');
    const parts = groupsOf(text).map((part) => ({ part, width: context.measureText(part).width }));
    const long = parts.reduce((sum, { width }) => sum + width + groupGap, -groupGap);
    let at = align === 'left' ? x : align === 'right' ? x - long : x - long / 2;
    for (const { part, width } of parts) {
      context.fillText(part, at, bands.axis + 1);
      at += width + groupGap;
    }
  }
}

/** The parts of a number between which the axis leaves a gap; words stay whole. */
function groupsOf(text: string): string[] {
  if (!text.startsWith('0x')) return [text];
  const [first = '', ...rest] = hexGroups(text);
  return [`0x${first}`, ...rest];
}

function drawWedge(
  { context, token }: Pen,
  wedge: NonNullable<Scene['wedge']>,
  { y, height }: Bands['wedge'],
): void {
  context.beginPath();
  context.moveTo(wedge.from, y);
  context.lineTo(wedge.to, y);
  context.lineTo(wedge.bottomTo, y + height);
  context.lineTo(wedge.bottomFrom, y + height);
  context.closePath();
  context.fillStyle = token('bg-hover');
  context.fill();
  context.strokeStyle = token('line-2');
  context.lineWidth = 1;
  context.stroke();
}

/** Brackets under the sub-sections: the part the extents below are zoomed to. */
function drawWindow(
  { context, token }: Pen,
  { x, width }: { x: number; width: number },
  bands: Bands,
): void {
  const { y, height } = bands.rows.subsection;
  context.strokeStyle = token('fg-2');
  context.lineWidth = 1;
  context.strokeRect(x + 0.5, y - 1.5, Math.max(2, width - 1), height + 3);
}

function drawSelection({ context, token }: Pen, { x, y, width, height }: Shape): void {
  context.strokeStyle = token('accent');
  context.lineWidth = 2;
  const wide = Math.max(3, width >= 3 ? width - 1 : width);
  context.strokeRect(x - 1, y - 1, wide + 2, height + 2);
}
