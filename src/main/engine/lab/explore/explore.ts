import type { Start } from './branch.ts';
import { search, type Limits, type SearchResult, type Sighting } from './search.ts';
import { neededBy, ordersOf, shorten, switchesOf, type Breakage } from './shorten.ts';

export interface Exploration extends SearchResult {
  /** One of each kind that was found, the shortest first. */
  readonly breakages: readonly Breakage[];
}

/** Sightings of one kind that are looked at closely: those that promise to be the shortest. */
const KEPT = 4;

interface Kept {
  readonly sighting: Sighting;
  readonly moves: number;
  readonly switches: number;
}

/** Tries the interleavings of a branch's actors and keeps, of each kind of breakage, the shortest. */
export function explore(start: Start, limits: Limits): Exploration {
  const kinds = new Map<string, Kept[]>();
  const result = search(start, limits, (sighting) => {
    const { kind, about } = sighting.broken;
    const key = `${kind} ${about}`;
    const kept = kinds.get(key) ?? [];
    const moves = neededBy(sighting).length;
    const worst = kept[KEPT - 1];
    if (worst && worst.moves < moves) return;
    const switches = Math.min(...ordersOf(sighting).map(switchesOf));
    kept.push({ sighting, moves, switches });
    kept.sort((a, b) => a.moves - b.moves || a.switches - b.switches);
    kinds.set(key, kept.slice(0, KEPT));
  });
  const breakages = [...kinds.values()].flatMap((kept) => {
    const [best] = kept.map(({ sighting }) => shorten(start, sighting)).sort(shorter);
    return best ? [best] : [];
  });
  return { ...result, breakages: breakages.sort(shorter) };
}

function shorter(a: Breakage, b: Breakage): number {
  return a.actors.length - b.actors.length || a.switches - b.switches;
}
