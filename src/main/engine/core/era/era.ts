import type { KernelVersion } from './version.ts';
import { SWITCHES } from './switches.ts';
import type { EraSwitch, SwitchValue } from './switch.ts';

export type SwitchName = keyof typeof SWITCHES;
export type SwitchValueOf<N extends SwitchName> =
  (typeof SWITCHES)[N] extends EraSwitch<infer V> ? V : never;

/** The behaviour of one kernel: every switch, decided. */
export interface Era {
  /** As the lab wrote it. */
  readonly text: string;
  readonly version: KernelVersion;
  readonly assumption: string | undefined;
  /** Switches the lab set itself. */
  readonly overridden: readonly SwitchName[];
  get<N extends SwitchName>(name: N): SwitchValueOf<N>;
}

/** Decides every switch for a version and an architecture; `overrides` come from the lab. */
export function resolveEra(
  text: string,
  resolved: { version: KernelVersion; assumption: string | undefined },
  arch: string,
  overrides: Readonly<Record<string, SwitchValue>> = {},
): Era {
  const context = { version: resolved.version, arch };
  const values = new Map<string, SwitchValue>();
  for (const [name, definition] of Object.entries(SWITCHES)) {
    values.set(name, overrides[name] ?? (definition as EraSwitch).value(context));
  }
  return {
    text,
    version: resolved.version,
    assumption: resolved.assumption,
    overridden: Object.keys(overrides).filter((name): name is SwitchName => name in SWITCHES),
    get: (name) => values.get(name) as never,
  };
}
