import { z } from 'zod';
import { recordShape } from './record-shape.ts';

/**
 * What the bench shows of a session at the step it stands at. Everything is safe for JSON:
 * addresses and words are "0x..." strings, PFNs and counts are numbers. Ends of address ranges
 * are inclusive, ends of PFN ranges exclusive. `by` is the step that wrote the value (0: none),
 * `changed` says that the current step wrote it, `was` is the text of the value before.
 */

const author = { by: z.number(), changed: z.boolean() };

/** One line of an inspector: a named value with its author. */
export const fieldView = z.object({
  name: z.string(),
  text: z.string(),
  was: z.string().optional(),
  /** Byte offset inside the structure, where it is one. */
  offset: z.number().optional(),
  /** What the value means, a sentence. */
  hint: z.string().optional(),
  /** What a click selects: "pfn:4096", "section:3", "pgmap:...", "step:12". */
  link: z.string().optional(),
  /** What a breakpoint on this value names: "zones.4.spanned_pages", "pfn:4096". */
  watch: z.string().optional(),
  ...author,
});
export type FieldView = z.infer<typeof fieldView>;

export const changeView = z.object({
  table: z.string(),
  key: z.string(),
  kind: z.enum(['added', 'updated', 'removed']),
  fields: z.array(
    z.object({ name: z.string(), from: z.string().optional(), to: z.string().optional() }),
  ),
  link: z.string().optional(),
});
export type ChangeView = z.infer<typeof changeView>;

/** One row of the step tree. */
export const stepRow = z.object({
  seq: z.number(),
  parent: z.number(),
  depth: z.number(),
  fn: z.string(),
  kind: z.enum(['call', 'point', 'return', 'plugin', 'user']),
  actor: z.string(),
  /** Arguments as the row shows them, "(0, 0x100000, 512 MiB)". */
  args: z.string(),
  /** Result, " = 0" or "−EINVAL"; empty while inside or for void. */
  result: z.string(),
  error: z.string().optional(),
  /** The check that raised it. */
  check: z.string().optional(),
  /** True where the lab expected this very errno. */
  expected: z.boolean().optional(),
  note: z.string().optional(),
  /** Invariants this step breaks. */
  broken: z.array(z.string()).optional(),
  count: z.number(),
  added: z.number(),
  updated: z.number(),
  removed: z.number(),
  /** Last step inside this call; `seq` for a leaf; 0 while it is open. */
  end: z.number(),
  children: z.number(),
  /** Steps and changed records of the call with all inside it, by its own actor. */
  subtree: z.object({
    steps: z.number(),
    added: z.number(),
    updated: z.number(),
    removed: z.number(),
  }),
});
export type StepRow = z.infer<typeof stepRow>;

export const stepView = z.object({
  row: stepRow,
  args: z.array(z.object({ name: z.string(), text: z.string() })),
  source: z.string(),
  basis: z.enum(['kernel', 'model']),
  range: z.string().optional(),
  path: z.array(z.object({ seq: z.number(), fn: z.string() })),
  changes: z.array(changeView),
  /** Records changed beyond those listed. */
  more: z.number(),
});
export type StepView = z.infer<typeof stepView>;

export const zoneView = z.object({
  ...recordShape('zones', 'nid', 'index', 'name', 'spanned_pages'),
  fields: z.array(fieldView),
});
export type ZoneView = z.infer<typeof zoneView>;

export const nodeView = z.object({
  ...recordShape('nodes', 'nid'),
  fields: z.array(fieldView),
  zones: z.array(zoneView),
});
export type NodeView = z.infer<typeof nodeView>;

/** A run of equal sections. */
export const sectionRun = z.object({
  ...recordShape('sections', 'start', 'end', 'nid', 'flags', 'subsection_map', 'memmap'),
  flag_names: z.string(),
  zone: z.string(),
  ...author,
});
export type SectionRun = z.infer<typeof sectionRun>;

const bitView = z.object({
  bit: z.number(),
  name: z.string(),
  set: z.boolean(),
  changed: z.boolean(),
});

