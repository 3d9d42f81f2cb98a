import type { Facts } from '../../core/facts.ts';
import { flagsLayout, type FlagsField, type FlagsLayout } from './layout.ts';

/** What of a struct page shows in its flags word. `zone` is the index; flag names without PG_. */
export interface FlagsContent {
  readonly zone: number;
  readonly nid: number;
  readonly flags: readonly string[];
  /** Section of the page, for layouts that have the field. */
  readonly section?: number;
}

const layouts = new WeakMap<Facts, FlagsLayout>();

/** The layout of this run's kernel. */
export function layoutOf(facts: Facts): FlagsLayout {
  let layout = layouts.get(facts);
  if (!layout) {
    layout = flagsLayout(facts.arch, facts.era.version, facts.config);
    layouts.set(facts, layout);
  }
  return layout;
}

/** The names in a `flags` field of the pages table ("head|reserved"), none for ''. */
export function flagList(flags: string): string[] {
  return flags === '' ? [] : flags.split('|');
}

/** The field with a flag set; names stand in alphabetical order. */
export function withFlag(flags: string, name: string): string {
  const names = flagList(flags);
  return names.includes(name) ? flags : [...names, name].sort().join('|');
}

/** The field with a flag cleared. */
export function withoutFlag(flags: string, name: string): string {
  return flagList(flags)
    .filter((flag) => flag !== name)
    .join('|');
}

/**
 * page->flags as `__init_single_page` and the flag setters leave it: zone and node links, an unset
 * last_cpupid (all ones, `page_cpupid_reset_last`), KASAN tag 0xff, generation 0. A zone number
 * past the field's width spills into the node field, as the kernel's own `set_page_zone` masks it.
 */
export function encodeFlags(facts: Facts, content: FlagsContent): bigint {
  const layout = layoutOf(facts);
  let word = 0n;
  for (const field of layout.fields) {
    const mask = (1n << BigInt(field.width)) - 1n;
    word |= (initial(field, content) & mask) << BigInt(field.shift);
  }
  for (const flag of content.flags) {
    const bit = layout.flags.indexOf(flag);
    if (bit >= 0) word |= 1n << BigInt(bit);
  }
  return word;
}

function initial(field: FlagsField, { zone, nid, section }: FlagsContent): bigint {
  switch (field.name) {
    case 'section':
      return BigInt(section ?? 0);
    case 'node':
      return BigInt(nid);
    case 'zone':
      return BigInt(zone);
    case 'last_cpupid':
    case 'kasan':
      return -1n;
    default:
      return 0n;
  }
}

/** A field's value in a flags word; undefined where this layout has no such field. */
export function flagsField(
  facts: Facts,
  word: bigint,
  name: FlagsField['name'],
): { value: bigint; shift: number } | undefined {
  const field = layoutOf(facts).fields.find((f) => f.name === name && f.width > 0);
  if (!field) return undefined;
  const value = (word >> BigInt(field.shift)) & ((1n << BigInt(field.width)) - 1n);
  return { value, shift: field.shift };
}

/** A field of the word for the inspector; `high` and `low` are bit numbers, inclusive. */
export interface ExplainedField {
  readonly name: string;
  readonly high: number;
  readonly low: number;
  readonly value: bigint;
  readonly meaning: string;
}

export interface ExplainedFlags {
  /** From the top bit down: the fields, what is unused, then the flag bits as one field. */
  readonly fields: readonly ExplainedField[];
  readonly bits: readonly { readonly bit: number; readonly name: string; readonly set: boolean }[];
}

/** Takes a flags word apart, field by field and bit by bit. */
export function explainFlags(facts: Facts, word: bigint): ExplainedFlags {
  const layout = layoutOf(facts);
  const fields: ExplainedField[] = [];
  let top: number = facts.arch.bits_per_long;
  for (const { name, width, shift } of layout.fields) {
    if (width === 0) continue;
    const value = (word >> BigInt(shift)) & ((1n << BigInt(width)) - 1n);
    fields.push({
      name,
      high: shift + width - 1,
      low: shift,
      value,
      meaning: meaningOf(facts, name, value, width),
    });
    top = shift;
  }
  const flagBits = layout.flags.length;
  if (top > flagBits) {
    const value = (word >> BigInt(flagBits)) & ((1n << BigInt(top - flagBits)) - 1n);
    fields.push({ name: 'unused', high: top - 1, low: flagBits, value, meaning: 'no field here' });
  }
  const low = word & ((1n << BigInt(flagBits)) - 1n);
  const bits = layout.flags.map((name, bit) => ({
    bit,
    name: `PG_${name}`,
    set: ((low >> BigInt(bit)) & 1n) === 1n,
  }));
  const names = bits.filter(({ set }) => set).map(({ name }) => name);
  fields.push({
    name: 'flags',
    high: flagBits - 1,
    low: 0,
    value: low,
    meaning: names.length > 0 ? names.join(' | ') : 'none set',
  });
  return { fields, bits };
}

function meaningOf(facts: Facts, name: string, value: bigint, width: number): string {
  const unset = value === (1n << BigInt(width)) - 1n;
  switch (name) {
    case 'section':
      return `section ${value}`;
    case 'node':
      return `node ${value}`;
    case 'zone':
      return facts.arch.zones[Number(value)] ?? `no zone has number ${value}`;
    case 'last_cpupid':
      return unset ? 'not set' : `cpu ${value >> 8n}, pid ${value & 0xffn}`;
    case 'kasan':
      return unset ? 'match-all tag' : `tag ${value}`;
    case 'lru_gen':
      return value === 0n ? 'on no generation list' : `generation ${value - 1n}`;
    default:
      return String(value);
  }
}
