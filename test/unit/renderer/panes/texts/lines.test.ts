import { describe, expect, it } from 'vitest';
import { rangeSize } from '../../../../../src/renderer/panes/texts/lines.ts';

describe('the size beside a line of /proc/iomem', () => {
  it('counts both ends', () => {
    expect(rangeSize('100000000-13fffffff : Persistent Memory')).toBe('1 GiB');
    expect(rangeSize('  fed00000-fed003ff : PNP0103:00')).toBe('1 KiB');
  });

  it('is left out where no unit is exact', () => {
    expect(rangeSize('00100000-1ffdbbff : System RAM')).toBe('');
  });

  it('is left out for lines without a range', () => {
    expect(rangeSize('Node 0, zone      DMA')).toBe('');
  });
});
