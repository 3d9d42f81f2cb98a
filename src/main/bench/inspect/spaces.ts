import { linkTo } from '../../../shared/bench/links.ts';
import type { SpaceRow, SpaceView } from '../../../shared/bench/views.ts';
import type { RowOf } from '../../../shared/world/tables.ts';
import { addressesOf, ptesOf, vmaAccess, vmasOf } from '../../engine/lab/inspect/proc-maps.ts';
import { isZeroPage, zeroPfn } from '../../engine/kernel/mm/zero-page.ts';
import type { Inspection } from './context.ts';
import { hex } from './format.ts';

/** Rows of one address space that are listed; the others are counted. */
const LISTED = 160;

type Mm = RowOf<'mms'>;
type Vma = RowOf<'vmas'>;
type Pte = RowOf<'ptes'>;

/** Every address space: processes first, in the order of their PIDs, then devices' page tables. */
export function spaceViews(inspection: Inspection): SpaceView[] {
  const { world } = inspection;
  const tasks = [...world.rows('tasks')].sort((a, b) => a.pid - b.pid);
  const views = tasks.map((task) => processView(inspection, task));
  const owned = new Set(tasks.map(({ mm }) => mm));
  for (const mm of world.rows('mms')) if (!owned.has(mm.id)) views.push(mirrorView(inspection, mm));
  return views;
}

function processView(inspection: Inspection, task: RowOf<'tasks'>): SpaceView {
  const { world, authors, at } = inspection;
  const mm = world.get('mms', task.mm);
  const ended = authors.ofField('tasks', task.id, 'signal', at);
  return {
    id: task.id,
    kind: 'process',
    title: task.id,
    about: mm ? `pid ${task.pid}` : `pid ${task.pid}, ended: ${task.signal}`,
    counters: mm ? counters(mm) : [],
    changed: ended.changed && task.signal !== '',
    ...(mm ? limited(processRows(inspection, mm)) : { rows: [], more: 0 }),
  };
}

function mirrorView(inspection: Inspection, mm: Mm): SpaceView {
  const rows = ptesOf(inspection.world, mm).map((pte) => entryRow(inspection, pte));
  const about = aboutMirror(inspection, mm.id);
  return {
    id: mm.id,
    kind: 'mirror',
    title: mm.id,
    about,
    counters: [],
    changed: false,
    ...limited(rows),
  };
}

/** Whose page table it is, of which process, and how often that was told of changes. */
function aboutMirror({ world }: Inspection, pt: string): string {
  const notifier = [...world.rows('mmu_interval_notifiers')].find((row) => row.pt === pt);
  if (!notifier) return 'page table of a device';
  const { device, mm, invalidate_seq } = notifier;
  return `page table of ${device}, mirrors ${mm}; invalidate_seq ${invalidate_seq}`;
}

function counters({ anonpages, filepages, shmempages }: Mm): SpaceView['counters'] {
  return [
    { name: 'anon', pages: anonpages },
    { name: 'file', pages: filepages },
    { name: 'shmem', pages: shmempages },
  ].filter(({ pages }) => pages > 0);
}

function limited(rows: readonly SpaceRow[]): { rows: SpaceRow[]; more: number } {
  return { rows: rows.slice(0, LISTED), more: Math.max(0, rows.length - LISTED) };
}

/** Each VMA, and below it the entries in it. */
function processRows(inspection: Inspection, mm: Mm): SpaceRow[] {
  const rows: SpaceRow[] = [];
  const entries = ptesOf(inspection.world, mm);
  let next = 0;
  for (const vma of vmasOf(inspection.world, mm)) {
    rows.push(vmaRow(inspection, vma));
    for (; next < entries.length; next += 1) {
      const entry = entries[next] as Pte;
      if (entry.start >= vma.end) break;
      rows.push(entryRow(inspection, entry));
    }
  }
  return rows;
}

function author(inspection: Inspection, table: 'vmas' | 'ptes', row: Vma | Pte) {
  const { authors, at } = inspection;
  const newest = [...first(authors.writesAt(table, row.start, at))][0];
  return {
    by: newest?.seq ?? 0,
    changed: authors.changedWithin(table, row.start, row.end, at),
  };
}

function* first<T>(found: Iterable<T>): Iterable<T> {
  for (const one of found) {
    yield one;
    return;
  }
}

function vmaRow(inspection: Inspection, vma: Vma): SpaceRow {
  const { start } = addressesOf(inspection.facts, vma);
  const name = vma.vm_file === '' ? 'anonymous' : vma.vm_file;
  return {
    kind: 'vma',
    address: hex(start),
    pages: vma.end - vma.start,
    what: vmaAccess(vma),
    detail: vma.vm_ops === '' ? name : `${name} (${vma.vm_ops})`,
    hint: `${vma.vm_flags.replaceAll('|', ' ')}${vma.anon_vma === '' ? '' : `; anon_vma ${vma.anon_vma}`}`,
    ...author(inspection, 'vmas', vma),
  };
}

function entryRow(inspection: Inspection, pte: Pte): SpaceRow {
  const { start } = addressesOf(inspection.facts, pte);
  const zero = isZeroPage(pte);
  const pfn = zero ? zeroPfn(inspection) : pte.pfn;
  const kind = pte.kind.replaceAll('_', ' ').replace(/^mirror ?/, '');
  return {
    kind: 'entry',
    address: hex(start),
    pages: pte.end - pte.start,
    what: pte.level,
    detail: zero
      ? 'zero page'
      : `${pte.kind === 'present' || kind === '' ? '' : `${kind} `}${hex(pfn)}`,
    hint: `${kind}${pte.flags === '' ? '' : `: ${pte.flags.replaceAll('|', ' ')}`}`,
    flags: pte.flags === '' ? [] : pte.flags.split('|'),
    present: pte.kind === 'present' || zero || pte.kind.startsWith('mirror'),
    link: linkTo('pfn', pfn),
    ...author(inspection, 'ptes', pte),
  };
}
