import { copyContents } from '../mm/contents.ts';
import { flagList } from '../page/flags.ts';
import { call, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { folio_migrate_mapping } from './folio-migrate-mapping.ts';
import { coversMove, type FolioMove } from './move.ts';

/** Flags that folio_migrate_flags() carries over (mm/migrate.c). */
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

/** folio_migrate_copy(), or copy_page and migrate_page_states: contents, then flags. */
export const folio_migrate_copy = leaf<FolioMove, void>(
  (k) => (k.facts.era.get('folio_references') ? 'folio_migrate_copy' : 'migrate_page_copy'),
  'mm/migrate.c:folio_migrate_copy, folio_migrate_flags',
  (k, { src, dst, pages }) => {
    copyContents(k, src, dst, pages);
    for (const row of k.world.overlapping('pages', src, src + pages)) {
      const from = Math.max(row.start, src) + dst - src;
      const to = Math.min(row.end, src + pages) + dst - src;
      const carried = flagList(row.flags).filter((flag) => CARRIED.includes(flag));
      k.world.update('pages', from, to, ({ flags }) => ({
        flags: [...new Set([...flagList(flags), ...carried])].sort().join('|'),
      }));
    }
  },
  { covers: coversMove },
);

/** migrate_folio(): the mapping first, which may refuse; then the copy. */
const migrate_folio = operation<FolioMove, Outcome<void>>(
  (k) => (k.facts.era.get('folio_references') ? 'migrate_folio' : 'migrate_page'),
  'mm/migrate.c:migrate_folio',
  function* (_k, move) {
    const mapped = yield* call(folio_migrate_mapping, move);
    if (failed(mapped)) return mapped;
    yield* call(folio_migrate_copy, move);
    return undefined;
  },
  { covers: coversMove },
);

/** move_to_new_folio(): by the mapping's own migrate_folio(); page->mapping of the old one goes. */
export const move_to_new_folio = operation<FolioMove, Outcome<void>>(
  (k) => (k.facts.era.get('folio_references') ? 'move_to_new_folio' : 'move_to_new_page'),
  'mm/migrate.c:move_to_new_folio',
  function* (k, move) {
    const result = yield* call(migrate_folio, move);
    if (failed(result)) return result;
    k.world.clear('page_mappings', move.src, move.src + move.pages);
    return undefined;
  },
  { covers: coversMove },
);
