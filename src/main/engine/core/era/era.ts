import type { Architecture } from '../../../../shared/lab/architecture.ts';
import type { KernelVersion } from './version.ts';
import { SWITCHES, type SwitchName, type SwitchValueOf } from './switches.ts';
import { valueAt, type SwitchValue } from './switch.ts';

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
  arch: Architecture,
  overrides: Readonly<Record<string, SwitchValue>> = {},
): Era {
  const context = { version: resolved.version, arch };
  const values = new Map<string, SwitchValue>();
  for (const [name, definition] of Object.entries(SWITCHES)) {
    values.set(name, overrides[name] ?? valueAt(definition, context));
  }
  return {
    text,
    version: resolved.version,
    assumption: resolved.assumption,
    overridden: Object.keys(overrides).filter((name): name is SwitchName => name in SWITCHES),
    get: (name) => values.get(name) as never,
  };
}
