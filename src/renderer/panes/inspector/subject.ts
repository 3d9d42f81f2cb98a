import type { TableName } from '../../../shared/world/tables.ts';

export const TABS = ['page', 'section', 'device', 'zone', 'pagemap', 'extent', 'step'] as const;
export type Tab = (typeof TABS)[number];

/** The tables whose records each tab shows. */
export const TABLES: Readonly<Record<Tab, readonly TableName[]>> = {
  page: ['pages', 'page_mappings', 'gup_pins'],
  section: ['sections'],
  device: ['devices', 'registers', 'p2pdma', 'dma_mappings'],
  zone: ['zones', 'nodes'],
  pagemap: ['pgmaps', 'percpu_refs'],
  extent: ['pages'],
  step: [],
};

/** The tab that shows what a link selects; undefined for a link no tab is about. */
export function tabOf(link: string): Tab | undefined {
  switch (link.slice(0, link.indexOf(':'))) {
    case 'pfn':
      return 'page';
    case 'section':
      return 'section';
    case 'zone':
    case 'node':
      return 'zone';
    case 'pgmap':
      return 'pagemap';
    case 'device':
      return 'device';
    case 'step':
      return 'step';
    default:
      return undefined;
  }
}

/** What the inspector looks at: the last selected thing of each kind. */
export interface Subject {
  readonly pfn: number | null;
  readonly section: number | null;
  /** "0:Device"; "" for the zones of all nodes. */
  readonly zone: string;
  readonly pgmap: string;
  readonly device: string;
  /** A selected step, until the session moves on; null: the current one. */
  readonly step: number | null;
}

export const NOTHING: Subject = {
  pfn: null,
  section: null,
  zone: '',
  pgmap: '',
  device: '',
  step: null,
};

/**
 * The subject after a link was selected. A page also names its section; a device tab stays only
 * while a device is the last thing selected beside pages and steps.
 */
export function subjectAfter(before: Subject, link: string, pagesPerSection: number): Subject {
  const rest = link.slice(link.indexOf(':') + 1);
  switch (tabOf(link)) {
    case 'page': {
      const pfn = Number(rest);
      const section = pagesPerSection > 0 ? Math.floor(pfn / pagesPerSection) : before.section;
      return { ...before, pfn, section, device: '' };
    }
    case 'section':
      return { ...before, section: Number(rest), device: '' };
    case 'zone':
      return { ...before, zone: link.startsWith('zone:') ? rest : `${rest}:` };
    case 'pagemap':
      return { ...before, pgmap: rest };
    case 'device':
      return { ...before, device: rest };
    case 'step':
      return { ...before, step: Number(rest) };
    default:
      return before;
  }
}

/** Tabs with their labels; a selected device takes the place of the section. */
export function tabsFor(subject: Subject): { id: Tab; label: string }[] {
  const section = subject.section === null ? 'Section' : `Section ${subject.section}`;
  return [
    { id: 'page', label: 'Page' },
    subject.device === ''
      ? { id: 'section', label: section }
      : { id: 'device', label: subject.device },
    { id: 'zone', label: 'Zone' },
    { id: 'pagemap', label: 'Pagemap' },
    { id: 'extent', label: 'Extent' },
    { id: 'step', label: 'Step' },
  ];
}
