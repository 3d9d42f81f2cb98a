/**
 * Laying out the physical memory map: scale, blocks merged by pixel, absent sections, axis. The
 * contract's largest answers, 2,000 blocks a tier over 16 Mi pages, at 300 zooms. Drawing itself is
 * measured in a browser.
 */
import type { MapBlock } from '../../src/shared/bench/views.ts';
import {
  buildScale,
  wholeView,
  zoomed,
  type Piece,
  type View,
} from '../../src/renderer/panes/map/scale.ts';
import { buildScene, type MapContent } from '../../src/renderer/panes/map/scene.ts';
import { bandsFor } from '../../src/renderer/panes/map/tiers.ts';

const WIDTH = 1200;
const PAGES = 16 * 1024 * 1024;
const SECTION = 32_768;
const GOAL_MS = 8;
const ROUNDS = 300;

const print = (what: string, value: string, goal: string): void => {
  process.stdout.write(`  ${what.padEnd(52)} ${value.padStart(12)}   ${goal}\n`);
};

/** 99th percentile of the milliseconds that `rounds` calls took. */
function p99(rounds: number, run: (round: number) => unknown): number {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    run(round);
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  return took[Math.floor(rounds * 0.99)] ?? 0;
}

function blocks(tier: MapBlock['tier'], count: number, pages: number): MapBlock[] {
  const fills = ['page-free', 'page-used', 'page-reserved'];
  const size = pages / count;
  return Array.from({ length: count }, (_unused, index) => ({
    tier,
    start: Math.floor(index * size),
    end: Math.floor((index + 1) * size),
    label: `${index}`,
    fill: fills[index % fills.length] ?? '',
    detail: '',
    link: `pfn:${index}`,
    by: index,
    changed: index % 97 === 0,
  }));
}

function linear(start: number, end: number): View {
  const scale = buildScale([{ start, end, content: true }], { width: WIDTH, minimum: 1, fold: 0 });
  return wholeView(scale, WIDTH);
}

const pieces: Piece[] = Array.from({ length: 64 }, (_unused, index) => ({
  start: (index * PAGES) / 64,
  end: ((index + 1) * PAGES) / 64,
  content: index % 4 !== 3,
}));
const coarse = wholeView(buildScale(pieces, { width: WIDTH, minimum: 20, fold: 16 }), WIDTH);
const content: MapContent = {
  bands: bandsFor(144),
  pageSize: 4096,
  pagesPerSection: SECTION,
  coarse,
  coarseBlocks: [
    ...blocks('iomem', 2000, PAGES),
    ...blocks('zone', 40, PAGES),
    ...blocks('section', PAGES / SECTION, PAGES),
  ],
  middle: linear(0, SECTION),
  middleBlocks: blocks('subsection', 64, SECTION),
  fine: linear(0, SECTION),
  fineBlocks: blocks('extent', 2000, SECTION),
  selected: { start: 12_345, end: 12_346, kind: 'pfn' },
  note: () => '',
  measure: (text) => text.length * 6,
};

const scene = p99(ROUNDS, (round) =>
  buildScene({ ...content, coarse: zoomed(coarse, (round * 37) % WIDTH, 0.98 ** (round % 200)) }),
);
print('whole scene, 2,000 blocks a tier, p99', `${scene.toFixed(2)} ms`, `goal < ${GOAL_MS} ms`);

const steps = p99(ROUNDS, (round) => zoomed(coarse, (round * 37) % WIDTH, 0.5));
print('one turn of the wheel, p99', `${steps.toFixed(3)} ms`, '');
