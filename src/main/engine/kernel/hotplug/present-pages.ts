import { addManaged } from '../page/free-pages.ts';
import { SECTION_IS_EARLY } from '../../core/section-flags.ts';
import { accountGroup } from './memory-group.ts';
import { leaf } from '../../core/world/operation.ts';

/** A zone's pages; `nr_pages` may be negative. */
export interface PagesOfZone {
  readonly nid: number;
  readonly zone: number;
  /** A PFN of the range: its section says whether the pages count as early. */
  readonly pfn: number;
  readonly nr_pages: number;
  /** The memory group whose pages these are, where adjust_present_page_count counts them. */
  readonly group?: number | null;
}

/** adjust_present_page_count(): zone, node and memory group; early sections count as early pages too. */
export const adjust_present_page_count = leaf<PagesOfZone, void>(
  'adjust_present_page_count',
  'mm/memory_hotplug.c:adjust_present_page_count',
  (k, { nid, zone, pfn, nr_pages, group = null }) => {
    const row = k.world.need('zones', nid * 8 + zone);
    const section = k.world.at('sections', Math.floor(pfn / k.facts.arch.pages_per_section));
    const early = ((section?.flags ?? 0) & SECTION_IS_EARLY) !== 0;
    k.world.patch('zones', row.key, {
      present_pages: row.present_pages + nr_pages,
      present_early_pages: row.present_early_pages + (early ? nr_pages : 0),
    });
    const node = k.world.need('nodes', nid);
    k.world.patch('nodes', nid, { node_present_pages: node.node_present_pages + nr_pages });
    accountGroup(k, group, k.facts.arch.zones[zone] === 'Movable', nr_pages);
  },
);

/** Pages of a zone, which a page of it names where it is left out. */
type Managed = Pick<PagesOfZone, 'pfn' | 'nr_pages'> & Partial<PagesOfZone>;

/** adjust_managed_page_count(): managed_pages of the zone, and totalram_pages. */
export const adjust_managed_page_count = leaf<Managed, void>(
  'adjust_managed_page_count',
  'mm/page_alloc.c:adjust_managed_page_count',
  (k, { pfn, nr_pages, ...given }) => {
    const { nid, zone } = { ...k.world.at('pages', pfn), ...given };
    if (nid !== undefined && zone !== undefined) addManaged(k, nid, zone, nr_pages);
  },
);
