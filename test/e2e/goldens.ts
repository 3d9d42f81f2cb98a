// Pictures the screens are compared with: `goldens/chromium-<major>/<screen>.png`. Another major
// version draws text otherwise. `PFNLAB_GOLDENS=write npm test -- test/e2e/screens` records them anew;
// look at them before they are committed.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { encodePalette } from './palette-png.ts';

const goldens = join(import.meta.dirname, 'goldens');
const PREFIX = 'chromium-';

/** Part of the pixels that may differ: 389 of 1440x900. The palette takes up to a third of it. */
export const TOLERANCE = 0.0003;

const goldenOf = (shot: string, major: number): string =>
  join(goldens, `${PREFIX}${major}`, basename(shot));

/** Major versions of Chromium that there are pictures of. */
export function goldensOf(): number[] {
  if (!existsSync(goldens)) return [];
  return readdirSync(goldens).map((name) => Number(name.slice(PREFIX.length)));
}

/** Keeps a screenshot, in as few colours as a palette holds. */
export function writeGolden(shot: string, major: number): void {
  const golden = goldenOf(shot, major);
  mkdirSync(dirname(golden), { recursive: true });
  writeFileSync(golden, encodePalette(PNG.sync.read(readFileSync(shot))));
}

/**
 * Part of the pixels, 0 to 1, in which a screenshot differs from its golden picture; 1 where it has
 * another size. Where they differ is drawn beside the screenshot, in `<name>.diff.png`.
 */
export function differenceFromGolden(shot: string, major: number): number {
  const now = PNG.sync.read(readFileSync(shot));
  const { width, height } = now;
  const then = PNG.sync.read(readFileSync(goldenOf(shot, major)));
  if (then.width !== width || then.height !== height) return 1;
  const diff = new PNG({ width, height });
  const differ = pixelmatch(now.data, then.data, diff.data, width, height, { threshold: 0.1 });
  if (differ > 0) writeFileSync(`${shot.slice(0, -4)}.diff.png`, PNG.sync.write(diff));
  return differ / (width * height);
}
