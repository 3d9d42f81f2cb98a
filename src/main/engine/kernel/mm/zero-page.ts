import type { Kernel } from '../../core/facts.ts';
import { numberVar } from '../../core/world/variables.ts';
import type { Pte } from './pte.ts';

/**
 * Entries that map the shared zero page (or the huge one): all positions have the same PFN, which a
 * record whose `pfn` grows cannot say. They have the kind 'zero', and their `pfn` is the position.
 */
export function isZeroPage({ kind }: Pick<Pte, 'kind'>): boolean {
  return kind === 'zero' || kind === 'mirror_zero';
}

/**
 * my_zero_pfn(). empty_zero_page is part of the kernel's image, which the model does not place: it
 * gets a page of its own when the first process starts.
 */
export function zeroPfn(k: Pick<Kernel, 'world'>): number {
  return numberVar(k, 'zero_pfn');
}

/** Is the zero page there yet? */
export function hasZeroPage(k: Pick<Kernel, 'world'>): boolean {
  return k.world.get('vars', 'zero_pfn') !== undefined;
}
