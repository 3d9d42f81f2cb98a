import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(
  new URL('../../../src/renderer/styles/tokens.css', import.meta.url),
  'utf8',
);

/** The tokens of a theme: those of :root with the theme's own over them. */
function tokens(theme: 'dark' | 'light' | 'contrast'): Map<string, string> {
  const found = new Map<string, string>();
  const blocks = [
    /:root\s*\{([^}]*)\}/,
    new RegExp(`\\[data-theme='${theme}'\\]\\s*\\{([^}]*)\\}`),
  ];
  for (const block of blocks)
    for (const [, name, value] of (block.exec(css)?.[1] ?? '').matchAll(/(--[\w-]+):\s*([^;]+);/g))
      found.set(name as string, value as string);
  return found;
}

/** Relative luminance of "#rrggbb", WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const SURFACES = ['window', 'pane', 'head', 'raised', 'inset', 'hover', 'selected', 'now'];
const TEXTS = ['--fg-1', '--fg-2', '--fg-3', '--accent', '--now', '--error'];
const ON_FILL = ['dma', 'dma32', 'normal', 'movable', 'device', 'highmem'];

describe.each(['dark', 'light', 'contrast'] as const)('colours of the %s theme', (theme) => {
  const all = tokens(theme);
  const colour = (name: string): string => {
    const value = all.get(name);
    if (!value?.startsWith('#')) throw new Error(`${name} is no colour in the ${theme} theme`);
    return value;
  };

  it.each(TEXTS)('let %s be read on every surface', (text) => {
    for (const surface of SURFACES)
      expect
        .soft(contrast(colour(text), colour(`--bg-${surface}`)), `${text} on --bg-${surface}`)
        .toBeGreaterThanOrEqual(4.5);
  });

  it('let text be read on the fills of zones', () => {
    for (const zone of ON_FILL)
      expect
        .soft(contrast(colour('--fg-on-fill'), colour(`--zone-${zone}`)), zone)
        .toBeGreaterThanOrEqual(4.5);
  });

  it('let borders, focus, the current step and breakpoints be seen on a pane', () => {
    for (const mark of ['--line-3', '--accent', '--now', '--break'])
      expect.soft(contrast(colour(mark), colour('--bg-pane')), mark).toBeGreaterThanOrEqual(3);
  });
});
