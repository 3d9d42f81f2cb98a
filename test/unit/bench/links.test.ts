import { describe, expect, it } from 'vitest';
import { keyOfLink, LINK_KINDS, linkTo, readLink } from '../../../src/shared/bench/links.ts';

describe('links of the bench', () => {
  it('linkTo writes what readLink reads', () => {
    expect(linkTo('pfn', 0x1000)).toBe('pfn:4096');
    expect(linkTo('zone', { nid: 1, name: 'Normal' })).toBe('zone:1:Normal');
    expect(readLink('zone:1:Normal')).toEqual({ kind: 'zone', key: { nid: 1, name: 'Normal' } });
    expect(readLink('step:12')).toEqual({ kind: 'step', key: 12 });
  });

  it('keeps a colon that belongs to a name', () => {
    expect(readLink('device:0000:03:00.0')).toEqual({ kind: 'device', key: '0000:03:00.0' });
  });

  it('readLink knows what is no link', () => {
    for (const text of ['', 'pfn', 'pfn:', 'pfn:0x10', 'zone:Normal', 'disk:0', 'toString:1']) {
      expect(readLink(text), text).toBeUndefined();
    }
  });

  it('keyOfLink gives the key of its own kind only', () => {
    expect(keyOfLink('pfn', 'pfn:0')).toBe(0);
    expect(keyOfLink('pfn', 'step:0')).toBeUndefined();
    expect(LINK_KINDS).toContain('pgmap');
  });
});
