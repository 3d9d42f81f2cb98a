import type { Kernel } from '../../../core/facts.ts';
import { typeName } from '../../pgmap/pagemap.ts';
import { mappingsOf } from '../../mm/rmap-index.ts';
import { isMigration, pteFlags, type Pte, type PteFlag } from '../../mm/pte.ts';
import { addRmap } from '../../mm/rmap.ts';
import { hasVmFlag, vmaAt } from '../../mm/vma.ts';
import { leaf } from '../../../core/world/operation.ts';

/** Pages `dst` on take the place of pages `src` on in every migration entry; the same: restored. */
interface Repoint {
  readonly src: number;
  readonly dst: number;
  readonly pages: number;
}

/** What an entry becomes: present, or a device private entry where the CPU cannot reach the page. */
function newEntry(
  k: Kernel,
  position: number,
  entry: Pte,
  dst: number,
): Pick<Pte, 'kind' | 'flags'> {
  const vma = vmaAt(k, position);
  const page = k.world.at('pages', dst);
  const pgmap = page?.pgmap == null ? undefined : k.world.get('pgmaps', page.pgmap);
  const write = entry.kind === 'migration_write' && vma !== undefined && hasVmFlag(vma, 'write');
  const exclusive =
    k.facts.era.get('anon_page_exclusive') &&
    entry.kind !== 'migration_read' &&
    (k.world.at('page_mappings', dst)?.mapping.startsWith('anon:') ?? false);
  const flags: PteFlag[] = exclusive ? ['anon_exclusive'] : [];
  if (pgmap && typeName(pgmap) === 'PRIVATE') {
    const kind = entry.kind === 'migration_write' ? 'device_private_write' : 'device_private_read';
    return { kind, flags: pteFlags(...flags) };
  }
  const had = entry.flags.split('|');
  if (write) flags.push('write');
  if (had.includes('young')) flags.push('young');
  if (had.includes('dirty')) flags.push('dirty');
  // The _PAGE_DEVMAP that public pages carry (4.14 to 5.2) is left out: the core asks for them with
  // _vm_normal_page(.., true) nearly everywhere, and so sees an ordinary page.
  return { kind: 'present', flags: pteFlags(...flags) };
}

/**
 * remove_migration_ptes(): every migration entry of the old pages maps the new ones, each with a
 * reference and a count.
 */
export const remove_migration_ptes = leaf<Repoint, void>(
  'remove_migration_ptes',
  'mm/migrate.c:remove_migration_ptes',
  (k, { src, dst, pages }) => {
    for (const { start, end, pfn, entry } of mappingsOf(k, src, src + pages)) {
      if (!isMigration(entry)) continue;
      const to = dst + pfn - src;
      const page = k.world.at('pages', to);
      const level = entry.level === 'pmd' && page?.compound_order === 0 ? 'pte' : entry.level;
      const { mm } = entry;
      k.world.set('ptes', start, end, { mm, level, pfn: to, ...newEntry(k, start, entry, to) });
      addRmap(k, to, to + end - start);
      k.world.update('pages', to, to + end - start, (row) => ({
        // A folio mapped page by page has a reference from each of them.
        refcount: row.refcount + (level === 'pte' && row.compound_order > 0 ? end - start : 1),
      }));
    }
  },
  {
    show: ({ src, dst, pages }) => ({ src, dst, pages }),
    covers: ({ src, pages }) =>
      pages === 1
        ? undefined
        : { count: pages, range: { start: src, end: src + pages, unit: 'pfn' } },
  },
);
