import { describe, expect, it } from 'vitest';
import { soundLayout } from '../../../src/renderer/frame/layout.ts';

describe('a kept layout', () => {
  it('gives back the sizes and closed panes that were kept', () => {
    const kept = { sizes: { side: 300, texts: 40 }, closed: ['log', 'watch'] };
    expect(soundLayout(kept)).toEqual({
      sizes: { side: 300, texts: 40 },
      closed: ['watch', 'log'],
    });
  });

  it('drops what no window wrote: unknown panes, and sizes that hide or break one', () => {
    const kept = {
      sizes: { side: 4, inspector: 1e9, bottom: 'tall', map: 200, other: 100 },
      closed: ['everything', 'map', 7],
    };
    expect(soundLayout(kept)).toEqual({ sizes: { map: 200 }, closed: ['map'] });
  });

  it('is empty for anything that is no layout', () => {
    for (const kept of [undefined, null, 7, 'layout', [], { sizes: 3, closed: 'all' }])
      expect(soundLayout(kept)).toEqual({ sizes: {}, closed: [] });
  });
});
