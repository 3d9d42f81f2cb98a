import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';

/**
 * An entry. What its `kind` is: `present` and `zero` (present too: the shared zero page, see
 * zero-page.ts) are what the CPU walks; `device_private_read` and `_write`, `device_exclusive` (or
 * `_read` and `_write`), `migration_read`, `_read_exclusive` and `_write`, and `hwpoison` are swap
 * entries of a special type (include/linux/swapops.h, leafops.h), whose `pfn` is the offset. `mirror`,
 * `mirror_zero` and `mirror_atomic` are entries of a device's own page table (see zero-page.ts for
 * the PFN of `mirror_zero`).
 */
export type Pte = RowOf<'ptes'>;
export type Level = 'pte' | 'pmd' | 'pud';

/** Bits of a present entry, and soft bits of a swap entry, in the order `flags` lists them. */
const PTE_FLAGS = [
  'write',
  'young',
  'dirty',
  'special',
  'devmap',
  'protnone',
  'anon_exclusive',
] as const;
export type PteFlag = (typeof PTE_FLAGS)[number];

/** The `flags` of an entry, in canonical order. */
export function pteFlags(...flags: readonly PteFlag[]): string {
  return PTE_FLAGS.filter((flag) => flags.includes(flag)).join('|');
}

export function hasFlag(entry: { readonly flags: string }, flag: PteFlag): boolean {
  return entry.flags.split('|').includes(flag);
}

/** `flags` with some set and some cleared. */
export function withFlags(
  flags: string,
  change: Partial<Readonly<Record<PteFlag, boolean>>>,
): string {
  const has = flags.split('|');
  return PTE_FLAGS.filter((flag) => change[flag] ?? has.includes(flag)).join('|');
}

/** Is the entry a leaf the CPU can walk? */
export function present(entry: Pte | undefined): entry is Pte {
  return entry?.kind === 'present' || entry?.kind === 'zero';
}

export function isDevicePrivate({ kind }: Pick<Pte, 'kind'>): boolean {
  return kind.startsWith('device_private');
}

export function isDeviceExclusive({ kind }: Pick<Pte, 'kind'>): boolean {
  return kind.startsWith('device_exclusive');
}

export function isMigration({ kind }: Pick<Pte, 'kind'>): boolean {
  return kind.startsWith('migration');
}

/** PFN that the entry has for one of its positions; not for entries of the zero page. */
export function pfnAt(entry: Pte, position: number): number {
  return entry.pfn + (position - entry.start);
}

/** Pages one leaf of this level maps. */
export function pagesOf(k: Kernel, level: Level): number {
  const { page_shift, pmd_shift } = k.facts.arch;
  const bits = pmd_shift - page_shift;
  return level === 'pte' ? 1 : level === 'pmd' ? 2 ** bits : 2 ** (bits + page_shift - 3);
}

/** [start, end) of an entry rounded out to whole leaves of its level: their bits are one. */
export function wholeLeaves(k: Kernel, { level }: Pte, start: number, end: number) {
  const size = pagesOf(k, level as Level);
  return { start: start - (start % size), end: end + ((size - (end % size)) % size) };
}

/** What stands at a position; undefined is pte_none. */
export function pteAt(k: Kernel, position: number): Pte | undefined {
  return k.world.at('ptes', position);
}

/**
 * pte_same(): is the entry at a position what it was before the page table lock was dropped? Its
 * accessed and dirty bits are the hardware's and do not count.
 */
export function pteSame(k: Kernel, position: number, before: Pte | undefined): boolean {
  const now = pteAt(k, position);
  if (!now || !before) return now === before;
  return (
    now.kind === before.kind &&
    now.level === before.level &&
    pfnAt(now, position) === pfnAt(before, position) &&
    hasFlag(now, 'write') === hasFlag(before, 'write')
  );
}

/** A piece of [start, end) with one entry, or with none (`entry` undefined). */
export interface PteRun {
  readonly start: number;
  readonly end: number;
  readonly entry: Pte | undefined;
}

/** [start, end) cut where the entries change, holes included; entries whole, runs clipped. */
export function pteRuns(k: Kernel, start: number, end: number): PteRun[] {
  const runs: PteRun[] = [];
  let at = start;
  for (const entry of k.world.overlapping('ptes', start, end)) {
    if (entry.start > at) runs.push({ start: at, end: entry.start, entry: undefined });
    const from = Math.max(entry.start, start);
    const to = Math.min(entry.end, end);
    runs.push({ start: from, end: to, entry });
    at = to;
  }
  if (at < end) runs.push({ start: at, end, entry: undefined });
  return runs;
}
