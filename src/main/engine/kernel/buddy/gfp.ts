import { GFP_KINDS, GFP_MODIFIERS } from '../../../../shared/lab/operations/pages.ts';
import type { Facts } from '../../core/facts.ts';

/** What an allocation asks for, as far as it decides where the pages come from. */
export interface Gfp {
  readonly name: string;
  /** gfp_zone(): the highest zone that will do, as an index. */
  readonly highest_zoneidx: number;
  /** gfp_migratetype(). */
  readonly migratetype: 'UNMOVABLE' | 'MOVABLE' | 'RECLAIMABLE';
  /** __GFP_THISNODE: the node asked for or none. */
  readonly thisnode: boolean;
}

/** Flags that labs may name, joined by `|`, with the zone they prefer and the type they ask for. */
const KINDS: Readonly<
  Record<(typeof GFP_KINDS)[number], { zone: string; type: Gfp['migratetype'] }>
> = {
  GFP_KERNEL: { zone: 'Normal', type: 'UNMOVABLE' },
  GFP_USER: { zone: 'Normal', type: 'UNMOVABLE' },
  GFP_HIGHUSER: { zone: 'HighMem', type: 'UNMOVABLE' },
  GFP_HIGHUSER_MOVABLE: { zone: 'Movable', type: 'MOVABLE' },
  GFP_DMA32: { zone: 'DMA32', type: 'UNMOVABLE' },
  GFP_DMA: { zone: 'DMA', type: 'UNMOVABLE' },
};

/** Names that `parseGfp` knows, for a message. */
export const GFP_NAMES: readonly string[] = [...GFP_KINDS, ...GFP_MODIFIERS];

/**
 * Reads `GFP_KERNEL`, `GFP_KERNEL|__GFP_THISNODE` and the like. A zone the configuration does not
 * have becomes the next lower one (include/linux/gfp.h:GFP_ZONE_TABLE, OPT_ZONE_DMA and others).
 * Undefined for a name that is not known.
 */
export function parseGfp(facts: Facts, text: string): Gfp | undefined {
  const [base = '', ...rest] = text.split('|').map((name) => name.trim());
  const known = GFP_KINDS.find((name) => name === base);
  const modifiers: readonly string[] = GFP_MODIFIERS;
  if (!known || rest.some((name) => !modifiers.includes(name))) return undefined;
  const kind = KINDS[known];
  const { zones } = facts.arch;
  const fallback: Record<string, string> = { HighMem: 'Normal', DMA32: 'Normal', DMA: 'Normal' };
  const named = zones.indexOf(kind.zone);
  const highest_zoneidx = named >= 0 ? named : zones.indexOf(fallback[kind.zone] ?? 'Normal');
  const reclaimable = rest.includes('__GFP_RECLAIMABLE');
  return {
    name: text,
    highest_zoneidx,
    migratetype: reclaimable ? 'RECLAIMABLE' : kind.type,
    thisnode: rest.includes('__GFP_THISNODE'),
  };
}
