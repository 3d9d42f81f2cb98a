import { hexGroups } from '../../bench/numbers.ts';
import { drawMap } from './draw.ts';
import { readPalette } from './palette.ts';
import type { Scene, Shape } from './scene.ts';
import type { Bands } from './tiers.ts';

/** Gap between groups of digits, as a share of the letter's height. */
const GROUP_GAP = 0.24;
const AXIS_SIZE = 10;

let measuring: CanvasRenderingContext2D | null = null;

/** Pixels of an axis label with its digits in groups. */
export function measureGrouped(text: string): number {
  measuring ??= document.createElement('canvas').getContext('2d');
  if (!measuring) return text.length * 6;
  measuring.font = monoFont(document.documentElement);
  return measuring.measureText(text).width + gaps(text) * GROUP_GAP * AXIS_SIZE;
}

function gaps(text: string): number {
  return text.startsWith('0x') ? hexGroups(text).length - 1 : 0;
}

function monoFont(element: Element): string {
  return `${AXIS_SIZE}px ${getComputedStyle(element).getPropertyValue('--font-mono')}`;
}

/**
 * Keeps a canvas showing the last scene it was given: sharp on any display, at most one drawing a
 * frame, and again when the theme changes.
 */
export class MapPainter {
  private readonly canvas: HTMLCanvasElement;
  private readonly left: number;
  private last: { scene: Scene | null; bands: Bands; hovered: Shape | null } | null = null;
  private frame = 0;
  private readonly themes: MutationObserver;
  private readonly schemes: MediaQueryList;

  constructor(canvas: HTMLCanvasElement, left: number) {
    this.canvas = canvas;
    this.left = left;
    this.themes = new MutationObserver(this.repaint);
    this.themes.observe(document.documentElement, {
      attributes: true,
      attributeFilter: ['data-theme', 'data-density', 'class', 'style'],
    });
    this.schemes = matchMedia('(prefers-color-scheme: dark)');
    this.schemes.addEventListener('change', this.repaint);
  }

  show(scene: Scene | null, bands: Bands, hovered: Shape | null): void {
    this.last = { scene, bands, hovered };
    this.repaint();
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.themes.disconnect();
    this.schemes.removeEventListener('change', this.repaint);
  }

  private readonly repaint = (): void => {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
    });
  };

  private paint(): void {
    const { canvas, last } = this;
    const context = canvas.getContext('2d');
    const box = canvas.parentElement;
    if (!last || !context || !box) return;
    const width = box.clientWidth;
    const { height } = last.bands;
    const ratio = devicePixelRatio;
    const pixels = { width: Math.round(width * ratio), height: Math.round(height * ratio) };
    if (canvas.width !== pixels.width || canvas.height !== pixels.height) {
      canvas.width = pixels.width;
      canvas.height = pixels.height;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const token = readPalette(document.documentElement);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!last.scene) return;
    context.translate(this.left, 0);
    const mono = monoFont(document.documentElement);
    drawMap(
      {
        context,
        token,
        fonts: { ui: `10px ${token('font-ui')}`, mono },
        groupGap: GROUP_GAP * AXIS_SIZE,
      },
      last.scene,
      last.bands,
      last.hovered,
    );
  }
}
