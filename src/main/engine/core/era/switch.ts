import type { KernelVersion } from './version.ts';

export type SwitchValue = boolean | number | string;

/** What a switch may look at: the modelled version and the architecture. */
export interface SwitchContext {
  readonly version: KernelVersion;
  readonly arch: string;
}

/**
 * A behaviour that changed between kernels. `value` decides from version and architecture alone;
 * `changed` cites what changed it: commit title and release, stable backports included.
 */
export interface EraSwitch<V extends SwitchValue = SwitchValue> {
  readonly title: string;
  readonly changed: readonly { readonly commit: string; readonly release: string }[];
  readonly value: (context: SwitchContext) => V;
}

/** Declares a switch; the type of its values follows from `value`. */
export function eraSwitch<V extends SwitchValue>(definition: EraSwitch<V>): EraSwitch<V> {
  return definition;
}
