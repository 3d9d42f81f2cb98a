import type { Kernel } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';
import { SECTION_IS_ONLINE } from '../../core/section-flags.ts';
import { flagList } from './flags.ts';

/** Pages [pfn, end). */
export interface PageMarks {
  readonly pfn: number;
  readonly end: number;
}

const covers = ({ pfn, end }: PageMarks) => ({
  count: end - pfn,
  range: { start: pfn, end, unit: 'pfn' as const },
});

function mark(k: Kernel, { pfn, end }: PageMarks, flag: string, on: boolean): void {
  k.world.update('pages', pfn, end, ({ flags }) => {
    const others = flagList(flags).filter((one) => one !== flag);
    return { flags: (on ? [...others, flag].sort() : others).join('|') };
  });
}

const FLAGS = 'include/linux/page-flags.h';

/** __SetPageOffline(): the page type of memory whose content is not there. */
export const __SetPageOffline = leaf<PageMarks, void>(
  '__SetPageOffline',
  `${FLAGS}:__SetPageOffline`,
  (k, run) => mark(k, run, 'offline', true),
  { covers },
);
/** __ClearPageOffline(). */
export const __ClearPageOffline = leaf<PageMarks, void>(
  '__ClearPageOffline',
  `${FLAGS}:__ClearPageOffline`,
  (k, run) => mark(k, run, 'offline', false),
  { covers },
);
/** SetPageDirty(). */
export const SetPageDirty = leaf<PageMarks, void>(
  'SetPageDirty',
  `${FLAGS}:SetPageDirty`,
  (k, run) => mark(k, run, 'dirty', true),
  { covers },
);
/** ClearPageDirty(). */
export const ClearPageDirty = leaf<PageMarks, void>(
  'ClearPageDirty',
  `${FLAGS}:ClearPageDirty`,
  (k, run) => mark(k, run, 'dirty', false),
  { covers },
);
/** ClearPageReserved(). */
export const ClearPageReserved = leaf<PageMarks, void>(
  'ClearPageReserved',
  `${FLAGS}:ClearPageReserved`,
  (k, run) => mark(k, run, 'reserved', false),
  { covers },
);

/** page_ref_dec_and_test(), of each page: true where none has a reference left. */
export const page_ref_dec_and_test = leaf<PageMarks, boolean>(
  'page_ref_dec_and_test',
  'include/linux/page_ref.h:page_ref_dec_and_test',
  (k, { pfn, end }) => {
    k.world.update('pages', pfn, end, ({ refcount }) => ({ refcount: refcount - 1 }));
    return k.world.overlapping('pages', pfn, end).every(({ refcount }) => refcount === 0);
  },
  { covers },
);

/** page_ref_inc(), of each page. */
export const page_ref_inc = leaf<PageMarks, void>(
  'page_ref_inc',
  'include/linux/page_ref.h:page_ref_inc',
  (k, { pfn, end }) =>
    k.world.update('pages', pfn, end, ({ refcount }) => ({ refcount: refcount + 1 })),
  { covers },
);

/** A page as a driver looks at it. */
export interface SeenPage {
  readonly zone: string;
  readonly flags: readonly string[];
  readonly refcount: number;
}

/** pfn_to_online_page(): null where the section of the page is not online. */
export const pfn_to_online_page = leaf<{ pfn: number }, SeenPage | null>(
  'pfn_to_online_page',
  'mm/memory_hotplug.c:pfn_to_online_page',
  (k, { pfn }) => {
    const section = k.world.at('sections', Math.floor(pfn / k.facts.arch.pages_per_section));
    const page = k.world.at('pages', pfn);
    if (page === undefined || ((section?.flags ?? 0) & SECTION_IS_ONLINE) === 0) return null;
    const zone = k.facts.arch.zones[page.zone] ?? '';
    return { zone, flags: flagList(page.flags), refcount: page.refcount };
  },
);
