import type { EraSwitch } from './switch.ts';

/** Switches about one thing. */
export interface Subject<S extends Readonly<Record<string, EraSwitch>>> {
  readonly title: string;
  readonly switches: S;
}

/** Declares the switches of a subject. */
export function subject<S extends Readonly<Record<string, EraSwitch>>>(
  title: string,
  switches: S,
): Subject<S> {
  return { title, switches };
}
