import { linkTo } from '../../../shared/bench/links.ts';
import type { ExtentView, FieldView, PageView } from '../../../shared/bench/views.ts';
import { tableSchema, type RowOf } from '../../../shared/world/tables.ts';
import type { Row, Value } from '../../../shared/world/value.ts';
import type { Arch } from '../../engine/core/arch/arch.ts';
import { modelOf } from '../../engine/kernel/memmodel/models.ts';
import { encodeFlags, explainFlags, flagList } from '../../engine/kernel/page/flags.ts';
import type { Inspection } from './context.ts';
import { conversion, pageAddress } from './conversion.ts';
import type { Author } from './authors.ts';
import { field } from './fields.ts';
import { decimal, hex } from './format.ts';
import { extentLabel, pageStateOf } from './page-state.ts';
import { pfnValid } from './pfn-valid.ts';
import { contentsText, mappedBy } from './mapped-by.ts';
import { pinsOf } from '../../engine/kernel/gup/pins.ts';
import { freeBlockOf } from '../../engine/kernel/buddy/free-lists.ts';

type Page = RowOf<'pages'>;

const WRITES = 100;

/** The flags word of a struct page; 0 where it was never initialised, all ones where poisoned. */
function flagsWord({ facts }: Inspection, page: Page | undefined, pfn = page?.start ?? 0): bigint {
  if (!page || page.state === 'zero') return 0n;
  if (page.state === 'poison') return (1n << BigInt(facts.arch.bits_per_long)) - 1n;
  return encodeFlags(facts, {
    zone: page.zone,
    nid: page.nid,
    flags: flagList(page.flags),
    section: Math.floor(pfn / facts.arch.pages_per_section),
  });
}

/** Everything about one struct page. */
export function pageView(inspection: Inspection, pfn: number): PageView {
  const { facts, world, authors, at, source } = inspection;
  const { arch } = facts;
  const page = world.at('pages', pfn);
  const word = flagsWord(inspection, page, pfn);
  const newest = [...authors.writesAt('pages', pfn, at)][0];
  const changed = newest !== undefined && newest.seq === at;
  const before = changed ? flagsWord(inspection, newest.from as Page | undefined, pfn) : word;
  const explained = explainFlags(facts, word);
  const validity = pfnValid(world, facts, pfn);
  const storedAt = validity.valid ? modelOf(inspection).stored(inspection, pfn) : undefined;
  const stored = storedAt === undefined ? '' : hex(storedAt);
  const address = validity.valid ? pageAddress(facts, world, pfn) : undefined;
  const section = Math.floor(pfn / arch.pages_per_section);
  return {
    pfn,
    phys: hex(BigInt(pfn) << BigInt(arch.page_shift)),
    state: pageStateOf(page, facts),
    valid: validity.valid,
    valid_why: validity.why,
    online: validity.online,
    section,
    subsection: Math.floor((pfn % arch.pages_per_section) / arch.pages_per_subsection),
    zone: page && page.state === 'init' ? (arch.zones[page.zone] ?? `${page.zone}`) : '',
    nid: page?.nid ?? 0,
    page: address === undefined ? '' : hex(address),
    stored_at: stored,
    sizeof_page: arch.sizeof_page,
    word: hex(word),
    ...(before !== word ? { word_was: hex(before) } : {}),
    word_fields: explained.fields.map(({ name, high, low, value, meaning }) => ({
      name,
      high,
      low,
      value: hex(value),
      meaning,
    })),
    bits: explained.bits.map(({ bit, name, set }) => ({
      bit,
      name,
      set,
      changed: (((word ^ before) >> BigInt(bit)) & 1n) === 1n,
    })),
    fields: page
      ? fitted(facts.arch, structFields(inspection, pfn, page, word, before)).map((one) => ({
          ...one,
          watch: linkTo('pfn', pfn),
        }))
      : [],
    ...(page ? { extent: extentView(inspection, page) } : {}),
    ...(page?.pgmap ? { pgmap: page.pgmap } : {}),
    mapped_by: mappedBy(inspection, pfn),
    contents: contentsText(inspection, pfn),
    pins: pinsOn(inspection, pfn),
    conversion: conversion(facts, world, pfn),
    writes: writesTo(inspection, pfn).map(({ seq, from, to }) => ({
      seq,
      fn: source.step(seq).fn,
      what: whatChanged(arch.sizeof_page, from, to),
      ahead: seq > at,
    })),
  };
}

/** Who holds the page by get_user_pages() or pin_user_pages(), and since which step. */
function pinsOn({ world, authors, at }: Inspection, pfn: number): PageView['pins'] {
  return pinsOf(world, pfn).map(({ id, actor, flags, runs }) => {
    const { by, changed } = authors.ofField('gup_pins', id, 'runs', at);
    const refs = runs
      .filter((run) => pfn >= run.pfn && pfn < run.end)
      .reduce((sum, run) => sum + run.refs, 0);
    return { name: id, actor, flags, refs, by, changed };
  });
}

/** Steps that wrote this page, oldest first, those still ahead included. */
function writesTo(
  { authors, source }: Inspection,
  pfn: number,
): { seq: number; from: Row | undefined; to: Row | undefined }[] {
  const found = [];
  for (const write of authors.writesAt('pages', pfn, source.length)) {
    found.push(write);
    if (found.length >= WRITES) break;
  }
  return found.reverse();
}

function whatChanged(size: number, from: Row | undefined, to: Row | undefined): string {
  if (!to) return 'removed';
  if (!from) return `all ${size} bytes`;
  const changed = tableSchema('pages').plain.filter((name) => from[name] !== to[name]);
  return changed.length === 1 ? `${changed[0]}` : `${changed.length} fields`;
}

