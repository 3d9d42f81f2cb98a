import { describe, expect, it } from 'vitest';
import { fileKind, fromBase64, toBase64 } from '../../../src/renderer/frame/files.ts';

describe('files given to the window', () => {
  it('are told apart by their names', () => {
    expect(fileKind('first-light.lab.yaml')).toBe('lab');
    expect(fileKind('MACHINE.YML')).toBe('lab');
    expect(fileKind('shared.pfnlab')).toBe('recording');
    expect(fileKind('dmesg.txt')).toBe('machine');
    expect(fileKind('iomem')).toBe('machine');
  });

  it('travel as base64 and back, also when they are larger than a call has arguments', () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) & 0xff);
    const text = toBase64(bytes);
    expect(text).toBe(Buffer.from(bytes).toString('base64'));
    expect(fromBase64(text)).toEqual(bytes);
  });
});
