import type { Facts } from '../../engine/core/facts.ts';
import { resourceFill } from '../inspect/iomem.ts';

const ZONE_ENDS: readonly (readonly [bigint, string])[] = [
  [1n << 24n, 'zone-dma'],
  [1n << 32n, 'zone-dma32'],
];

/**
 * A coarse picture of a machine for lists: its RAM cut at 16 MiB and 4 GiB, reserved stretches and
 * device memory, each with a share of the width. Shares follow the fourth root of the size, so
 * that small parts can be seen.
 */
export function machinePicture(
  facts: Facts,
  devices: readonly { start: bigint | undefined; end: bigint | undefined }[],
): { fill: string; share: number }[] {
  const parts: { start: bigint; size: bigint; fill: string }[] = [];
  for (const { start, end, type } of facts.machine.memory) {
    if (type !== 'usable') {
      if (end - start >= 1n << 20n)
        parts.push({ start, size: end - start + 1n, fill: fillOf(type) });
      continue;
    }
    let at = start;
    for (const [limit, fill] of [...ZONE_ENDS, [1n << 64n, 'zone-normal'] as const]) {
      if (at >= limit || at > end) continue;
      const to = end + 1n < limit ? end + 1n : limit;
      parts.push({ start: at, size: to - at, fill });
      at = to;
    }
  }
  for (const { start, end } of devices) {
    if (start !== undefined && end !== undefined) {
      parts.push({ start, size: end - start + 1n, fill: 'type-pmem' });
    }
  }
  parts.sort((a, b) => (a.start < b.start ? -1 : 1));
  const joined: { weight: number; fill: string }[] = [];
  for (const { size, fill } of parts) {
    const weight = Math.sqrt(Math.sqrt(Number(size)));
    const last = joined[joined.length - 1];
    if (last?.fill === fill) last.weight += weight;
    else joined.push({ weight, fill });
  }
  const total = joined.reduce((sum, { weight }) => sum + weight, 0);
  return joined.slice(0, 64).map(({ weight, fill }) => ({ fill, share: weight / total }));
}

function fillOf(type: string): string {
  if (type === 'pmem' || type === 'pmem-legacy') return 'type-pmem';
  return type === 'soft-reserved' ? 'type-ram' : resourceFill('Reserved');
}
