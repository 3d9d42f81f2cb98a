import type { MapBlock } from '../../../shared/bench/views.ts';

export type Tier = MapBlock['tier'];

/** From coarse to fine, in the order of the screen. */
export const TIERS: readonly Tier[] = ['iomem', 'zone', 'section', 'subsection', 'extent'];

export const TIER_LABELS: Readonly<Record<Tier, string>> = {
  iomem: 'iomem',
  zone: 'zone',
  section: 'section',
  subsection: 'sub-section',
  extent: 'page extents',
};

/** Where the tiers lie, in pixels from the top of the canvas. */
export interface Bands {
  readonly rows: Readonly<Record<Tier, { readonly y: number; readonly height: number }>>;
  /** Top of the axis' text. */
  readonly axis: number;
  /** Wedge from the section to its sub-sections. */
  readonly wedge: { readonly y: number; readonly height: number };
  readonly height: number;
}

/** Height the tiers need at least, and the height at which they stop growing. */
export const LEAST_HEIGHT = 144;
const MOST_GROWTH = 1.7;

/** Rows grow with the pane, up to where they would only be taller, not clearer. */
export function bandsFor(height: number): Bands {
  const growth = Math.min(MOST_GROWTH, Math.max(1, height / LEAST_HEIGHT));
  const px = (value: number): number => Math.round(value * growth);
  const row = (y: number, tall: number): { y: number; height: number } => ({
    y: px(y),
    height: px(tall),
  });
  return {
    rows: {
      iomem: row(8, 20),
      zone: row(31, 16),
      section: row(70, 16),
      subsection: row(99, 18),
      extent: row(121, 16),
    },
    axis: px(47) + 4,
    wedge: { y: px(88), height: px(98) - px(88) },
    height: Math.max(LEAST_HEIGHT, px(LEAST_HEIGHT)),
  };
}

/** The tier at a height of the canvas; the space around a row belongs to it. */
export function tierAt(bands: Bands, y: number): Tier {
  let found: Tier = 'iomem';
  for (const tier of TIERS) if (y >= bands.rows[tier].y - 3) found = tier;
  return found;
}
