import * as f from './field.ts';
import { extents, keyed } from './table.ts';

const MIGRATE_RUN = f.record(
  {
    index: f.pages('First page of the range it is about'),
    count: f.pages('How many'),
    pfn: f.orNull(f.pfn('Of the first page, growing; NULL: no page (MIGRATE_PFN_VALID clear)')),
    migrate: f.truth('MIGRATE_PFN_MIGRATE'),
    write: f.truth('MIGRATE_PFN_WRITE'),
    compound: f.truth('MIGRATE_PFN_COMPOUND: whole folios of the PMD size, one entry each'),
  },
  'Equal entries; entries that no run covers are 0',
);
export type MigrateRun = f.TypeOf<typeof MIGRATE_RUN>;

const GUP_RUN = f.record(
  {
    pfn: f.pfn('First PFN'),
    end: f.pfn('Behind the last'),
    pages: f.count('Entries of the caller’s array'),
    refs: f.count('Taken on each PFN: 1024 a small page by FOLL_PIN'),
  },
  'PFNs that were put into the caller’s array, in order of the addresses',
);
export type GupRun = f.TypeOf<typeof GUP_RUN>;

/** Processes, their page tables and those of devices, and who holds pages. */
export const ADDRESS_SPACE_TABLES = {
  tasks: keyed(
    'id',
    { title: 'Processes', meaning: 'Processes, one an actor', struct: 'task_struct' },
    {
      id: f.text('The actor', f.OWN),
      pid: f.count('Its process ID'),
      mm: f.ref('mms', 'Its address space; gone with the process'),
      parent: f.ref('tasks', 'Who forked it', { member: 'real_parent' }),
      signal: f.text('What ended it; empty while it lives', { member: 'exit_code' }),
      flags: f.flags('PF_* flags'),
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
      id: f.text('How the bench names it', f.OWN),
      nr: f.count('Its number: positions of vmas and ptes begin at nr * 2^44', f.OWN),
      mm_users: f.count('Users, threads included'),
      anonpages: f.pages('MM_ANONPAGES', { member: 'rss_stat' }),
      filepages: f.pages('MM_FILEPAGES', { member: 'rss_stat' }),
      shmempages: f.pages('MM_SHMEMPAGES', { member: 'rss_stat' }),
      notifiers: f.list(f.text('A device'), 'Who is registered with its MMU notifiers', {
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
      mm: f.ref('mms', 'The address space', { member: 'vm_mm' }),
      vm_flags: f.flags('VM_* flags: read, write, shared and so on', { lab: 'flags' }),
      vm_ops: f.text('Which vm_operations_struct; empty for anonymous memory', { lab: 'ops' }),
      vm_file: f.text('The file; empty for anonymous memory', { lab: 'file' }),
      vm_pgoff: f.pages('Page of the file it begins at', { format: 'hex', lab: 'pgoff', grows: 1 }),
      anon_vma: f.text('Which anon_vma; empty until it is needed'),
    },
  ),
  ptes: extents(
    'page',
    { title: 'Page table entries', meaning: 'Runs of equal entries that map PFNs in order' },
    {
      mm: f.ref('mms', 'The address space'),
      level: f.text('pte, pmd or pud: where the entry is a leaf'),
      kind: f.text('present, or the kind of a swap entry, as device_private_write'),
      pfn: f.pfn('Page of the first entry', { grows: 1 }),
      flags: f.flags('Bits of the entry that are set'),
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
      mm: f.ref('mms', 'The address space', f.OWN),
      invalidate_seq: f.count('Odd while an interval notifier is told of an invalidation'),
      active_invalidate_ranges: f.count('Invalidations under way'),
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
      id: f.text('How the bench names it', f.OWN),
      mm: f.ref('mms', 'The address space'),
      device: f.ref('devices', 'Whose invalidate callback it has', { member: 'ops' }),
      start: f.position('The first page', { member: 'interval_tree' }),
      end: f.position('Behind the last page', { member: 'interval_tree' }),
      invalidate_seq: f.count('Of the last invalidation it was told of'),
      pt: f.ref('mms', 'Address space of the device’s page table', {
        member: '',
        lab: 'page_table',
      }),
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
      id: f.text('How the bench names it', f.OWN),
      mm: f.ref('mms', 'The address space; none where PFNs are migrated', { member: 'vma' }),
      start: f.position('First page, a PFN without an address space'),
      end: f.position('Behind the last page'),
      flags: f.flags('MIGRATE_VMA_SELECT_* flags'),
      pgmap_owner: f.text('Whose device-private memory may be migrated'),
      fault_pfn: f.orNull(
        f.pfn('First page that a run of faults is about', { member: 'fault_page' }),
      ),
      fault_pages: f.pages('How many', { member: 'fault_page' }),
      cpages: f.pages('Collected for migration'),
      src: f.list(MIGRATE_RUN, 'Where pages are'),
      dst: f.list(MIGRATE_RUN, 'Where they go'),
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
      mapping: f.text('anon:NAME or file:PATH'),
      index: f.pages('Which page of it', { grows: 1 }),
    },
  ),
  page_contents: extents(
    'pfn',
    {
      title: 'Contents of pages',
      meaning: 'What is in memory, as far as labs write it; without a record zeros',
    },
    {
      word: f.word('Every word of the page holds it, or a buffer of words counts up from it'),
      nth: f.orNull(
        f.count('Which page of that buffer; NULL where all words are equal', { grows: 1 }),
      ),
    },
  ),
  media_contents: extents(
    'pfn',
    {
      title: 'Contents of the media',
      meaning:
        'What persistent memory holds where caches of the CPUs hold something newer: what a power failure leaves',
    },
    {
      word: f.word('Every word of the page holds it, or a buffer of words counts up from it'),
      nth: f.orNull(
        f.count('Which page of that buffer; NULL where all words are equal', { grows: 1 }),
      ),
    },
  ),
  persistence_domains: extents(
    'pfn',
    {
      title: 'Persistence domains',
      meaning: 'Persistent memory of which the platform says what it saves at a power failure',
    },
    {
      domain: f.text('memory_controller (ADR): what left the caches; cpu_cache (eADR): all of it'),
    },
  ),
  gup_pins: keyed(
    'id',
    { title: 'Pins', meaning: 'Pages held by get_user_pages() and pin_user_pages()' },
    {
      id: f.text('How the bench names it'),
      actor: f.text('Who holds them'),
      mm: f.ref('mms', 'The address space they were asked for in'),
      address: f.address('Virtual address they were asked for from'),
      nr_pages: f.pages('Asked for'),
      flags: f.flags('FOLL_* flags'),
      busy: f.text(
        'The actor whose call fills or empties the array now; empty while they are held',
      ),
      runs: f.list(GUP_RUN, 'What is held'),
    },
  ),
};
