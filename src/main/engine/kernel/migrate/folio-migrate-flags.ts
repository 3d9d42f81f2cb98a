import type { Kernel } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';
import { flagList } from '../page/flags.ts';
import { coversMove, type FolioMove } from './move.ts';

/** Flags that folio_migrate_flags() carries over (mm/migrate.c): what a page says of its content. */
const CARRIED = [
  'error',
  'referenced',
  'uptodate',
  'active',
  'unevictable',
  'workingset',
  'owner_priv_1',
  'mappedtodisk',
  'dirty',
  'swapbacked',
  'young',
  'idle',
];

/** What folio_migrate_flags() does, inside another step. */
export function migrateFlags(k: Kernel, { src, dst, pages }: FolioMove): void {
  for (const row of k.world.overlapping('pages', src, src + pages)) {
    const from = Math.max(row.start, src) + dst - src;
    const to = Math.min(row.end, src + pages) + dst - src;
    const carried = flagList(row.flags).filter((flag) => CARRIED.includes(flag));
    k.world.update('pages', from, to, ({ flags }) => ({
      flags: [...new Set([...flagList(flags), ...carried])].sort().join('|'),
    }));
  }
}

/** folio_migrate_flags(): what the page says of its content; its place stays behind. */
export const folio_migrate_flags = leaf<FolioMove, void>(
  (k) => (k.facts.era.get('folio_references') ? 'folio_migrate_flags' : 'migrate_page_states'),
  'mm/migrate.c:folio_migrate_flags',
  migrateFlags,
  { covers: coversMove },
);
