import { describe, expect, it } from 'vitest';
import { changedBits, flagRows } from '../../../../../src/renderer/panes/inspector/flags-word.ts';

/** A 6.18 x86_64 device page, after and before __init_zone_device_page set PG_reserved (bit 13). */
const page = {
  word: '0x27ffffc0002000',
  word_was: '0x27ffffc0000000',
  word_fields: [
    { name: 'node', high: 63, low: 54, value: '0x0', meaning: 'node 0' },
    { name: 'zone', high: 53, low: 51, value: '0x4', meaning: 'Device' },
    { name: 'last_cpupid', high: 50, low: 30, value: '0x1fffff', meaning: 'not set' },
    { name: 'lru_gen', high: 29, low: 27, value: '0x0', meaning: 'on no generation list' },
    { name: 'lru_refs', high: 26, low: 25, value: '0x0', meaning: '0' },
    { name: 'flags', high: 24, low: 0, value: '0x2000', meaning: 'PG_reserved' },
  ],
  bits: [{ bit: 13, name: 'PG_reserved', set: true, changed: true }],
};

describe('the flags word', () => {
  const rows = flagRows(page);

  it('is two rows of 32 bits, the most significant first', () => {
    expect(rows.map(({ bits }) => bits.map(({ set }) => (set ? 1 : 0)).join(''))).toEqual([
      '00000000001001111111111111111111',
      '11000000000000000010000000000000',
    ]);
  });

  it('marks the bits of the zone and the bit the step changed', () => {
    expect(rows[0]?.bits.filter(({ zone }) => zone).map(({ bit }) => bit)).toEqual([53, 52, 51]);
    expect(rows[1]?.bits.filter(({ changed }) => changed).map(({ bit }) => bit)).toEqual([13]);
    expect(rows[1]?.bits[18]?.title).toBe('bit 13, PG_reserved');
  });

  it('has a caption over every bit, cut where a field goes on in the next row', () => {
    for (const { captions } of rows) {
      expect(captions.reduce((sum, { span }) => sum + span, 0)).toBe(32);
    }
    expect(rows[0]?.captions.map(({ name, range, span }) => [name, range, span])).toEqual([
      ['NODE 0', '63:54', 10],
      ['ZONE', '', 3],
      ['LAST_CPUPID unset', '50:32', 19],
    ]);
  });

  it('leaves out captions that do not fit and gives the changed flag a place of its own', () => {
    expect(rows[1]?.captions.map(({ name, range, span }) => [name, range, span])).toEqual([
      ['', '', 2],
      ['GEN', '', 3],
      ['', '', 2],
      ['', '24:14', 11],
      ['', '', 1],
      ['', '12:0', 13],
    ]);
  });

  it('says which flag changed, from what to what', () => {
    expect(changedBits(page)).toEqual([
      { what: 'bit 13', name: 'PG_reserved', from: '0', to: '1' },
    ]);
  });

  it('says which field changed by its numbers', () => {
    const moved = { ...page, word_was: '0x7ffffc0002000' };
    expect(changedBits(moved)).toEqual([{ what: '', name: 'zone', from: '0', to: '4' }]);
  });

  it('without a word before has nothing changed', () => {
    const { word, word_fields, bits } = page;
    expect(changedBits({ word, word_fields, bits })).toEqual([]);
  });
});
