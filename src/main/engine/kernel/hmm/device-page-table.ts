import type { TABLE_TAGS } from '../../../../shared/plugins/services/mirrors.ts';
import type { Kernel } from '../../core/facts.ts';
import { hasFlag, pteFlags, pteRuns } from '../mm/pte.ts';
import { MM_SPAN, positionsOf } from '../mm/position.ts';
import { isZeroPage, zeroPfn } from '../mm/zero-page.ts';
import { fail, leaf, type Outcome } from '../../core/world/operation.ts';

/** Pages of an address space that a device mirrors: `address` in bytes, rounded down. */
export interface TableRange {
  readonly notifier: string;
  readonly address: bigint;
  readonly pages: number;
}

/** DPT_XA_TAG_*: what a device may do with a page. */
export type TableTag = (typeof TABLE_TAGS)[number];

/** Entries alike: `pages` from the `index`th of the range on, mapping PFNs from `pfn` on. */
export interface TableRun {
  readonly index: number;
  readonly pages: number;
  readonly pfn: number;
  /** All of them map the zero page. */
  readonly zero: boolean;
  readonly tag: TableTag;
}

function rangeOf(k: Kernel, { notifier, address, pages }: TableRange) {
  const row = k.world.get('mmu_interval_notifiers', notifier);
  if (!row || row.pt === '') return undefined;
  const mm = k.world.need('mms', row.pt);
  const { start } = positionsOf(k, mm, address, 1n);
  return { start, end: start + pages, pt: row.pt };
}

const show = ({ address, pages }: TableRange) => ({ address, pages });
const NO_TABLE = 'there is no page table of that notifier';

/**
 * Puts pages into the device's page table: what the driver's own page table code does. `pfn` null:
 * the zero page, for all of them.
 */
export const xa_store = leaf<TableRange & { pfn: number | null; tag: TableTag }, Outcome<void>>(
  'xa_store',
  'lib/xarray.c:xa_store',
  (k, params) => {
    const range = rangeOf(k, params);
    if (!range) return fail('EINVAL', NO_TABLE);
    const { start, end, pt } = range;
    const { tag } = params;
    const zero = params.pfn === null;
    const kind = zero ? 'mirror_zero' : tag === 'atomic' ? 'mirror_atomic' : 'mirror';
    const pfn = params.pfn ?? start % MM_SPAN;
    const flags = pteFlags(
      ...(tag === '' ? [] : ['write' as const]),
      ...(zero ? ['special' as const] : []),
    );
    k.world.set('ptes', start, end, { mm: pt, level: 'pte', kind, pfn, flags });
    return undefined;
  },
  { show: (params) => ({ ...show(params), pfn: params.pfn, tag: params.tag }) },
);

/** Takes pages out of the device's page table. */
export const xa_erase = leaf<TableRange, Outcome<void>>(
  'xa_erase',
  'lib/xarray.c:xa_erase',
  (k, params) => {
    const range = rangeOf(k, params);
    if (!range) return fail('EINVAL', NO_TABLE);
    k.world.clear('ptes', range.start, range.end);
    return undefined;
  },
  { show },
);

/** What the device's page table has for a range; pages without an entry are left out. */
export const xa_load = leaf<TableRange, Outcome<readonly TableRun[]>>(
  'xa_load',
  'lib/xarray.c:xa_load',
  (k, params) => {
    const range = rangeOf(k, params);
    if (!range) return fail('EINVAL', NO_TABLE);
    return pteRuns(k, range.start, range.end).flatMap(({ start, end, entry }) => {
      if (!entry) return [];
      const tag: TableTag =
        entry.kind === 'mirror_atomic' ? 'atomic' : hasFlag(entry, 'write') ? 'write' : '';
      const index = start - range.start;
      const zero = isZeroPage(entry);
      const pfn = zero ? zeroPfn(k) : entry.pfn + start - entry.start;
      return [{ index, pages: end - start, pfn, zero, tag }];
    });
  },
  { show },
);
