import type { RowOf } from '../../../../shared/world/tables.ts';
import type { World } from '../../core/world/world.ts';

type Pte = RowOf<'ptes'>;

/** With more page table entries than this, nobody walks them all after a step. */
const FEW = 128;

/** PFNs an entry refers to; undefined for one without a struct page behind it. */
export function targetOf(pte: Pte): { readonly start: number; readonly end: number } | undefined {
  if (pte.kind === 'hwpoison' || pte.flags.split('|').includes('special')) return undefined;
  return { start: pte.pfn, end: pte.pfn + (pte.end - pte.start) };
}

/**
 * An entry that refers to a PFN of the range. Where there are very many only their counts tell
 * (_mapcount): undefined.
 */
export function entryInto(world: World, start: number, end: number): Pte | undefined {
  if (world.store.tree('ptes').size === 0 || world.count('ptes') > FEW) return undefined;
  for (const pte of world.rows('ptes')) {
    const target = targetOf(pte);
    if (target && target.start < end && start < target.end) return pte;
  }
  return undefined;
}
