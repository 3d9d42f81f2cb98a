import { isMigration } from '../mm/pte.ts';
import { addRmap } from '../mm/rmap.ts';
import { processMappings } from '../mm/rmap-index.ts';
import { addToCount, headRuns } from '../page/page-runs.ts';
import { leaf } from '../../core/world/operation.ts';
import { restoredEntry } from './migration-entry.ts';
import { coversMove, type FolioMove } from './move.ts';

/**
 * remove_migration_ptes(): migration entries for `src` become entries of `dst` (of `src` again,
 * where the move failed), each with its reference and its count. Pages of RAM and of devices alike.
 */
export const remove_migration_ptes = leaf<FolioMove, void>(
  'remove_migration_ptes',
  'mm/migrate.c:remove_migration_ptes',
  (k, { src, dst, pages }) => {
    for (const { entry, start, end, pfn } of processMappings(k, { pfn: src, end: src + pages })) {
      if (!isMigration(entry)) continue;
      const at = dst + pfn - src;
      const to = at + end - start;
      const single = k.world.at('pages', at)?.compound_order === 0;
      const level = entry.level === 'pmd' && single ? 'pte' : entry.level;
      const { mm } = entry;
      k.world.set('ptes', start, end, {
        mm,
        level,
        pfn: at,
        ...restoredEntry(k, entry, start, at),
      });
      addRmap(k, at, to);
      const perFolio = level !== 'pte';
      for (const heads of headRuns(k, { pfn: at, end: to }, perFolio)) {
        addToCount(k, heads, heads.refs);
      }
    }
  },
  { covers: coversMove },
);
