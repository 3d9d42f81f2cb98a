import type { PageView } from '../../../shared/bench/views.ts';

export interface Bit {
  readonly bit: number;
  readonly set: boolean;
  readonly changed: boolean;
  readonly zone: boolean;
  /** "bit 13, PG_reserved" or "bit 53, zone". */
  readonly title: string;
}

/** A caption under a row of bits: over how many of them it stands, name, and bit numbers. */
export interface Caption {
  readonly span: number;
  readonly name: string;
  readonly range: string;
  readonly title: string;
}

export interface BitRow {
  readonly bits: readonly Bit[];
  readonly captions: readonly Caption[];
}

type Word = Pick<PageView, 'word' | 'word_was' | 'word_fields' | 'bits'>;

const ROW = 32;

/** A flags word in rows of 32 bits, most significant first, with what stands where. */
export function flagRows(page: Word): BitRow[] {
  const word = BigInt(page.word);
  const before = BigInt(page.word_was ?? page.word);
  const names = new Map(page.bits.map(({ bit, name }) => [bit, name]));
  const fieldOf = (bit: number) =>
    page.word_fields.find(({ high, low }) => low <= bit && bit <= high);
  const width = page.word_fields.some(({ high }) => high >= ROW) ? 2 * ROW : ROW;
  const bits = Array.from({ length: width }, (_unused, index): Bit => {
    const bit = width - 1 - index;
    const field = fieldOf(bit);
    const name = names.get(bit) ?? field?.name;
    return {
      bit,
      set: ((word >> BigInt(bit)) & 1n) === 1n,
      changed: (((word ^ before) >> BigInt(bit)) & 1n) === 1n,
      zone: field?.name === 'zone',
      title: name === undefined ? `bit ${bit}` : `bit ${bit}, ${name}`,
    };
  });
  const tops = width === ROW ? [ROW - 1] : [2 * ROW - 1, ROW - 1];
  return tops.map((top) => ({
    bits: bits.slice(width - 1 - top, width - 1 - top + ROW),
    captions: captions(page, bits, top),
  }));
}

/** Captions over bits `top` down to `top` - 31. Flags are cut at changed ones, which stand alone. */
function captions(page: Word, bits: readonly Bit[], top: number): Caption[] {
  const bottom = top - ROW + 1;
  const result: Caption[] = [];
  let at = top;
  const gap = (until: number): void => {
    if (at > until) result.push({ span: at - until, name: '', range: '', title: '' });
    at = until;
  };
  for (const field of page.word_fields.toSorted((a, b) => b.high - a.high)) {
    const high = Math.min(top, field.high);
    const low = Math.max(bottom, field.low);
    if (high < low) continue;
    gap(high);
    for (const part of field.name === 'flags' ? splitAtChanged(bits, high, low) : [{ high, low }]) {
      result.push(captionOf(field, part.high, part.low));
    }
    at = low - 1;
  }
  gap(bottom - 1);
  return result;
}

function splitAtChanged(
  bits: readonly Bit[],
  high: number,
  low: number,
): { high: number; low: number }[] {
  const parts: { high: number; low: number }[] = [];
  let from = high;
  for (let bit = high; bit >= low; bit -= 1) {
    if (!bits[63 - bit]?.changed) continue;
    if (from > bit) parts.push({ high: from, low: bit + 1 });
    parts.push({ high: bit, low: bit });
    from = bit - 1;
  }
  if (from >= low) parts.push({ high: from, low });
  return parts;
}

/** Pixels a letter and a bit take: what does not fit is left out, not cut. */
const LETTER = 6.3;
const BIT = 11;

function captionOf(field: Word['word_fields'][number], high: number, low: number): Caption {
  const span = high - low + 1;
  const range = high === low ? '' : `${high}:${low}`;
  const title = `${field.name} ${field.high}:${field.low} = ${field.value}, ${field.meaning}`;
  const anonymous = field.name === 'flags' || field.name === 'unused';
  const name = anonymous ? '' : field.name.toUpperCase();
  const short = name.replace('LRU_', '');
  const meaning = /^not set$/.test(field.meaning)
    ? 'unset'
    : field.name === 'node'
      ? field.value
      : '';
  const decimalMeaning = /^0x/.test(meaning) ? String(BigInt(meaning)) : meaning;
  const fits = (...parts: string[]): boolean =>
    parts.filter(Boolean).join(' ').length * LETTER <= span * BIT;
  for (const candidate of [`${name} ${decimalMeaning}`.trim(), name, short]) {
    if (candidate !== '' && fits(candidate, range)) return { span, name: candidate, range, title };
  }
  for (const candidate of [name, short]) {
    if (candidate !== '' && fits(candidate)) return { span, name: candidate, range: '', title };
  }
  return { span, name: '', range: fits(range) ? range : '', title };
}

/** "bit 13 PG_reserved 0 \u2192 1" of every changed bit, and of fields for bits that have no name. */
export function changedBits(
  page: Word,
): { what: string; name: string; from: string; to: string }[] {
  const rows = flagRows(page).flatMap(({ bits }) => bits);
  const changed = rows.filter((bit) => bit.changed);
  const named = page.bits.filter(({ bit }) => changed.some((other) => other.bit === bit));
  const result = named.map(({ bit, name, set }) => ({
    what: `bit ${bit}`,
    name,
    from: set ? '0' : '1',
    to: set ? '1' : '0',
  }));
  const before = BigInt(page.word_was ?? page.word);
  for (const field of page.word_fields) {
    if (field.name === 'flags') continue;
    if (!changed.some(({ bit }) => field.low <= bit && bit <= field.high)) continue;
    const mask = (1n << BigInt(field.high - field.low + 1)) - 1n;
    result.push({
      what: '',
      name: field.name,
      from: String((before >> BigInt(field.low)) & mask),
      to: field.meaning === 'not set' ? 'unset' : String(BigInt(field.value)),
    });
  }
  return result;
}