export const sectionView = z.object({
  nr: z.number(),
  present: z.boolean(),
  start_pfn: z.number(),
  end_pfn: z.number(),
  fields: z.array(fieldView),
  /** The flags in the low bits of section_mem_map, lowest first, those not set included. */
  flag_bits: z.array(bitView),
  /** One entry a sub-section, in order. */
  subsections: z.array(z.object({ set: z.boolean(), changed: z.boolean() })),
});
export type SectionView = z.infer<typeof sectionView>;

/** A field of the flags word. `high` and `low` are bit numbers, both inclusive. */
const flagField = z.object({
  name: z.string(),
  high: z.number(),
  low: z.number(),
  value: z.string(),
  meaning: z.string(),
});

const pageState = z.enum([
  'absent',
  'uninit',
  'free',
  'used',
  'reserved',
  'memmap',
  'idle',
  'mapped',
  'pinned',
  'poisoned',
]);
export type PageState = z.infer<typeof pageState>;

export const extentView = z.object({
  ...recordShape('pages', 'start', 'end', 'nid', 'refcount'),
  state: pageState,
  zone: z.string(),
  label: z.string(),
  ...author,
});
export type ExtentView = z.infer<typeof extentView>;

export const pageView = z.object({
  pfn: z.number(),
  phys: z.string(),
  state: pageState,
  /** pfn_valid(), and why. */
  valid: z.boolean(),
  valid_why: z.string(),
  online: z.boolean(),
  section: z.number(),
  subsection: z.number(),
  zone: z.string(),
  nid: z.number(),
  /** Kernel virtual address of the struct page, and where that is stored; "" if nowhere. */
  page: z.string(),
  stored_at: z.string(),
  sizeof_page: z.number(),
  /** The flags word, most significant bit first in `fields` and `bits`. */
  word: z.string(),
  word_was: z.string().optional(),
  word_fields: z.array(flagField),
  bits: z.array(bitView),
  fields: z.array(fieldView),
  extent: extentView.optional(),
  pgmap: z.string().optional(),
  /** Entries that refer to the page: whose, at which address, as what; rmap_walk() finds these. */
  mapped_by: z.array(
    z.object({
      ...recordShape('ptes', 'mm', 'flags'),
      address: z.string(),
      kind: z.string(),
      ...author,
    }),
  ),
  /** What is in the page, in words. */
  contents: z.string(),
  /** Who holds the page by GUP: the name of the pin, the caller, FOLL_* flags, references. */
  pins: z.array(
    z.object({
      name: z.string(),
      ...recordShape('gup_pins', 'actor', 'flags'),
      refs: z.number(),
      ...author,
    }),
  ),
  /** pfn to page and back, one line a step, with this machine's numbers. */
  conversion: z.array(z.string()),
  /** Steps that wrote this page. */
  writes: z.array(
    z.object({ seq: z.number(), fn: z.string(), what: z.string(), ahead: z.boolean() }),
  ),
});
export type PageView = z.infer<typeof pageView>;

export const pgmapView = z.object({
  ...recordShape('pgmaps', 'id', 'altmap'),
  fields: z.array(fieldView),
});
export type PgmapView = z.infer<typeof pgmapView>;

/** A block of one tier of the physical map. Addresses as PFNs; `bytes` ranges round outward. */
const mapBlock = z.object({
  tier: z.enum(['iomem', 'zone', 'section', 'subsection', 'extent']),
  start: z.number(),
  end: z.number(),
  label: z.string(),
  /** Fill: a zone, memory type or page state token: "zone-dma", "type-pmem", "page-idle". */
  fill: z.string(),
  detail: z.string(),
  link: z.string(),
  ...author,
});
export type MapBlock = z.infer<typeof mapBlock>;

export const mapView = z.object({
  /** Range asked for, in PFNs. */
  start: z.number(),
  end: z.number(),
  blocks: z.array(mapBlock),
  /** True where a tier had more blocks than were asked for: they came merged. */
  coarse: z.array(z.string()),
});
export type MapView = z.infer<typeof mapView>;

