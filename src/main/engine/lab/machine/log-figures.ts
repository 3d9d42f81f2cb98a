import type { World } from '../../core/world/world.ts';

/**
 * Figures that a kernel only prints and keeps nowhere: the limits of zones, and where ZONE_MOVABLE
 * starts on each node. Read from the log of the run.
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
