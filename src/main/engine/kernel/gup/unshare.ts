import type { Kernel } from '../../core/facts.ts';
import { hasFlag, type Pte } from '../mm/pte.ts';
import { isCowMapping, type Vma } from '../mm/vma.ts';
import type { Foll } from './foll-flags.ts';

/**
 * gup_must_unshare(): would a reading pin of this entry's page see what is written later through
 * the page table? `vma` undefined: GUP-fast, which cannot look and says yes where it might.
 */
export function gupMustUnshare(
  k: Kernel,
  vma: Vma | undefined,
  flags: Foll,
  entry: Pte,
  anon: boolean,
): boolean {
  const rule = k.facts.era.get('gup_unshares');
  if (rule === 'no' || flags.write || !flags.pin) return false;
  if (anon) return !hasFlag(entry, 'anon_exclusive');
  if (rule !== 'cow' || !flags.longterm) return false;
  return vma === undefined || isCowMapping(vma);
}
