import type { MigrateRun } from '../../../../../shared/world/address-space-tables.ts';
import type { Kernel } from '../../../core/facts.ts';
import { driverCallback } from '../../device/callback.ts';
import { mappingsOf } from '../../mm/rmap-index.ts';
import { pagesOf } from '../../mm/pte.ts';
import { withoutFlag } from '../../page/flags.ts';
import { call, leaf, operation } from '../../../core/world/operation.ts';
import { joined } from './runs.ts';
import { setSrc, srcOf } from './migration.ts';
import { isMirror } from './split.ts';

interface Folios {
  readonly pfn: number;
  readonly end: number;
}

/**
 * folio_split_unmapped() with split_huge_pmd_address(): the folios are mapped by migration entries
 * alone, which become entries of single pages; each page keeps the migration's reference and lock.
 */
const folio_split_unmapped = leaf<Folios, void>(
  'folio_split_unmapped',
  'mm/huge_memory.c:folio_split_unmapped',
  (k, { pfn, end }) => {
    for (const { start, end: to, entry } of mappingsOf(k, pfn, end)) {
      if (!isMirror(entry)) k.world.update('ptes', start, to, { level: 'pte' });
    }
    k.world.update('pages', pfn, end, ({ flags }) => ({
      compound_order: 0,
      refcount: 1,
      flags: withoutFlag(flags, 'head'),
    }));
  },
);

/** migrate_vma_split_unmapped_folio(): the driver has single pages only for folios under way. */
const migrate_vma_split_unmapped_folio = operation<Folios, void>(
  'migrate_vma_split_unmapped_folio',
  'mm/migrate_device.c:migrate_vma_split_unmapped_folio',
  function* (k, { pfn, end }) {
    const row = k.world.at('pages', pfn);
    const pgmap = row?.pgmap == null ? undefined : k.world.get('pgmaps', row.pgmap);
    yield* call(folio_split_unmapped, { pfn, end });
    if (pgmap?.ops.includes('folio_split')) {
      yield* driverCallback(k, pgmap.device, 'folio_split', { pfn, end });
    }
  },
);

/** Where destinations of single pages meet a compound run: whole blocks of the PMD size. */
function singleBlocks(k: Kernel, run: MigrateRun, dst: readonly MigrateRun[]): [number, number][] {
  const size = pagesOf(k, 'pmd');
  const blocks: [number, number][] = [];
  for (const { index, count, compound } of dst) {
    if (compound || index >= run.index + run.count || index + count <= run.index) continue;
    const first = Math.max(index, run.index) - run.index;
    const last = Math.min(index + count, run.index + run.count) - run.index;
    const from = run.index + first - (first % size);
    const to = Math.min(run.index + Math.ceil(last / size) * size, run.index + run.count);
    const before = blocks[blocks.length - 1];
    if (before && before[1] >= from) before[1] = Math.max(before[1], to);
    else blocks.push([from, to]);
  }
  return blocks;
}

/** Compound sources for which the driver has single pages are taken apart. */
export function* splitForSinglePages(k: Kernel, id: string, dst: readonly MigrateRun[]) {
  const src = srcOf(k, id);
  if (!src.some(({ compound }) => compound)) return;
  const apart: MigrateRun[] = [];
  for (const run of src) {
    let at = run.index;
    const piece = (to: number, compound: boolean) => {
      const pfn = run.pfn === null ? null : run.pfn + at - run.index;
      if (at < to) apart.push({ ...run, index: at, count: to - at, pfn, compound });
      at = to;
    };
    for (const [from, to] of run.compound ? singleBlocks(k, run, dst) : []) {
      piece(from, true);
      if (run.pfn !== null) {
        const pfn = run.pfn + from - run.index;
        yield* call(migrate_vma_split_unmapped_folio, { pfn, end: pfn + to - from });
      }
      piece(to, false);
    }
    piece(run.index + run.count, run.compound);
  }
  setSrc(k, id, joined(apart));
}
