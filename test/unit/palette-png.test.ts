import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { encodePalette } from '../e2e/palette-png.ts';

function decoded(width: number, height: number, colour: (at: number) => readonly number[]) {
  const data = Uint8Array.from(
    Array.from({ length: width * height }, (_, at) => [...colour(at), 255]).flat(),
  );
  const png = PNG.sync.read(encodePalette({ width, height, data }));
  expect([png.width, png.height]).toEqual([width, height]);
  return (at: number) => [...png.data.subarray(at * 4, at * 4 + 4)];
}

describe('encodePalette', () => {
  it('gives back a picture of few colours as it was', () => {
    const colours = [
      [18, 20, 23],
      [255, 255, 255],
      [200, 30, 90],
    ];
    const pixel = decoded(7, 5, (at) => colours[at % 3] ?? []);
    for (let at = 0; at < 35; at += 1) expect(pixel(at)).toEqual([...(colours[at % 3] ?? []), 255]);
  });

  it('takes the nearest of those that are there most often for a colour beside them', () => {
    const pixel = decoded(10, 10, (at) => (at === 0 ? [250, 250, 250] : [255 * (at % 2), 0, 0]));
    expect(pixel(0)).toEqual([250, 250, 250, 255]);
    const close = decoded(10, 10, (at) => (at === 0 ? [250, 8, 3] : [255 * (at % 2), 0, 0]));
    expect(close(0)).toEqual([255, 0, 0, 255]);
  });
});
