import { readLink, type Link, type LinkKind } from '../../../shared/bench/links.ts';
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

const TAB_OF: Readonly<Record<LinkKind, Tab>> = {
  pfn: 'page',
  section: 'section',
  zone: 'zone',
  node: 'zone',
  pgmap: 'pagemap',
  device: 'device',
  step: 'step',
};

/** The tab that shows what a link selects; undefined for a text that is no link. */
export function tabOf(link: string): Tab | undefined {
  const read = readLink(link);
  return read && TAB_OF[read.kind];
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
  const read = readLink(link);
  return read ? { ...before, ...chosen(read, pagesPerSection) } : before;
}

/** What of the subject a link says. */
function chosen({ kind, key }: Link, pagesPerSection: number): Partial<Subject> {
  switch (kind) {
    case 'pfn': {
      const section = pagesPerSection > 0 ? { section: Math.floor(key / pagesPerSection) } : {};
      return { pfn: key, ...section, device: '' };
    }
    case 'section':
      return { section: key, device: '' };
    case 'zone':
      return { zone: `${key.nid}:${key.name}` };
    case 'node':
      return { zone: `${key}:` };
    case 'pgmap':
      return { pgmap: key };
    case 'device':
      return { device: key };
    case 'step':
      return { step: key };
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
