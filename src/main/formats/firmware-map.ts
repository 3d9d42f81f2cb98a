/** Firmware memory maps as sets of ranges: overlaps resolved, changes applied, RAM found. */
import {
  E820_TYPE,
  MEMORY_TYPES,
  type FirmwareUpdate,
  type MemoryRange,
  type MemoryType,
} from '../../shared/lab/machine.ts';

/** Physical bytes, end inclusive. */
export interface Bytes {
  start: bigint;
  end: bigint;
}

/** Where entries overlap, the first of these wins. */
const TYPES = MEMORY_TYPES.toSorted((a, b) => E820_TYPE[b] - E820_TYPE[a]);

const byStart = (a: Bytes, b: Bytes) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0);

/** The map sorted and without overlaps; the same ranges when there were none. */
export function sanitised(map: readonly MemoryRange[]): { map: MemoryRange[]; changed: boolean } {
  const sorted = [...map].sort(byStart);
  const clash = sorted.some((range, i) => i > 0 && range.start <= (sorted[i - 1]?.end ?? -1n));
  if (!clash) return { map: sorted, changed: false };

  const edges = map
    .flatMap(({ start, end, type }) => [
      { at: start, type, open: 1 },
      { at: end + 1n, type, open: -1 },
    ])
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const open = new Map<MemoryType, number>();
  const result: MemoryRange[] = [];
  let current: MemoryRange | undefined;
  for (let i = 0; i < edges.length;) {
    const at = edges[i]?.at ?? 0n;
    for (; edges[i]?.at === at; i++) {
      const edge = edges[i];
      if (edge) open.set(edge.type, (open.get(edge.type) ?? 0) + edge.open);
    }
    const type = TYPES.find((name) => (open.get(name) ?? 0) > 0);
    if (current?.type === type) continue;
    if (current) {
      current.end = at - 1n;
      result.push(current);
    }
    current = type === undefined ? undefined : { start: at, end: at, type };
  }
  return { map: result, changed: true };
}

/** Ranges joined where they touch or overlap. */
export function union(ranges: readonly Bytes[]): Bytes[] {
  const joined: Bytes[] = [];
  for (const { start, end } of [...ranges].sort(byStart)) {
    const last = joined.at(-1);
    if (last && start <= last.end + 1n) last.end = end > last.end ? end : last.end;
    else joined.push({ start, end });
  }
  return joined;
}

/** What is in `from` but in none of `holes`. */
export function subtract(from: readonly Bytes[], holes: readonly Bytes[]): Bytes[] {
  const cuts = union(holes);
  const left: Bytes[] = [];
  let i = 0;
  for (const range of union(from)) {
    let { start } = range;
    while (i > 0 && (cuts[i - 1]?.end ?? -1n) >= start) i -= 1;
    while (i < cuts.length && (cuts[i]?.end ?? 0n) < start) i += 1;
    for (; i < cuts.length; i++) {
      const cut = cuts[i];
      if (!cut || cut.start > range.end) break;
      if (cut.start > start) left.push({ start, end: cut.start - 1n });
      start = cut.end + 1n;
    }
    if (start <= range.end) left.push({ start, end: range.end });
  }
  return left;
}

/** RAM the kernel keeps of a map: `trim_bios_range` and the firmware's updates applied. */
export function usableAfter(
  map: readonly MemoryRange[],
  updates: readonly FirmwareUpdate[],
): Bytes[] {
  const ram = map.filter(({ type }) => type === 'usable');
  const taken: Bytes[] = [
    { start: 0n, end: 0xfffn },
    { start: 0xa0000n, end: 0xfffffn },
    ...updates.filter(({ from, to }) => from !== 'reserved' && to !== 'reserved-kern'),
  ];
  return subtract(ram, taken);
}
