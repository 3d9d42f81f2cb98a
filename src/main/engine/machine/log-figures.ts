import type { World } from '../world/world.ts';

/**
 * Figures that a kernel only prints and keeps nowhere: the limits of zones, where ZONE_MOVABLE
 * starts on each node, pages of holes that were given a struct page. Read from the log of the run.
 */

/** Inclusive bytes of a zone as "Zone ranges:" has it; null: printed as empty. */
export function printedZoneRange(
  world: World,
  zone: string,
): { start: bigint; end: bigint } | null | undefined {
  const line = new RegExp(`^  ${zone} +(?:empty|\\[mem (0x[0-9a-f]+)-(0x[0-9a-f]+)\\])$`);
  for (const { text } of world.rows('kernel_log')) {
    const match = line.exec(text);
    if (!match) continue;
    const [, start, end] = match;
    return start === undefined || end === undefined
      ? null
      : { start: BigInt(start), end: BigInt(end) };
  }
  return undefined;
}

/** First byte of ZONE_MOVABLE on a node; undefined where it has none. */
export function printedMovableStart(world: World, node: number): bigint | undefined {
  for (const { text } of world.rows('kernel_log')) {
    const match = /^ {2}Node (\d+): (0x[0-9a-f]+)$/.exec(text);
    if (match && Number(match[1]) === node) return BigInt(match[2] ?? '0');
  }
  return undefined;
}

/** Pages "in unavailable ranges", of one zone of one node or of all. */
export function printedUnavailable(
  world: World,
  node: number | undefined,
  zone: string | undefined,
): number {
  let pages = 0;
  for (const { text } of world.rows('kernel_log')) {
    const zeroed = /^Zeroed struct page in unavailable ranges: (\d+) pages$/.exec(text);
    if (zeroed && node === undefined && zone === undefined) pages += Number(zeroed[1]);
    const hole = /^On node (\d+), zone (\w+): (\d+) pages in unavailable ranges$/.exec(text);
    if (!hole) continue;
    if (node !== undefined && node !== Number(hole[1])) continue;
    if (zone !== undefined && zone !== hole[2]) continue;
    pages += Number(hole[3]);
  }
  return pages;
}
