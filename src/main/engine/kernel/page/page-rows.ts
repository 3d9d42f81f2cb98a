import type { PayloadOf } from '../../core/world/world.ts';
import type { Kernel } from '../../core/facts.ts';

/** What every page of a run says. */
export type PageRow = PayloadOf<'pages'>;

const ZERO_PAGE: PageRow = {
  state: 'zero',
  nid: 0,
  zone: 0,
  flags: '',
  refcount: 0,
  mapcount: 0,
  pgmap: null,
  buddy: false,
  compound_order: 0,
  migratetype: 'MOVABLE',
};

/** Struct pages nobody has written yet: all bytes 0. */
export function freshPages(k: Kernel, start: number, end: number): void {
  k.world.set('pages', start, end, ZERO_PAGE);
}

/** What __init_single_page() leaves: zone and node links, refcount 1, mapcount -1. */
export function singlePage(zone: number, nid: number, flags = ''): PageRow {
  return { ...ZERO_PAGE, state: 'init', nid, zone, flags, refcount: 1, mapcount: -1 };
}
