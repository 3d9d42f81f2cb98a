import { TABLE_NAMES, type TableName } from '../../shared/world/tables.ts';

/** What a right click was on: what can be copied, followed, or broken on. */
export interface ValueSubject {
  /** The text as it is copied, digits ungrouped. */
  readonly text: string;
  /** The step that wrote it; 0 for none. */
  readonly step: number;
  /** What it points to: "pfn:4096". */
  readonly link: string;
  /** A field for a breakpoint: "zones.4.spanned_pages". */
  readonly watch: string;
  /** A kernel function for a breakpoint. */
  readonly fn: string;
  /** Tables of the model that are shown around it. */
  readonly tables: readonly TableName[];
}

/** A number that stands by itself, such as an address or a PFN. */
const NUMBER = '.number, .hex-text';

/**
 * Reads the subject of an element from the row around it (`data-value`, `data-step`, `data-link`,
 * `data-watch`, `data-fn`); a number elsewhere can at least be copied, and the tables that are shown
 * around it (`data-tables`, names between blanks) everywhere.
 */
export function subjectOf(element: Element): ValueSubject | undefined {
  const row = element.closest<HTMLElement>('[data-value]');
  const number = element.closest<HTMLElement>(NUMBER);
  const shown = element.closest<HTMLElement>('[data-tables]')?.dataset['tables']?.split(' ') ?? [];
  const tables = TABLE_NAMES.filter((name) => shown.includes(name));
  if (!row && !number && tables.length === 0) return undefined;
  const {
    value = number?.textContent ?? '',
    step = '0',
    link = '',
    watch = '',
    fn = '',
  } = row?.dataset ?? {};
  return { text: value.trim(), step: Number(step), link, watch, fn, tables };
}
