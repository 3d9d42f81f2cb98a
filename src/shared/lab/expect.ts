/**
 * Expectations: what must be true of the world, each naming only the fields it is about. PFNs
 * and page counts are numbers, addresses bigints with inclusive ends, as the kernel prints them.
 */
import { z } from 'zod';
import { INVARIANT_IDS } from './invariants.ts';
import type { Place } from './place.ts';
import { address, count, size } from './quantity.ts';
import { value, valueMap } from './value.ts';

/** Zone names as `mm/page_alloc.c:zone_names` has them. */
export const ZONE_NAMES = ['DMA', 'DMA32', 'Normal', 'HighMem', 'Movable', 'Device'] as const;
export type ZoneName = (typeof ZONE_NAMES)[number];

const zoneName = z.enum(ZONE_NAMES);
const errno = z.string().regex(/^E[A-Z0-9]+$/, 'an errno name such as EINVAL');
const bytes = z.strictObject({ start: address, end: address });

/** One schema for each kind of expectation; the key is the key in the lab file. */
export const EXPECT_SCHEMAS = {
  /** A zone of one node, as /proc/zoneinfo and struct zone have it. */
  zone: z.strictObject({
    node: count,
    zone: zoneName,
    start_pfn: count.optional(),
    spanned: count.optional(),
    present: count.optional(),
    managed: count.optional(),
  }),
  /** A line of the "Zone ranges:" block (`mm/mm_init.c:free_area_init`). */
  zone_range: z.strictObject({
    zone: zoneName,
    start: address.optional(),
    end: address.optional(),
    empty: z.boolean().optional(),
  }),
  /** A line of the "Movable zone start for each node" block. */
  movable_start: z.strictObject({ node: count, start: address }),
  /** A node: pages, span in bytes, and its "Early memory node ranges". */
  node: z.strictObject({
    id: count,
    present: count.optional(),
    spanned: count.optional(),
    start: address.optional(),
    end: address.optional(),
    ranges: z.array(bytes).optional(),
  }),
  /** Pages of holes given a struct page at boot (`mm/mm_init.c:init_unavailable_range`), in all. */
  unavailable: z.strictObject({
    pages: count,
    node: count.optional(),
    zone: zoneName.optional(),
  }),
  page: z.strictObject({
    pfn: count,
    valid: z.boolean().optional(),
    online: z.boolean().optional(),
    zone: zoneName.optional(),
    node: count.optional(),
    refcount: count.optional(),
    mapcount: value.optional(),
    reserved: z.boolean().optional(),
    flags: z.array(z.string()).optional(),
    pgmap: value.optional(),
  }),
  section: z.strictObject({
    nr: count,
    exists: z.boolean().optional(),
    flags: count.optional(),
    node: count.optional(),
    /** subsection_map, bit 0 the lowest subsection. */
    subsections: address.optional(),
  }),
  memory_block: z.strictObject({
    id: count,
    exists: z.boolean().optional(),
    state: z.enum(['online', 'offline', 'going-offline']).optional(),
    valid_zones: z.string().optional(),
    node: count.optional(),
  }),
  /** Kernel variables by name: max_pfn, max_low_pfn, highest_memmap_pfn, physpages. */
  var: z.record(z.string(), count),
  iomem: z.strictObject({
    start: address,
    end: address,
    name: z.string(),
    depth: count.optional(),
    exists: z.boolean().optional(),
  }),
  pgmap: z.strictObject({
    start: address,
    end: address,
    exists: z.boolean().optional(),
    type: z.string().optional(),
    ref: count.optional(),
    owner: z.string().optional(),
    altmap: valueMap.optional(),
  }),
  device: z.strictObject({
    id: z.string(),
    state: z.string().optional(),
    registers: valueMap.optional(),
  }),
  /** An invariant the run breaks (or, with `exists: false`, does not break). */
  invariant: z.strictObject({
    id: z.enum(INVARIANT_IDS),
    exists: z.boolean().optional(),
    fn: z.string().optional(),
    actor: z.string().optional(),
    step: count.optional(),
  }),
  /** A live DMA mapping of a device (its name or its PCI name), by number or by an address of it. */
  dma_mapping: z.strictObject({
    dev: z.string(),
    id: count.optional(),
    dma_address: address.optional(),
    exists: z.boolean().optional(),
    api: z.enum(['scatter-gather', 'resource']).optional(),
    dir: z.string().optional(),
    nents: count.optional(),
    /** Of the segment that was looked for; of the first otherwise. */
    type: z.string().optional(),
    length: address.optional(),
    phys: address.optional(),
    bounced: z.boolean().optional(),
  }),
  /** Peer memory of a PCI device, as its p2pmem directory in sysfs has it; bytes. */
  p2pmem: z.strictObject({
    provider: z.string(),
    exists: z.boolean().optional(),
    size: size.optional(),
    available: size.optional(),
    published: z.boolean().optional(),
    /** How each client reaches it, as it was found first. */
    map_types: valueMap.optional(),
  }),
  /** Pages held by get_user_pages() or pin_user_pages(), under the name the lab gave (`as`). */
  pin: z.strictObject({
    name: z.string(),
    exists: z.boolean().optional(),
    actor: z.string().optional(),
    /** Pages held, and PFN of the first. */
    pages: count.optional(),
    pfn: count.optional(),
    /** FOLL_* names of the call. */
    flags: z.array(z.string()).optional(),
  }),
  /** A page table entry of a process, or of the address space `mm` (a device's mirror). */
  pte: z.strictObject({
    actor: z.string().optional(),
    mm: z.string().optional(),
    va: address,
    exists: z.boolean().optional(),
    level: z.enum(['pte', 'pmd', 'pud']).optional(),
    kind: z.string().optional(),
    pfn: count.optional(),
    flags: z.array(z.string()).optional(),
    write: z.boolean().optional(),
  }),
  /** The VMA that holds an address; `access` as /proc/PID/maps has it: rw-p. `end` exclusive. */
  vma: z.strictObject({
    actor: z.string().optional(),
    mm: z.string().optional(),
    va: address,
    exists: z.boolean().optional(),
    start: address.optional(),
    end: address.optional(),
    access: z.string().optional(),
    flags: z.array(z.string()).optional(),
    file: z.string().optional(),
    ops: z.string().optional(),
    pgoff: count.optional(),
    anon_vma: z.string().optional(),
  }),
  /** A process: what ended it ('' while it lives), and its resident pages by kind. */
  task: z.strictObject({
    id: z.string(),
    exists: z.boolean().optional(),
    pid: count.optional(),
    parent: z.string().optional(),
    mm: z.string().optional(),
    signal: z.string().optional(),
    anonpages: count.optional(),
    filepages: count.optional(),
    shmempages: count.optional(),
  }),
  /** A file: bytes, pages that have blocks, pages that i_pages has, whether it is mapped directly. */
  file: z.strictObject({
    path: z.string(),
    exists: z.boolean().optional(),
    size: size.optional(),
    dax: z.boolean().optional(),
    blocks: count.optional(),
    cached: count.optional(),
  }),
  /** What i_pages has of page `index` of a file: a folio, or a value entry of DAX and its flags. */
  i_page: z.strictObject({
    file: z.string(),
    index: count,
    exists: z.boolean().optional(),
    kind: z.enum(['folio', 'dax']).optional(),
    pfn: count.optional(),
    flags: z.array(z.string()).optional(),
  }),
  /** What is in a page: its first word, and whether the words count up from there. */
  contents: z.strictObject({
    pfn: count,
    word: count.optional(),
    count: z.boolean().optional(),
  }),
  /** A kernel error raised somewhere in the run. */
  error: z.strictObject({
    errno,
    fn: z.string().optional(),
    check: z.string().optional(),
    step: count.optional(),
  }),
};

export type ExpectKind = keyof typeof EXPECT_SCHEMAS;
export const EXPECT_KINDS = Object.keys(EXPECT_SCHEMAS) as ExpectKind[];

/** What one kind of expectation may say. */
export type Want<K extends ExpectKind> = z.output<(typeof EXPECT_SCHEMAS)[K]>;

/** One expectation and where it was written. */
export type ExpectEntry = {
  [K in ExpectKind]: { kind: K; want: Want<K>; source: Place };
}[ExpectKind];

/** What an operation itself must answer. */
export interface OutcomeExpect {
  /** Name of the errno it must fail with. */
  errno?: string | undefined;
  /** True: it must succeed. */
  ok?: boolean | undefined;
  /** Fields of its result. */
  returns: Record<string, z.output<typeof value>>;
  /** What must hold in the world right after it. */
  state: ExpectEntry[];
  source: Place;
}

export const errnoSchema = errno;
