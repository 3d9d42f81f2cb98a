import type { Args } from '../../../../shared/world/value.ts';
import type { Kernel } from '../../core/facts.ts';
import { mmapLock } from '../mm/mm-struct.ts';
import { addressOf } from '../mm/position.ts';
import { follText, type Foll } from './foll-flags.ts';

/** One call of the GUP family: positions [start, end) of `mm` into the array of `pin`. */
export interface GupRange {
  readonly pin: string;
  readonly mm: string;
  readonly start: number;
  readonly end: number;
  readonly flags: Foll;
}

/** How a call shows itself: start, nr_pages, gup_flags. */
export function showRange({ start, end, flags }: GupRange, k: Kernel): Args {
  return { start: addressOf(k, start), nr_pages: end - start, gup_flags: follText(flags) };
}

/** Does the running actor hold mm->mmap_lock? A fault that says RETRY has given it up. */
export function holdsMmapLock(k: Kernel, mm: string): boolean {
  const held = k.world.get('locks', mmapLock(mm));
  const me = k.current();
  return held !== undefined && (held.owner === me || held.readers.includes(me));
}
