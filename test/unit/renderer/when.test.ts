import { describe, expect, it } from 'vitest';
import { when } from '../../../src/renderer/welcome/when.ts';

const now = new Date(2026, 4, 20, 15, 0).getTime();

describe('how long ago a recording was opened', () => {
  it('counts minutes, then the hours of today', () => {
    expect(when(now - 30_000, now)).toBe('just now');
    expect(when(now - 12 * 60_000, now)).toBe('12 min ago');
    expect(when(now - 3 * 3_600_000, now)).toBe('3 h ago');
  });

  it('says yesterday by the calendar, not by 24 hours', () => {
    expect(when(new Date(2026, 4, 19, 1, 0).getTime(), now)).toBe('yesterday');
  });

  it('prints the day of older ones, with the year when it is another', () => {
    expect(when(new Date(2026, 4, 16, 12, 0).getTime(), now)).toBe('16 May');
    expect(when(new Date(2025, 10, 18, 12, 0).getTime(), now)).toBe('18 Nov 2025');
  });
});
