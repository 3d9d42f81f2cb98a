/** What must hold after every step of every run, by the names labs and reports use. */
export const INVARIANT_IDS = [
  'negative-count',
  'device-page-free',
  'free-page-held',
  'mapped-page-held',
  'lost-page',
  'freed-memmap-referenced',
  'page-of-removed-pagemap',
  'pagemap-removed-in-use',
  'pte-to-no-page',
  'pte-to-free-page',
  'device-section-online',
  'lock-left-behind',
] as const;

export type InvariantId = (typeof INVARIANT_IDS)[number];
