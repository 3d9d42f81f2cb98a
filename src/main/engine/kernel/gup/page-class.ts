import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { typeName } from '../pgmap/pagemap.ts';

type Page = RowOf<'pages'>;

/** Type of the pagemap a page belongs to, '' for pages of RAM. */
export function deviceType(k: Kernel, page: Pick<Page, 'pgmap'>): string {
  const pgmap = page.pgmap === null ? undefined : k.world.get('pgmaps', page.pgmap);
  return pgmap ? typeName(pgmap) : '';
}

/** PageAnon(), folio_test_anon(): how many pages from `pfn` on answer the same, and what. */
export function anonRun(k: Kernel, pfn: number, end: number): { anon: boolean; end: number } {
  const at = k.world.at('page_mappings', pfn);
  if (at) return { anon: at.mapping.startsWith('anon:'), end: Math.min(at.end, end) };
  const [next] = k.world.overlapping('page_mappings', pfn, end);
  return { anon: false, end: next ? next.start : end };
}

/** What GUP asks of a page; pages that answer the same are taken in one step. */
interface PageClass {
  readonly free: boolean;
  readonly device: string;
  readonly large: boolean;
}

function classOf(k: Kernel, page: Page): PageClass {
  return {
    free: page.state !== 'init' || page.refcount <= 0,
    device: deviceType(k, page),
    large: page.compound_order > 0,
  };
}

/** Pages [pfn, end) of one class; `page` undefined: these PFNs have no struct page. */
export interface ClassRun extends PageClass {
  readonly page: Page | undefined;
  readonly end: number;
}

/** The longest run from `pfn` on whose pages are of one class. */
export function classRun(k: Kernel, pfn: number, end: number): ClassRun {
  const rows = k.world.overlapping('pages', pfn, end);
  const [first] = rows;
  if (!first || first.start > pfn) {
    const none = { free: true, device: '', large: false, page: undefined };
    return { ...none, end: first ? Math.min(first.start, end) : end };
  }
  const found = classOf(k, first);
  let at = Math.min(first.end, end);
  for (const row of rows.slice(1)) {
    const next = classOf(k, row);
    const same =
      next.free === found.free && next.device === found.device && next.large === found.large;
    if (row.start !== at || !same) break;
    at = Math.min(row.end, end);
  }
  return { ...found, page: first, end: at };
}
