import { exactBytes } from '../../bench/numbers.ts';

/** A part of a capacity bar; `share` of its width, 0 to 1. */
export interface BarPart {
  readonly label: string;
  readonly fill: string;
  readonly share: number;
}

/** Narrowest part of a bar that can still be seen, as a share. */
const LEAST_SHARE = 0.04;

/** Raises small shares to what can be seen and takes it from the others; the sum stays 1. */
export function visibleShares(sizes: readonly number[]): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total === 0) return sizes.map(() => 0);
  const least = Math.min(LEAST_SHARE, 1 / sizes.length);
  const small = sizes.filter((size) => size / total < least).length;
  const big = sizes.filter((size) => size / total >= least).reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => (size / total < least ? least : (size / big) * (1 - small * least)));
}

/** Bytes of inclusive ranges as "512 MiB"; ranges that are not round add up to the nearest unit. */
export function totalText(ranges: readonly { start: string; end: string }[]): string {
  const bytes = ranges.reduce(
    (sum, { start, end }) => sum + (BigInt(end) - BigInt(start) + 1n),
    0n,
  );
  return roundBytes(bytes);
}

/** "1 GiB" where exact in three digits, else "\u2248 512 MiB" of the next unit below. */
export function roundBytes(bytes: bigint): string {
  const exact = exactBytes(Number(bytes));
  if (exact !== undefined && !/^\d{4}/.test(exact)) return exact;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = Number(bytes);
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `\u2248 ${Number(value.toPrecision(3))} ${units[unit] ?? ''}`;
}

/** DRAM by zones, in the order of the zones; one plain part before any zone has pages. */
export function dramBar(zones: readonly { name: string; present: number }[]): BarPart[] {
  const present = zones.filter((zone) => zone.present > 0);
  if (present.length === 0) return [{ label: 'RAM', fill: 'type-ram', share: 1 }];
  const shares = visibleShares(present.map((zone) => zone.present));
  return present.map(({ name }, index) => ({
    label: name,
    fill: `zone-${name.toLowerCase()}`,
    share: shares[index] ?? 0,
  }));
}

export interface DevicePart {
  readonly id: string;
  readonly label: string;
  readonly detail: string;
  /** PFNs, end exclusive. */
  readonly start: number;
  readonly end: number;
  readonly fill: string;
}

/** What of a device's region is used by what, and the free rest, in the order of addresses. */
export interface RegionPart extends BarPart {
  readonly part: DevicePart | null;
}

/**
 * The region of a device as a bar. `range` is inclusive, in bytes. Parts inside others (a
 * namespace's own children) are left to the map.
 */
export function regionBar(
  range: { start: string; end: string } | undefined,
  parts: readonly DevicePart[],
  pageSize: number,
): RegionPart[] {
  if (!range) return [];
  const page = BigInt(pageSize);
  const start = Number(BigInt(range.start) / page);
  const end = Number((BigInt(range.end) + 1n) / page);
  const found: { part: DevicePart | null; size: number }[] = [];
  let at = start;
  for (const part of outermost(parts)) {
    if (part.start > at) found.push({ part: null, size: part.start - at });
    found.push({ part, size: Math.min(end, part.end) - Math.max(at, part.start) });
    at = Math.max(at, part.end);
  }
  if (at < end) found.push({ part: null, size: end - at });
  const shares = visibleShares(found.map(({ size }) => size));
  return found.map(({ part }, index) => ({
    part,
    label: part?.label ?? 'free',
    fill: part?.fill ?? 'type-hole',
    share: shares[index] ?? 0,
  }));
}

/** Parts that lie in no other part, in order. */
export function outermost(parts: readonly DevicePart[]): DevicePart[] {
  const sorted = parts.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const result: DevicePart[] = [];
  for (const part of sorted) {
    const last = result.at(-1);
    if (!last || part.start >= last.end) result.push(part);
  }
  return result;
}

/** "1 node \u00b7 2 devices". */
export function machineSummary(nodes: number, devices: number): string {
  const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  return devices === 0
    ? count(nodes, 'node')
    : `${count(nodes, 'node')} \u00b7 ${count(devices, 'device')}`;
}

/** Devices under their nodes; those of a node the machine does not have come last, alone. */
export function byNode<D extends { node: number }>(
  nodes: readonly { nid: number }[],
  devices: readonly D[],
): { of: ReadonlyMap<number, readonly D[]>; loose: readonly D[] } {
  const known = new Set(nodes.map(({ nid }) => nid));
  const of = new Map<number, D[]>();
  for (const { nid } of nodes) of.set(nid, []);
  for (const device of devices) of.get(device.node)?.push(device);
  return { of, loose: devices.filter(({ node }) => !known.has(node)) };
}
