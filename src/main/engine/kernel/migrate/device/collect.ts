import type { MigrateRun } from '../../../../../shared/world/address-space-tables.ts';
import type { Kernel } from '../../../core/facts.ts';
import { typeName } from '../../pgmap/pagemap.ts';
import { coversPositions } from '../../mm/fault.ts';
import { notifyEnd, notifyStart } from '../../mm/mmu-notifier.ts';
import { hasFlag, isDevicePrivate, pagesOf, pfnAt, pteRuns, type Pte } from '../../mm/pte.ts';
import { isNormal, removeRmap } from '../../mm/rmap.ts';
import { isAnonymous, vmaAt, type Vma } from '../../mm/vma.ts';
import { isZeroPage } from '../../mm/zero-page.ts';
import { flagList, withFlag } from '../../page/flags.ts';
import type { PageRun } from '../isolate.ts';
import { folio_try_share_anon_rmap_pte, mayBePinned } from '../try-share-anon.ts';
import { migrationEntry } from '../migration-entry.ts';
import { call, leaf, operation } from '../../../core/world/operation.ts';
import { joined } from './runs.ts';
import {
  faultReference,
  selectionOf,
  setSrc,
  srcOf,
  type Migration,
  type Selection,
} from './migration.ts';
import { collectLarge, migrate_vma_split_folio, sameOrder } from './split.ts';

/** A piece of the walk: entries alike, mapping pages alike, or none. */
interface CollectRun {
  readonly id: string;
  readonly vma: Vma;
  readonly start: number;
  readonly end: number;
  readonly entry: Pte | undefined;
}

const SHOW = {
  covers: coversPositions,
  show: ({ start, end, entry }: CollectRun) => ({
    pages: end - start,
    entry: entry === undefined ? 'none' : entry.kind,
  }),
} as const;

function append(k: Kernel, id: string, run: MigrateRun): void {
  const { cpages } = k.world.need('migrate_vmas', id);
  setSrc(k, id, joined([...srcOf(k, id), run]), cpages + (run.migrate ? run.count : 0));
}

function emptyRun(migration: Migration, from: number, to: number, compound: boolean): MigrateRun {
  const index = from - migration.start;
  return { index, count: to - from, pfn: null, migrate: true, write: false, compound };
}

/**
 * migrate_vma_collect_hole(): no page yet, or the zero page. In anonymous memory the driver may fill
 * it with device memory; whole PMDs at once where compound folios are wanted.
 */
const migrate_vma_collect_hole = leaf<CollectRun, void>(
  'migrate_vma_collect_hole',
  'mm/migrate_device.c:migrate_vma_collect_hole',
  (k, { id, vma, start, end }) => {
    if (!isAnonymous(vma)) return;
    const migration = k.world.need('migrate_vmas', id);
    const huge = pagesOf(k, 'pmd');
    const large = selectionOf(k, migration).has('compound');
    const first = large ? Math.min(Math.ceil(start / huge) * huge, end) : end;
    const last = large ? Math.max(Math.floor(end / huge) * huge, first) : end;
    for (const [from, to, compound] of [
      [start, first, false],
      [first, last, true],
      [last, end, false],
    ] as const) {
      if (from < to) append(k, id, emptyRun(migration, from, to, compound));
    }
  },
  SHOW,
);

/** Whether the entries of a piece are wanted, by where their pages are. */
export function selected(k: Kernel, selection: Selection, entry: Pte, pfn: number): boolean {
  const page = k.world.at('pages', pfn);
  const pgmap = page?.pgmap == null ? undefined : k.world.get('pgmaps', page.pgmap);
  if (isDevicePrivate(entry)) {
    return selection.has('device_private') && selection.owns(pgmap?.owner ?? '');
  }
  if (!page || !isNormal(entry)) return false;
  if (!pgmap) return selection.has('system');
  const type = typeName(pgmap);
  if (type === 'COHERENT') return selection.has('device_coherent') && selection.owns(pgmap.owner);
  // Other device pages have no mapping (or are refused below by their references).
  return type === 'PUBLIC';
}

