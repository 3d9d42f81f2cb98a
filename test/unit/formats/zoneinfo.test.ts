import { describe, expect, it } from 'vitest';
import { textLines } from '../../../src/main/formats/text-lines.ts';
import { readZoneinfo } from '../../../src/main/formats/zoneinfo.ts';

const zone = (name: string, spanned: number, present: number, start?: number) =>
  `Node 0, zone ${name.padStart(8)}\n  pages free     10\n        spanned  ${spanned}\n        present  ${present}\n        managed  9\n` +
  (start === undefined ? '' : `  start_pfn:           ${start}\n`);

describe('formats/zoneinfo', () => {
  it('makes an expectation of start, span and present pages, not of free or managed ones', () => {
    const facts = readZoneinfo('z', textLines(zone('DMA', 4095, 3999, 1) + zone('Movable', 0, 0)));
    expect(facts.expect.map(({ want, source }) => [want, source.line])).toEqual([
      [{ node: 0, zone: 'DMA', spanned: 4095, present: 3999, start_pfn: 1 }, 1],
      [{ node: 0, zone: 'Movable', spanned: 0, present: 0 }, 7],
    ]);
    expect(facts.notes.map(({ line }) => line)).toEqual([2, 5, 8, 11]);
  });

  it('does not expect of a boot the Device zone that drivers made later', () => {
    const facts = readZoneinfo('z', textLines(zone('Device', 262144, 0)));
    expect(facts.expect).toEqual([]);
    expect(facts.notes.map(({ why }) => why)).toContain('drivers made the Device zone after boot');
  });

  it('does not use a figure that the end of the file may have cut', () => {
    const facts = readZoneinfo(
      'z',
      textLines('Node 0, zone      DMA\n        spanned  4095\n        present  39'),
    );
    expect(facts.expect[0]?.want).toEqual({ node: 0, zone: 'DMA', spanned: 4095 });
  });
});
