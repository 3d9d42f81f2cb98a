import type { MigrateRun } from '../../../../../shared/world/address-space-tables.ts';
import type { SELECT } from '../../../../../shared/plugins/services/migration.ts';
import type { RowOf } from '../../../../../shared/world/tables.ts';
import type { Kernel } from '../../../core/facts.ts';

/** struct migrate_vma of a migration under way. */
export type Migration = RowOf<'migrate_vmas'>;

export type Select = (typeof SELECT)[number];

/** Which sources a migration takes, with the era's ways to say it made equal. */
export interface Selection {
  readonly has: (flag: Select) => boolean;
  /** Is a device page of this pagemap the caller's to migrate? */
  readonly owns: (owner: string) => boolean;
}

/**
 * Before 5.9 there were no flags: system memory was always taken; device private pages too, those
 * of any owner until 5.7, of `src_owner` alone (none where it is NULL) from then on.
 */
export function selectionOf(k: Kernel, { flags, pgmap_owner }: Migration): Selection {
  const names = flags.split('|');
  switch (k.facts.era.get('migrate_vma_select')) {
    case 'all':
      return { has: (flag) => flag !== 'compound', owns: () => true };
    case 'src_owner':
      return {
        has: (flag) => flag === 'system' || (flag === 'device_private' && pgmap_owner !== ''),
        owns: (owner) => owner === pgmap_owner,
      };
    default:
      return {
        has: (flag) =>
          names.includes(flag) && (flag !== 'compound' || k.facts.era.get('device_private_folios')),
        owns: (owner) => owner === pgmap_owner,
      };
  }
}

/** A name for a migration that `current` begins. */
export function migrationId(k: Kernel): string {
  const name = `migrate_vma ${k.current()}`;
  let id = name;
  for (let n = 2; k.world.get('migrate_vmas', id); n += 1) id = `${name}#${n}`;
  return id;
}

export function srcOf(k: Kernel, id: string): readonly MigrateRun[] {
  return k.world.need('migrate_vmas', id).src;
}

export function dstOf(k: Kernel, id: string): readonly MigrateRun[] {
  return k.world.need('migrate_vmas', id).dst;
}

export function setSrc(k: Kernel, id: string, src: readonly MigrateRun[], cpages?: number): void {
  k.world.patch('migrate_vmas', id, {
    src,
    ...(cpages === undefined ? {} : { cpages }),
  });
}

/** References a page has above what its mappings take because a fault on it holds one. */
export function faultReference(k: Kernel, migration: Migration | undefined, pfn: number): number {
  const first = migration?.fault_pfn ?? null;
  if (!migration || first === null || k.facts.era.get('device_fault_page') === 'none') return 0;
  const size = 2 ** (k.world.at('pages', pfn)?.compound_order ?? 0);
  const head = pfn - (pfn % size);
  return head + size > first && head < first + migration.fault_pages ? 1 : 0;
}
