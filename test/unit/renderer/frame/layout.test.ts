import { describe, expect, it } from 'vitest';
import { soundLayout } from '../../../../src/renderer/frame/layout.ts';
import { FOUND_PANES } from '../../../../src/renderer/frame/registry.ts';

const sound = (kept: unknown) => soundLayout(kept, FOUND_PANES);

describe('a kept layout', () => {
  it('gives back the sizes and closed panes that were kept', () => {
    const kept = { sizes: { side: 300, texts: 40 }, closed: ['log', 'watch'] };
    expect(sound(kept)).toEqual({
      sizes: { side: 300, texts: 40 },
      closed: ['watch', 'log'],
    });
  });

  it('of a window from before panes declared themselves means the same panes and regions', () => {
    const sizes = {
      side: 200,
      inspector: 400,
      bottom: 150,
      timeline: 200,
      map: 210,
      spaces: 120,
      machine: 300,
      texts: 50,
    };
    const closed = [
      ...['machine', 'program', 'actors', 'breakpoints', 'watch', 'timeline', 'map', 'spaces'],
      ...['steps', 'texts', 'log', 'inspector'],
    ];
    expect(sound({ sizes: { ...sizes, left: null }, closed })).toEqual({ sizes, closed });
  });

  it('drops what no window wrote: unknown panes, and sizes that hide or break one', () => {
    const kept = {
      sizes: { side: 4, inspector: 1e9, bottom: 'tall', map: 200, other: 100, steps: 200 },
      closed: ['everything', 'map', 7],
    };
    expect(sound(kept)).toEqual({ sizes: { map: 200 }, closed: ['map'] });
  });

  it('is empty for anything that is no layout', () => {
    for (const kept of [undefined, null, 7, 'layout', [], { sizes: 3, closed: 'all' }])
      expect(sound(kept)).toEqual({ sizes: {}, closed: [] });
  });
});
