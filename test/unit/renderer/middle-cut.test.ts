import { describe, expect, it } from 'vitest';
import { middleCut } from '../../../src/renderer/parts/middle-cut.ts';

describe('cutting a name in the middle', () => {
  it('keeps ten letters at the end of a long name', () => {
    const name = '__highest_present_section_nr';
    expect(name.slice(middleCut(name))).toBe('section_nr');
  });

  it('leaves a short name a head that can lose letters visibly', () => {
    expect(middleCut('high_memory')).toBe(6);
    expect('high_memory'.slice(0, middleCut('high_memory'))).toBe('high_m');
  });

  it('takes a tail of another length, and needs no letters at all', () => {
    expect(middleCut('max_low_pfn', 3)).toBe(8);
    expect(middleCut('')).toBe(0);
  });
});
