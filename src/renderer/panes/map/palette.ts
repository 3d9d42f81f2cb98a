/** How a fill token is drawn: its colour, its ink, and the pattern that says the same. */
export type Pattern =
  'none' | 'diagonal' | 'reverse' | 'fine' | 'horizontal' | 'vertical' | 'dots' | 'cross';

const PATTERNS: Readonly<Record<string, Pattern>> = {
  'zone-device': 'diagonal',
  'type-pmem': 'diagonal',
  'page-idle': 'diagonal',
  'type-private': 'dots',
  'type-coherent': 'cross',
  'type-p2p': 'reverse',
  'type-mmio': 'horizontal',
  'type-reserved': 'fine',
  'page-memmap': 'vertical',
};

export function patternOf(fill: string): Pattern {
  return PATTERNS[fill] ?? 'none';
}

/** Fills that are too dark for the ink of the others. */
const MUTED = new Set(['type-mmio', 'type-reserved', 'page-uninit', 'page-reserved', 'page-free']);

export function isMuted(fill: string): boolean {
  return MUTED.has(fill);
}

/** Narrower shapes are solid: a pattern would only be noise. */
export const PATTERN_MINIMUM = 16;

/** Reads the tokens of an element's theme; read again when the theme changes. */
export function readPalette(element: Element): (token: string) => string {
  const style = getComputedStyle(element);
  const known = new Map<string, string>();
  return (token) => {
    let value = known.get(token);
    if (value === undefined) {
      value = style.getPropertyValue(`--${token}`).trim();
      known.set(token, value);
    }
    return value;
  };
}

/** The token of a fill's colour: the contract's name, with the one alias the tokens shorten. */
export function colourToken(fill: string): string {
  return fill === 'page-poisoned' ? 'page-poison' : fill;
}
