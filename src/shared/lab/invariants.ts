/** What must hold after every step of every run: what labs and reports call it, and a sentence. */
export const INVARIANTS = {
  'negative-count': 'No count falls below its least value',
  'device-page-free': 'No page of ZONE_DEVICE is on a free list of the buddy allocator',
  'free-page-held': 'A page on a free list has no references and no mappings',
  'mapped-page-held': 'Every mapping of a page holds a reference on it',
  'lost-page': 'Once nothing runs, every online page is free or somebody has it',
  'freed-memmap-referenced': 'No struct page goes away while somebody holds or maps the page',
  'page-of-removed-pagemap': 'No struct page points to a pagemap that is gone',
  'pagemap-removed-in-use': 'No pagemap goes away while references on it are held',
  'pte-to-no-page': 'No page table entry refers to a removed section',
  'pte-to-free-page': 'No page table entry refers to a page on a free list',
  'device-section-online': 'No section of ZONE_DEVICE alone is online',
  'lock-left-behind': 'Who has returned from its outermost function holds no lock',
} as const;

export type InvariantId = keyof typeof INVARIANTS;

export const INVARIANT_IDS = Object.keys(INVARIANTS) as InvariantId[];
