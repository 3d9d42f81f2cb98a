import { LINK_KINDS, linkTo, type LinkKeys, type LinkKind } from '../../../shared/bench/links.ts';
import type { Look } from '../../engine/core/direct-map.ts';
import { modelOf } from '../../engine/kernel/memmodel/models.ts';
import type { Inspection } from '../inspect/context.ts';
import { hex } from '../inspect/format.ts';

/** Functions listed at most. */
const LISTED = 8;

interface Place {
  readonly link: string;
  readonly label: string;
}

/** What a typed number means as the key of each kind; nothing where no such thing can be. */
const NUMBERED: { readonly [K in LinkKind]: (at: Inspection, value: bigint) => Place[] } = {
  step: ({ source }, value) =>
    value > BigInt(source.length) ? [] : [place('step', Number(value), `step ${value}`)],
  pfn: ({ facts }, value) =>
    value < pfnLimit(facts.arch) ? [place('pfn', Number(value), `pfn ${hex(value)}`)] : [],
  section: ({ facts }, value) =>
    value < BigInt(facts.arch.nr_mem_sections)
      ? [place('section', Number(value), `section ${value}`)]
      : [],
  node: ({ world }, value) =>
    [...world.rows('nodes')]
      .filter(({ nid }) => BigInt(nid) === value)
      .map(({ nid }) => place('node', nid, `node ${nid}`)),
  zone: () => [],
  pgmap: () => [],
  device: () => [],
};

/** What a typed name, in small letters, means as each kind. */
const NAMED: { readonly [K in LinkKind]: (at: Inspection, typed: string) => Place[] } = {
  step: functions,
  pfn: () => [],
  section: () => [],
  node: () => [],
  zone: ({ world }, typed) =>
    [...world.rows('zones')]
      .filter(({ spanned_pages: spanned, name }) => spanned > 0 && starts(name, typed))
      .map((zone) => place('zone', zone, `zone ${zone.name} of node ${zone.nid}`)),
  pgmap: ({ world }, typed) =>
    [...world.rows('pgmaps')]
      .filter(({ id }) => starts(id, typed))
      .map(({ id }) => place('pgmap', id, `pagemap ${id}`)),
  device: ({ world }, typed) =>
    [...world.rows('devices')]
      .filter(({ id }) => starts(id, typed))
      .map(({ id }) => place('device', id, `device ${id}`)),
};

const KIND_AND_TEXT = new RegExp(`^(${LINK_KINDS.join('|')}|phys|address)[ :]+(.*)$`);

/** Kinds of which a bare number is offered; a node only where it is named so. */
const BARE = LINK_KINDS.filter((kind) => kind !== 'node');

/** What a number or a name that somebody typed can mean: places to select or go to. */
export function resolvePlace(at: Inspection, text: string): Place[] {
  const typed = text.trim().toLowerCase();
  const [, word, rest = typed] = KIND_AND_TEXT.exec(typed) ?? [];
  const kind = LINK_KINDS.find((candidate) => candidate === word);
  const digits = rest.replaceAll(/[\s_]/g, '');
  if (!/^(0x[0-9a-f]+|\d+)$/.test(digits)) {
    const named = kind ? NAMED[kind](at, rest) : [];
    if (named.length > 0) return named;
    // Functions last: there are the most of them.
    const others = LINK_KINDS.filter((other) => other !== 'step');
    return [...others, 'step' as const].flatMap((other) => NAMED[other](at, typed));
  }
  const value = BigInt(digits);
  if (kind) return NUMBERED[kind](at, value);
  if (word !== undefined) return physical(at, value);
  return [
    ...BARE.flatMap((other) => NUMBERED[other](at, value)),
    ...physical(at, value),
    ...structPage(at, value),
  ];
}

function place<K extends LinkKind>(kind: K, key: LinkKeys[K], label: string): Place {
  return { link: linkTo(kind, key), label };
}

function starts(name: string, typed: string): boolean {
  return name.toLowerCase().startsWith(typed);
}

function pfnLimit(arch: Inspection['facts']['arch']): bigint {
  return 1n << BigInt(arch.max_physmem_bits - arch.page_shift);
}

function physical({ facts: { arch } }: Inspection, value: bigint): Place[] {
  const pfn = value >> BigInt(arch.page_shift);
  if (pfn >= pfnLimit(arch) || value < 4096n) return [];
  return [place('pfn', Number(pfn), `physical address ${hex(value)}, pfn ${hex(pfn)}`)];
}

function structPage(at: Inspection, value: bigint): Place[] {
  const pfn = structPageAt(at, value);
  return pfn === undefined ? [] : [place('pfn', pfn, `struct page of pfn ${hex(pfn)}`)];
}

/** The first step of each function whose name holds the text. */
function functions({ source }: Inspection, typed: string): Place[] {
  const first = new Map<string, number>();
  for (let seq = 1; seq <= source.length && first.size < LISTED; seq += 1) {
    const { fn } = source.step(seq);
    if (!first.has(fn) && fn.toLowerCase().includes(typed)) first.set(fn, seq);
  }
  return [...first].map(([fn, seq]) => place('step', seq, `${fn}, step ${seq}`));
}

/** The PFN whose struct page is at an address; undefined where none can be. */
function structPageAt(look: Look, address: bigint): number | undefined {
  const { arch } = look.facts;
  const model = modelOf(look);
  const pfn = model.pageToPfn(look, address).pfn;
  if (pfn === undefined || pfn < 0 || pfn >= 2 ** (arch.max_physmem_bits - arch.page_shift)) {
    return undefined;
  }
  const certain = model.name === 'sparsemem-vmemmap' || model.pfnValid(look, pfn).valid;
  return certain ? pfn : undefined;
}