/** Entries alike, as they are while the page table is locked; pages of them that stay. */
function collectEntries(k: Kernel, run: CollectRun & { entry: Pte }): PageRun[] {
  const { id, start, end, entry } = run;
  const stay: PageRun[] = [];
  const migration = k.world.need('migrate_vmas', id);
  const selection = selectionOf(k, migration);
  const first = pfnAt(entry, start);
  const write = entry.kind === 'device_private_write' || hasFlag(entry, 'write');
  for (const row of k.world.overlapping('pages', first, first + end - start)) {
    const pfn = Math.max(row.start, first);
    const to = Math.min(row.end, first + end - start);
    if (!selected(k, selection, entry, pfn)) continue;
    if (!k.world.at('page_mappings', pfn)) {
      k.note('!page->mapping');
      continue;
    }
    const held = faultReference(k, migration, pfn) > 0;
    if (!held && flagList(row.flags).includes('locked')) {
      k.note('folio_trylock() fails');
      continue;
    }
    if (mayBePinned(k, entry, pfn)) {
      stay.push({ pfn, end: to });
      continue;
    }
    const at = start + pfn - first;
    const compound = row.compound_order > 0;
    const { mm, level } = entry;
    k.world.set('ptes', at, at + to - pfn, { mm, level, pfn, ...migrationEntry(k, entry) });
    // The reference of the mapping becomes the migration's own.
    removeRmap(k, pfn, to);
    const dirty = hasFlag(entry, 'dirty') && k.facts.era.get('migrate_vma_marks_dirty');
    k.world.update('pages', pfn, to, ({ flags }) => {
      const locked = withFlag(flags, 'locked');
      return { flags: dirty ? withFlag(locked, 'dirty') : locked };
    });
    const index = at - migration.start;
    append(k, id, { index, count: to - pfn, pfn, migrate: true, write, compound });
  }
  return stay;
}

/**
 * migrate_vma_collect_pmd(), under the page table lock: pages that are wanted and can be locked are
 * taken out of this page table (a migration entry stands for them), the others are left alone; what
 * others unmapped meanwhile is an empty place. A page that may be pinned and belongs to this process
 * alone stays too: folio_try_share_anon_rmap_pte() fails.
 * @returns runs of the last kind
 */
const migrate_vma_collect_pmd = leaf<CollectRun, readonly PageRun[]>(
  'migrate_vma_collect_pmd',
  'mm/migrate_device.c:migrate_vma_collect_pmd',
  (k, { id, vma, start, end }) => {
    const migration = k.world.need('migrate_vmas', id);
    return pteRuns(k, start, end).flatMap((now) => {
      if (now.entry && !isZeroPage(now.entry)) {
        return collectEntries(k, { id, vma, ...now, entry: now.entry });
      }
      const taken = !now.entry || selectionOf(k, migration).has('system');
      if (taken && isAnonymous(vma)) append(k, id, emptyRun(migration, now.start, now.end, false));
      return [];
    });
  },
  SHOW,
);

/** migrate_vma_collect(): walks the page table of the range, mirrors told first. */
export const migrate_vma_collect = operation<{ id: string }, void>(
  'migrate_vma_collect',
  'mm/migrate_device.c:migrate_vma_collect',
  function* (k, { id }) {
    const { mm, start, end, pgmap_owner } = k.world.need('migrate_vmas', id);
    const range = { mm, start, end, event: 'MIGRATE', owner: pgmap_owner };
    yield* notifyStart(k, range);
    let at = start;
    while (at < end) {
      const vma = vmaAt(k, at);
      const [run] = pteRuns(k, at, end);
      if (!vma || !run) break;
      const piece = { id, vma, start: at, end: run.end, entry: run.entry };
      at = run.end;
      const { entry } = piece;
      const selection = selectionOf(k, k.world.need('migrate_vmas', id));
      if (entry === undefined || (isZeroPage(entry) && selection.has('system'))) {
        yield* call(migrate_vma_collect_hole, piece);
      } else if (!isZeroPage(entry)) {
        const same = { ...piece, entry, end: sameOrder(k, entry, piece.start, piece.end) };
        at = same.end;
        const verdict = collectLarge(k, same, selection);
        if (verdict.what === 'split') {
          // A large folio that is not to stay one is split, and its entries are walked again.
          const split = yield* call(migrate_vma_split_folio, { pfn: verdict.pfn, id });
          at = split ? same.start : verdict.next;
        } else if (verdict.what === 'collect') {
          at = verdict.next;
          const stay = yield* call(migrate_vma_collect_pmd, { ...same, end: at });
          for (const part of stay) yield* call(folio_try_share_anon_rmap_pte, part);
        } else at = verdict.next;
      }
    }
    yield* notifyEnd(k, range);
  },
);
