import {
  address,
  count,
  flags,
  grows,
  list,
  orNull,
  OWN,
  pages,
  pfn,
  position,
  record,
  ref,
  text,
  truth,
  type TypeOf,
} from './field.ts';
import { extents, keyed } from './table.ts';

const MIGRATE_RUN = record(
  {
    index: pages('First page of the range it is about'),
    count: pages('How many'),
    pfn: orNull(pfn('Of the first page, growing; NULL: no page (MIGRATE_PFN_VALID clear)')),
    migrate: truth('MIGRATE_PFN_MIGRATE'),
    write: truth('MIGRATE_PFN_WRITE'),
    compound: truth('MIGRATE_PFN_COMPOUND: whole folios of the PMD size, one entry each'),
  },
  'Equal entries; entries that no run covers are 0',
);
export type MigrateRun = TypeOf<typeof MIGRATE_RUN>;

const GUP_RUN = record(
  {
    pfn: pfn('First PFN'),
    end: pfn('Behind the last'),
    pages: count('Entries of the caller’s array'),
    refs: count('Taken on each PFN: 1024 a small page by FOLL_PIN'),
  },
  'PFNs that were put into the caller’s array, in order of the addresses',
);
export type GupRun = TypeOf<typeof GUP_RUN>;

/** Processes, their page tables and those of devices, and who holds pages. */
export const ADDRESS_SPACE_TABLES = {
  tasks: keyed(
    'id',
    { title: 'Processes', meaning: 'Processes, one an actor', struct: 'task_struct' },
    {
      id: text('The actor', OWN),
      pid: count('Its process ID'),
      mm: ref('mms', 'Its address space; gone with the process'),
      parent: ref('tasks', 'Who forked it', { member: 'real_parent' }),
      signal: text('What ended it; empty while it lives', { member: 'exit_code' }),
      flags: flags('PF_* flags'),
    },
  ),
  mms: keyed(
    'id',
    {
      title: 'Address spaces',
      meaning: 'Of processes, and the page tables of devices that mirror one',
      struct: 'mm_struct',
    },
    {
      id: text('How the bench names it', OWN),
      nr: count('Its number: positions of vmas and ptes begin at nr * 2^44', OWN),
      mm_users: count('Users, threads included'),
      anonpages: pages('MM_ANONPAGES', { member: 'rss_stat' }),
      filepages: pages('MM_FILEPAGES', { member: 'rss_stat' }),
      shmempages: pages('MM_SHMEMPAGES', { member: 'rss_stat' }),
      notifiers: list(text('A device'), 'Who is registered with its MMU notifiers', {
        member: 'notifier_subscriptions',
      }),
    },
  ),
  vmas: extents(
    'page',
    {
      title: 'VMAs',
      meaning: 'Mapped areas; neighbours that say the same are one, as vma_merge() makes them',
      struct: 'vm_area_struct',
    },
    {
      mm: ref('mms', 'The address space', { member: 'vm_mm' }),
      vm_flags: flags('VM_* flags: read, write, shared ...'),
      vm_ops: text('Which vm_operations_struct; empty for anonymous memory'),
      vm_file: text('The file; empty for anonymous memory'),
      vm_pgoff: grows(pages('Page of the file it begins at', { format: 'hex' }), 1),
      anon_vma: text('Which anon_vma; empty until it is needed'),
    },
  ),
  ptes: extents(
    'page',
    { title: 'Page table entries', meaning: 'Runs of equal entries that map PFNs in order' },
    {
      mm: ref('mms', 'The address space'),
      level: text('pte, pmd or pud: where the entry is a leaf'),
      kind: text('present, or the kind of a swap entry: device_private_write ...'),
      pfn: grows(pfn('Page of the first entry'), 1),
      flags: flags('Bits of the entry that are set'),
    },
  ),
  notifier_subscriptions: keyed(
    'mm',
    {
      title: 'Notifier subscriptions',
      meaning: 'Of an address space somebody is registered with',
      struct: 'mmu_notifier_subscriptions',
    },
    {
      mm: ref('mms', 'The address space', OWN),
      invalidate_seq: count('Odd while an interval notifier is told of an invalidation'),
      active_invalidate_ranges: count('Invalidations under way'),
    },
  ),
  mmu_interval_notifiers: keyed(
    'id',
    {
      title: 'Interval notifiers',
      meaning: 'Who is told before entries of a range change',
      struct: 'mmu_interval_notifier',
    },
    {
      id: text('How the bench names it', OWN),
      mm: ref('mms', 'The address space'),
      device: ref('devices', 'Whose invalidate callback it has', { member: 'ops' }),
      start: position('The first page', { member: 'interval_tree' }),
      end: position('Behind the last page', { member: 'interval_tree' }),
      invalidate_seq: count('Of the last invalidation it was told of'),
      pt: ref('mms', 'Address space of the device’s page table', OWN),
    },
  ),
  migrate_vmas: keyed(
    'id',
    {
      title: 'Migrations under way',
      meaning:
        'What a driver holds between migrate_vma_setup() or migrate_device_range() and the end',
      struct: 'migrate_vma',
    },
    {
      id: text('How the bench names it', OWN),
      mm: ref('mms', 'The address space; none where PFNs are migrated', { member: 'vma' }),
      start: position('First page, a PFN without an address space'),
      end: position('Behind the last page'),
      flags: flags('MIGRATE_VMA_SELECT_* flags'),
      pgmap_owner: text('Whose device-private memory may be migrated'),
      fault_pfn: orNull(pfn('First page that a run of faults is about', { member: 'fault_page' })),
      fault_pages: pages('How many', { member: 'fault_page' }),
      cpages: pages('Collected for migration'),
      src: list(MIGRATE_RUN, 'Where pages are'),
      dst: list(MIGRATE_RUN, 'Where they go'),
    },
  ),
  page_mappings: extents(
    'pfn',
    {
      title: 'Mappings of pages',
      meaning: 'Whose pages they are; pages without a record have NULL',
      struct: 'page',
    },
    {
      mapping: text('anon:NAME or file:PATH'),
      index: grows(pages('Which page of it'), 1),
    },
  ),
  page_contents: extents(
    'pfn',
    {
      title: 'Contents of pages',
      meaning: 'What is in memory, as far as labs write it; without a record zeros',
    },
    {
      word: count('Every word of the page holds it, or a buffer of words counts up from it'),
      nth: grows(orNull(count('Which page of that buffer; NULL where all words are equal')), 1),
    },
  ),
  gup_pins: keyed(
    'id',
    { title: 'Pins', meaning: 'Pages held by get_user_pages() and pin_user_pages()' },
    {
      id: text('How the bench names it'),
      actor: text('Who holds them'),
      mm: ref('mms', 'The address space they were asked for in'),
      address: address('Virtual address they were asked for from'),
      nr_pages: pages('Asked for'),
      flags: flags('FOLL_* flags'),
      busy: text('The actor whose call fills or empties the array now; empty while they are held'),
      runs: list(GUP_RUN, 'What is held'),
    },
  ),
};
