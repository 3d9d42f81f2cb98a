import { copyContents } from '../mm/contents.ts';
import { call, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { folio_migrate_flags, migrateFlags } from './folio-migrate-flags.ts';
import { extraReferences, folio_migrate_mapping } from './folio-migrate-mapping.ts';
import { coversMove, type FolioMove } from './move.ts';

/** folio_migrate_copy(), or copy_page and migrate_page_states: contents, then flags. */
export const folio_migrate_copy = leaf<FolioMove, void>(
  (k) => (k.facts.era.get('folio_references') ? 'folio_migrate_copy' : 'migrate_page_copy'),
  'mm/migrate.c:folio_migrate_copy',
  (k, move) => {
    copyContents(k, move.src, move.dst, move.pages);
    migrateFlags(k, move);
  },
  { covers: coversMove },
);

/** folio_mc_copy(): the contents; the model's memory has no poison that a copy meets. */
const folio_mc_copy = leaf<FolioMove, void>(
  'folio_mc_copy',
  'mm/util.c:folio_mc_copy',
  (k, { src, dst, pages }) => copyContents(k, src, dst, pages),
  { covers: coversMove },
);

/**
 * migrate_folio(): the mapping first, which may refuse; then the copy. Since 6.11 the copy comes first,
 * which may meet poison, after a look at the references.
 */
const migrate_folio = operation<FolioMove, Outcome<void>>(
  (k) => (k.facts.era.get('folio_references') ? 'migrate_folio' : 'migrate_page'),
  'mm/migrate.c:migrate_folio',
  function* (k, move) {
    const copyFirst = k.facts.era.get('folio_mc_copy');
    if (copyFirst) {
      const used = extraReferences(k, move);
      if (used) return used;
      yield* call(folio_mc_copy, move);
    }
    const mapped = yield* call(folio_migrate_mapping, move);
    if (failed(mapped)) return mapped;
    yield* call(copyFirst ? folio_migrate_flags : folio_migrate_copy, move);
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
