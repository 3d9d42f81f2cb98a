import type { Kernel } from '../../core/facts.ts';
import { isAnonPage } from '../mm/rmap.ts';
import { hasFlag, pteFlags, type Pte } from '../mm/pte.ts';
import { hasVmFlag, vmaAt } from '../mm/vma.ts';
import { flagList } from '../page/flags.ts';
import { typeName } from '../pgmap/pagemap.ts';

/** What an entry says of its page. */
export type EntryKind = Pick<Pte, 'kind' | 'flags'>;

/**
 * The migration entry that stands for an entry (make_writable_migration_entry() and its like): it
 * remembers whether the page could be written and, by era, whether it was exclusive, accessed and
 * dirty.
 */
export function migrationEntry(k: Kernel, entry: Pte): EntryKind {
  const { era } = k.facts;
  const remembered = era.get('migration_entry_young')
    ? (['young', 'dirty'] as const).filter((flag) => hasFlag(entry, flag))
    : [];
  const flags = pteFlags(...remembered);
  if (hasFlag(entry, 'write') || entry.kind === 'device_private_write') {
    return { kind: 'migration_write', flags };
  }
  const exclusive = hasFlag(entry, 'anon_exclusive') && era.get('migration_read_exclusive');
  return { kind: exclusive ? 'migration_read_exclusive' : 'migration_read', flags };
}

/**
 * What remove_migration_pte() puts in the place of a migration entry at a position, for the page
 * `pfn`: a present entry, old unless the migration entry remembers an access, or a device private
 * one where the CPU cannot reach the page. Permissions are those the VMA has now.
 */
export function restoredEntry(k: Kernel, entry: Pte, position: number, pfn: number): EntryKind {
  const vma = vmaAt(k, position);
  const write = entry.kind === 'migration_write' && vma !== undefined && hasVmFlag(vma, 'write');
  const page = k.world.at('pages', pfn);
  const pgmap = page?.pgmap == null ? undefined : k.world.get('pgmaps', page.pgmap);
  const exclusive =
    k.facts.era.get('anon_page_exclusive') && isAnonPage(k, pfn) && entry.kind !== 'migration_read';
  const anon_exclusive = exclusive ? (['anon_exclusive'] as const) : [];
  if (pgmap && typeName(pgmap) === 'PRIVATE') {
    const kind = write ? 'device_private_write' : 'device_private_read';
    return { kind, flags: pteFlags(...anon_exclusive) };
  }
  // The _PAGE_DEVMAP that public pages carry (4.14 to 5.2) is left out: the core asks for them with
  // _vm_normal_page(.., true) nearly everywhere, and so sees an ordinary page.
  const dirty = hasFlag(entry, 'dirty') && flagList(page?.flags ?? '').includes('dirty');
  const flags = pteFlags(
    ...(write ? (['write'] as const) : []),
    ...(hasFlag(entry, 'young') ? (['young'] as const) : []),
    ...(dirty ? (['dirty'] as const) : []),
    ...anon_exclusive,
  );
  return { kind: 'present', flags };
}
