/** Era switches as tables: all of them, those of one kernel, what differs between two. */
import { ARCHITECTURES, type Architecture } from '../../../shared/lab/architecture.ts';
import { nearest } from '../../../shared/lab/suggest.ts';
import { SUBJECTS, SWITCHES } from '../../engine/core/era/switches.ts';
import {
  hasChange,
  valueAt,
  valuesOf,
  type Change,
  type EraSwitch,
  type SwitchValue,
} from '../../engine/core/era/switch.ts';
import { resolveVersion, versionText, type KernelVersion } from '../../engine/core/era/version.ts';

export { valueText } from '../../engine/core/era/override.ts';

/** One change of a switch, as it is told. */
export interface ToldChange {
  /** Mainline release; where it is not confirmed, the one that is assumed. */
  readonly release: string;
  /** Point releases of stable series that have it too. */
  readonly backports: readonly string[];
  /** Titles; of an untitled change, what was seen in the sources. */
  readonly commits: readonly string[];
  readonly titled: boolean;
  /** Architectures it is for. */
  readonly arch: readonly Architecture[];
  readonly to: SwitchValue;
  readonly confirmed: boolean;
  /** Unconfirmed: a release whose source lacks the change, and one whose source has it. */
  readonly between?: readonly [string, string];
}

/** A switch, whatever the kernel. */
export interface ToldSwitch {
  readonly name: string;
  readonly subject: string;
  readonly title: string;
  /** All a lab may set it to. */
  readonly values: readonly SwitchValue[];
  readonly changes: readonly ToldChange[];
}

/** A kernel as somebody named it. */
export interface ToldKernel {
  readonly text: string;
  readonly modelled: string;
  /** A sentence, where the modelled version is not the one that was named. */
  readonly assumption?: string;
}

export interface SwitchDifference extends ToldSwitch {
  /** Architectures for which it differs so. */
  readonly arch: readonly Architecture[];
  readonly from: SwitchValue;
  readonly to: SwitchValue;
}

/** All switches, by subject; `changes` of the architectures asked for. */
export function toldSwitches(archs: readonly Architecture[] = ARCHITECTURES): ToldSwitch[] {
  return Object.values(SUBJECTS).flatMap(({ title: subject, switches }) =>
    Object.entries<EraSwitch>(switches).map(([name, one]) => ({
      name,
      subject,
      title: one.title,
      values: valuesOf(one),
      changes: one.changes.filter(isFor(archs)).map(told),
    })),
  );
}

/** The value of every switch for one kernel. */
export function switchesOf(
  version: KernelVersion,
  arch: Architecture,
): (ToldSwitch & { readonly value: SwitchValue })[] {
  return toldSwitches([arch]).map((one) => ({
    ...one,
    value: valueAt(definitionOf(one), { version, arch }),
  }));
}

/**
 * The switches that differ between two kernels, and the changes that one of them has and the other
 * has not. A switch that differs otherwise on another architecture is told again.
 */
export function switchesBetween(
  a: KernelVersion,
  b: KernelVersion,
  archs: readonly Architecture[] = ARCHITECTURES,
): SwitchDifference[] {
  return toldSwitches(archs).flatMap((one) => {
    const definition = definitionOf(one);
    const found = new Map<string, SwitchDifference>();
    for (const arch of archs) {
      const from = valueAt(definition, { version: a, arch });
      const to = valueAt(definition, { version: b, arch });
      if (from === to) continue;
      const changes = definition.changes
        .filter(
          (change) =>
            hasChange(change, { version: a, arch }) !== hasChange(change, { version: b, arch }),
        )
        .map(told);
      const key = JSON.stringify([from, to, changes]);
      const same = found.get(key)?.arch ?? [];
      found.set(key, { ...one, changes, arch: [...same, arch], from, to });
    }
    return [...found.values()];
  });
}

/** A kernel by what somebody calls it, or why it cannot be told of. */
export function toldKernel(
  text: string,
):
  | { readonly version: KernelVersion; readonly kernel: ToldKernel; readonly problem?: undefined }
  | { readonly problem: string } {
  const resolved = resolveVersion(text);
  if ('problem' in resolved) return resolved;
  const { version, assumption } = resolved;
  const kernel = { text, modelled: versionText(version), ...(assumption ? { assumption } : {}) };
  return { version, kernel };
}

/** An architecture by its name, or what may have been meant. */
export function toldArchitecture(
  text: string,
): { readonly arch: Architecture; readonly problem?: undefined } | { readonly problem: string } {
  const arch = ARCHITECTURES.find((name) => name === text);
  if (arch) return { arch };
  const meant = nearest(text, ARCHITECTURES);
  const hint = meant ? `did you mean ${meant}?` : `they are ${ARCHITECTURES.join(', ')}`;
  return { problem: `there is no architecture ${text}; ${hint}` };
}

function definitionOf({ name }: ToldSwitch): EraSwitch {
  const definition = SWITCHES[name];
  if (!definition) throw new Error(`no switch ${name}`);
  return definition;
}

const isFor =
  (archs: readonly Architecture[]) =>
  ({ arch }: Change): boolean =>
    !arch || arch.some((name) => archs.includes(name));

function told({
  release,
  backports = [],
  commit,
  untitled,
  arch,
  to,
  between,
}: Change): ToldChange {
  return {
    release,
    backports,
    commits: [commit].flat(),
    titled: !untitled,
    arch: arch ?? ARCHITECTURES,
    to,
    confirmed: between === undefined,
    ...(between && { between }),
  };
}
