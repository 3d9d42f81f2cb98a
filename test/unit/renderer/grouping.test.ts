import { describe, expect, it } from 'vitest';
import { pieces } from '../../../src/renderer/parts/grouping.ts';

describe('grouped numbers', () => {
  it('cuts hexadecimal words into groups of four from the right', () => {
    expect(pieces('pfn 0x100a00')).toEqual([
      { text: 'pfn ' },
      { text: '0x100a00', groups: ['0x10', '0a00'] },
    ]);
  });

  it('cuts decimal numbers into groups of three from the right', () => {
    expect(pieces('1179647')[0]?.groups).toEqual(['1', '179', '647']);
  });

  it('leaves numbers inside names and versions alone', () => {
    for (const line of ['DMA32768', '6.18.12345', 'v4.18.0', 'qemu6400', '0xfff'])
      expect(pieces(line)).toEqual([{ text: line }]);
  });

  it('gives the plain line back when the pieces are joined', () => {
    const line = '(0, 0x100000000, 131072) spanned 0 → 131072';
    expect(
      pieces(line)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(line);
  });
});
