import type { Scene } from './scene.ts';

const NAMES: readonly (readonly [string, string])[] = [
  ['zone-dma', 'DMA'],
  ['zone-dma32', 'DMA32'],
  ['zone-normal', 'Normal'],
  ['zone-highmem', 'HighMem'],
  ['zone-movable', 'Movable'],
  ['zone-device', 'Device'],
  ['page-memmap', 'memmap'],
  ['page-free', 'free'],
  ['page-used', 'used'],
  ['page-reserved', 'reserved'],
  ['page-pinned', 'pinned'],
  ['page-mapped', 'mapped'],
  ['page-poison', 'poisoned'],
  ['page-uninit', 'not initialised'],
];

/** The fills a scene uses, zones first; iomem types carry their names on the block. */
export function legendOf(scene: Scene): { fill: string; name: string }[] {
  const used = new Set(scene.shapes.flatMap(({ fills }) => fills.map(({ fill }) => fill)));
  return NAMES.filter(([fill]) => used.has(fill)).map(([fill, name]) => ({ fill, name }));
}
