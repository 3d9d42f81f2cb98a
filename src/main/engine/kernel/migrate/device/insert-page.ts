import type { Kernel } from '../../../core/facts.ts';
import { warnOnce } from '../../../core/world/variables.ts';
import { typeName } from '../../pgmap/pagemap.ts';
import { addMmCounter } from '../../mm/mm-struct.ts';
import { newAnonFlags } from '../../mm/do-anonymous-page.ts';
import { pteFlags, pteRuns } from '../../mm/pte.ts';
import { addNewAnon } from '../../mm/rmap.ts';
import { anonVmaPrepare, hasVmFlag, isAnonymous, vmaAt } from '../../mm/vma.ts';
import { isZeroPage } from '../../mm/zero-page.ts';
import { leaf } from '../../../core/world/operation.ts';

/** New pages for empty entries from position `start` on. */
interface InsertRun {
  readonly start: number;
  readonly pfn: number;
  readonly pages: number;
  readonly compound: boolean;
}

/** What kind of entry maps a page that was never anywhere else. */
function entryFor(k: Kernel, { start, pfn }: InsertRun) {
  const vma = vmaAt(k, start);
  if (!vma) return undefined;
  const page = k.world.at('pages', pfn);
  const pgmap = page?.pgmap == null ? undefined : k.world.get('pgmaps', page.pgmap);
  const type = pgmap && typeName(pgmap);
  if (type === 'PRIVATE') {
    const kind = hasVmFlag(vma, 'write') ? 'device_private_write' : 'device_private_read';
    const exclusive = k.facts.era.get('anon_page_exclusive');
    return { kind, flags: exclusive ? pteFlags('anon_exclusive') : '' };
  }
  if (type !== undefined && type !== 'COHERENT' && type !== 'PUBLIC') {
    warnOnce(k, 'mm/migrate_device.c:insert', 'Unsupported ZONE_DEVICE page type.');
    return undefined;
  }
  return { kind: 'present', flags: newAnonFlags(k, vma) };
}

/**
 * migrate_vma_insert_page(): device (or other) pages where nothing was, in anonymous memory only;
 * not where somebody filled the entry meanwhile.
 * @returns pages that were put in, from the first on
 */
export const migrate_vma_insert_page = leaf<InsertRun, number>(
  'migrate_vma_insert_page',
  'mm/migrate_device.c:migrate_vma_insert_page',
  (k, run) => {
    const { start, pfn, pages, compound } = run;
    const found = vmaAt(k, start);
    if (!found || !isAnonymous(found) || found.end < start + pages) return 0;
    const entry = entryFor(k, run);
    if (!entry) return 0;
    const vma = anonVmaPrepare(k, found);
    let done = 0;
    for (const piece of pteRuns(k, start, start + pages)) {
      if (piece.entry && !isZeroPage(piece.entry)) break;
      done = piece.end - start;
    }
    if (compound) done -= done % 2 ** (k.world.at('pages', pfn)?.compound_order ?? 0);
    if (done === 0) return 0;
    splitZeroAround(k, start, start + done);
    const level = compound ? 'pmd' : 'pte';
    k.world.set('ptes', start, start + done, { mm: vma.mm, level, pfn, ...entry });
    addNewAnon(k, vma, start, pfn, pfn + done);
    addMmCounter(k, vma.mm, 'anonpages', done);
    k.world.update('pages', pfn, pfn + done, (row) => ({ refcount: row.refcount + 1 }));
    return done;
  },
  {
    covers: ({ start, pages }) =>
      pages === 1
        ? undefined
        : { count: pages, range: { start, end: start + pages, unit: 'page' } },
    show: ({ pfn, pages, compound }) => ({ pfn, pages, compound }),
  },
);

/** split_huge_pmd() of the huge zero page where the run has only part of it. */
function splitZeroAround(k: Kernel, start: number, end: number): void {
  for (const entry of k.world.overlapping('ptes', start, end)) {
    if (entry.level !== 'pte' && isZeroPage(entry) && (entry.start < start || entry.end > end)) {
      k.world.update('ptes', entry.start, entry.end, { level: 'pte' });
    }
  }
}