/** Pieces of the whole machine for the piecewise scale: content, or a gap to fold. */
const mapPiece = z.object({ start: z.number(), end: z.number(), content: z.boolean() });
export type MapPiece = z.infer<typeof mapPiece>;

export const machineView = z.object({
  title: z.string(),
  max_phys_pfn: z.number(),
  pages_per_section: z.number(),
  pages_per_subsection: z.number(),
  page_size: z.number(),
  nodes: z.array(
    z.object({
      nid: z.number(),
      cpus: z.number(),
      distances: z.array(z.number()),
      dram: z.array(z.object({ start: z.string(), end: z.string(), bytes: z.string() })),
      zones: z.array(z.object({ name: z.string(), present: z.number() })),
    }),
  ),
  devices: z.array(
    z.object({
      ...recordShape('devices', 'id', 'model', 'node', 'state'),
      title: z.string(),
      range: z.object({ start: z.string(), end: z.string() }).optional(),
      parts: z.array(
        z.object({
          id: z.string(),
          label: z.string(),
          detail: z.string(),
          start: z.number(),
          end: z.number(),
          fill: z.string(),
        }),
      ),
      registers: z.array(fieldView),
      /** Peer memory it offers, and its live DMA mappings, a field a segment. */
      p2pmem: z.array(fieldView),
      mappings: z.array(fieldView),
      changed: z.boolean(),
    }),
  ),
  pieces: z.array(mapPiece),
});
export type MachineView = z.infer<typeof machineView>;

/** A line of a kernel text (iomem, zoneinfo ...): exactly as the kernel prints it. */
const textLine = z.object({
  text: z.string(),
  by: z.number(),
  changed: z.boolean(),
  link: z.string().optional(),
});
export const textView = z.object({ lines: z.array(textLine) });
export type TextView = z.infer<typeof textView>;

export const logLine = z.object({
  seq: z.number(),
  source: z.string(),
  text: z.string(),
  level: z.string(),
});
export type LogLine = z.infer<typeof logLine>;

/** An actor at the current step. */
export const actorView = z.object({
  id: z.string(),
  /** inside: a kernel function runs; between: it has entries of the program left; done: none. */
  state: z.enum(['inside', 'blocked', 'between', 'done']),
  /** The kernel call stack, outermost first. */
  stack: z.array(z.object({ seq: z.number(), fn: z.string() })),
  /** Lock, completion or wait queue it waits for, and who has it. */
  waits_on: z.string().optional(),
  waits_for: z.array(z.string()),
  /** Locks it has, each with who waits for it. */
  holds: z.array(z.object({ name: z.string(), waiters: z.array(z.string()) })),
  /** Its last step; 0 before its first. */
  last: z.number(),
  /** The entry of the program it does next. */
  next: z.string().optional(),
});
export type ActorView = z.infer<typeof actorView>;

/** A VMA, or a run of page table entries below it. Addresses are hex texts. */
const spaceRow = z.object({
  kind: z.enum(['vma', 'entry']),
  address: z.string(),
  pages: z.number(),
  /** Access of a VMA (rw-p), level of an entry. */
  what: z.string(),
  detail: z.string(),
  hint: z.string(),
  flags: z.array(z.string()).optional(),
  present: z.boolean().optional(),
  link: z.string().optional(),
  by: z.number(),
  changed: z.boolean(),
});
export type SpaceRow = z.output<typeof spaceRow>;

/** An address space: a process's, or the page table of a device that mirrors one. */
export const spaceView = z.object({
  id: z.string(),
  kind: z.enum(['process', 'mirror']),
  title: z.string(),
  about: z.string(),
  /** Resident pages by kind, those that are not 0. */
  counters: z.array(z.object({ name: z.string(), pages: z.number() })),
  changed: z.boolean(),
  rows: z.array(spaceRow),
  /** Rows that are not listed. */
  more: z.number(),
});
export type SpaceView = z.output<typeof spaceView>;