/** The words of struct page, with what stands in each. Link words of lists are not modelled. */
function structFields(
  inspection: Inspection,
  pfn: number,
  page: Page,
  word: bigint,
  before: bigint,
): FieldView[] {
  const { authors, at, facts } = inspection;
  const author = (name: string) => authors.ofPosition('pages', pfn, name, at);
  const latest = [...authors.writesAt('pages', pfn, at)][0];
  const whole = { by: latest?.seq ?? 0, changed: latest?.seq === at, was: undefined };
  const self =
    (pageAddress(facts, inspection.world, pfn) ?? 0n) + BigInt(facts.arch.bits_per_long / 8);
  const flagsAuthor = [author('flags'), author('zone'), author('nid'), author('state')].sort(
    (a, b) => b.by - a.by,
  )[0] as { by: number; changed: boolean; was: Value | undefined };
  const flags: FieldView = {
    ...field(
      'flags',
      word,
      { ...flagsAuthor, was: undefined },
      { offset: 0, hint: 'zone, node, last_cpupid and the PG_ bits' },
    ),
    ...(flagsAuthor.changed && before !== word ? { was: hex(before) } : {}),
  };
  const zero = page.state === 'zero';
  const pgmap = author('pgmap');
  const union: FieldView[] = page.pgmap
    ? [
        field('pgmap', page.pgmap, pgmap, {
          offset: 8,
          link: linkTo('pgmap', page.pgmap),
          hint: 'the pagemap this device page belongs to, in the word a list would use',
          text: (value) => (value === null ? `${hex(self)} lru.next` : String(value)),
        }),
        field('zone_device_data', null, pgmap.by > 0 ? { ...pgmap, was: undefined } : whole, {
          offset: 16,
          hint: 'for the driver of the device',
        }),
      ]
    : [
        field('lru.next', zero ? 0n : self, whole, {
          offset: 8,
          text: listText(page, self),
          hint: 'INIT_LIST_HEAD: points at itself',
        }),
        field('lru.prev', zero ? 0n : self, whole, {
          offset: 16,
          text: listText(page, self),
          hint: 'INIT_LIST_HEAD: points at itself',
        }),
      ];
  const found = freeBlockOf(inspection.world, facts, pfn);
  const block = found?.pfn === pfn ? found : undefined;
  const head = page.compound_order === 0 || pfn % 2 ** page.compound_order === 0;
  return [
    flags,
    ...union,
    ...mappingFields(inspection, pfn, whole),
    block
      ? field('private', block.order, whole, {
          offset: 40,
          hint: `order of the free block that begins here: ${2 ** block.order} pages`,
        })
      : field('private', 0, whole, { offset: 40 }),
    field('_mapcount', zero ? 0 : page.mapcount, author('mapcount'), {
      offset: 48,
      hint: 'page table entries that map it, counted from −1',
    }),
    field('_refcount', zero ? 0 : head ? page.refcount : 0, author('refcount'), {
      offset: 52,
      hint: head
        ? 'users; a device page is free at its idle value'
        : 'not the first page of its block: that one counts',
      text: (value) => (value === undefined ? '' : decimal(value as number)),
    }),
    field('memcg_data', 0, whole, { offset: 56 }),
  ];
}

/** page->mapping and page->index: whose page it is, and where there. */
function mappingFields(inspection: Inspection, pfn: number, whole: Author): FieldView[] {
  const { world, authors, at } = inspection;
  const row = world.at('page_mappings', pfn);
  const author = (name: string) => {
    const found = authors.ofPosition('page_mappings', pfn, name, at);
    return found.by > 0 ? { ...found, was: undefined } : whole;
  };
  const index = row ? row.index + (pfn - row.start) : 0;
  return [
    field('mapping', row?.mapping ?? null, author('mapping'), {
      offset: 24,
      hint: 'the file or the anonymous memory it is a page of',
      text: (value) => (value === null ? 'NULL' : String(value)),
    }),
    field('index', index, author('index'), { offset: 32, hint: 'which page of it' }),
  ];
}

/** Offsets of a kernel with words of 32 bits: half of each, and no field past the struct's end. */
function fitted({ bits_per_long, sizeof_page }: Arch, fields: FieldView[]): FieldView[] {
  if (bits_per_long === 64) return fields;
  // _refcount follows _mapcount's four bytes whatever the word.
  const half = (offset: number): number => (offset === 52 ? 28 : offset === 56 ? 32 : offset / 2);
  return fields
    .map((view) => (view.offset === undefined ? view : { ...view, offset: half(view.offset) }))
    .filter(({ offset }) => offset === undefined || offset < sizeof_page);
}

function listText(page: Page, self: bigint): (value: Value | undefined) => string {
  return () => (page.state === 'zero' ? 'NULL' : page.buddy ? 'free list' : hex(self));
}

/** An extent as the list of extents shows it. */
export function extentView(inspection: Inspection, row: Page): ExtentView {
  const { facts, authors, at } = inspection;
  const latest = [...authors.writesAt('pages', row.start, at)][0];
  return {
    start: row.start,
    end: row.end,
    state: pageStateOf(row, facts),
    zone: row.state === 'init' ? (facts.arch.zones[row.zone] ?? `${row.zone}`) : '',
    nid: row.nid,
    label: extentLabel(row, facts),
    refcount: row.refcount,
    by: latest?.seq ?? 0,
    changed: authors.changedWithin('pages', row.start, row.end, at),
  };
}
