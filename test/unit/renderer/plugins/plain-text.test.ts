import { describe, expect, it } from 'vitest';
import { plainText } from '../../../../src/renderer/plugins/plain-text.ts';

describe('plainText', () => {
  it('shows every character that draws nothing or turns the direction of others', () => {
    // RIGHT-TO-LEFT OVERRIDE, ZERO WIDTH SPACE, a line break, an escape, LINE SEPARATOR.
    expect(plainText('a\u202eb\u200bc\nd\u001b[31me\u2028f')).toBe('a�b�c�d�[31me�f');
  });

  it('keeps letters of every script, and markup as the text it is', () => {
    expect(plainText('Gerät 装置 <b>&amp;')).toBe('Gerät 装置 <b>&amp;');
  });

  it('cuts what is longer than there is room for', () => {
    expect(plainText('x'.repeat(9), 8)).toBe(`${'x'.repeat(8)}…`);
    expect(plainText('x'.repeat(8), 8)).toBe('x'.repeat(8));
  });
});
