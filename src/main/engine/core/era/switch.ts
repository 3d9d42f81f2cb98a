import type { Architecture } from '../../../../shared/lab/architecture.ts';
import { carries, type KernelVersion } from './version.ts';

export type SwitchValue = boolean | number | string;

/** A mainline release, "5.3". Object literals keep such keys in the order they are written in. */
export type Release = `${number}.${number}`;

/** What a switch depends on: the modelled version and the architecture. */
export interface SwitchContext {
  readonly version: KernelVersion;
  readonly arch: Architecture;
}

/** What is known of the commit behind a change. */
interface Cause {
  /** Title of the commit, or of those that made the change together. */
  readonly commit: string | readonly string[];
  /** Point releases, "6.1.192": that stable series has the commit from there on. */
  readonly backports?: readonly string[];
  /** Architectures the change is for; all, where it does not say. */
  readonly arch?: readonly Architecture[];
  /** The release is not confirmed: the sources of the first lack the change, those of the second have it. */
  readonly between?: readonly [Release, Release];
  /** The title is not confirmed either: `commit` says what was seen in the sources. */
  readonly untitled?: true;
}

/** The value a switch has from a release on. */
export interface Change<V extends SwitchValue = SwitchValue> extends Cause {
  readonly release: string;
  readonly to: V;
}

type Step<V extends SwitchValue> = Cause & { readonly to: V };

/** The value before any change: one, or one by architecture. */
type First<V extends SwitchValue> =
  V | ({ readonly [A in Architecture]?: V } & { readonly others: V });

interface Telling {
  readonly title: string;
  /** Commits that belong to the subject and change no value, by release. */
  readonly also?: { readonly [release: Release]: string } | undefined;
}

/** A behaviour that changed between kernels. The last change a kernel carries gives its value. */
export interface EraSwitch<V extends SwitchValue = SwitchValue> extends Telling {
  readonly first: First<V>;
  /** By release, ascending. */
  readonly changes: readonly Change<V>[];
}

/** False, and true from `release` on. */
export function since(release: Release, told: Telling & Cause): EraSwitch<boolean> {
  return turned(release, true, told);
}

/** True until `release`, and false from there on. */
export function until(release: Release, told: Telling & Cause): EraSwitch<boolean> {
  return turned(release, false, told);
}

function turned(
  release: Release,
  to: boolean,
  { title, also, ...cause }: Telling & Cause,
): EraSwitch<boolean> {
  return { title, also, first: !to, changes: [{ ...cause, release, to }] };
}

/** `first`, and then what each release made of it. */
export function steps<const V extends SwitchValue>(
  spec: Telling & { readonly first: First<V> } & {
    readonly [release: Release]: Step<V> | readonly Step<V>[];
  },
): EraSwitch<V> {
  const { title, also, first, ...releases } = spec;
  const changes = Object.entries(releases).flatMap(([release, made]) =>
    [made].flat().map((step) => ({ ...step, release })),
  );
  return { title, also, first, changes };
}

/** Whether a kernel has a change, merged or backported; changes for other architectures are not its own. */
export function hasChange({ release, backports, arch }: Change, context: SwitchContext): boolean {
  if (arch && !arch.includes(context.arch)) return false;
  return carries(context.version, release, backports);
}

/** The value of a switch for a kernel. */
export function valueAt<V extends SwitchValue>(
  { first, changes }: EraSwitch<V>,
  context: SwitchContext,
): V {
  const last = changes.findLast((change) => hasChange(change, context));
  if (last) return last.to;
  return typeof first === 'object' ? (first[context.arch] ?? first.others) : first;
}

/** Every value a switch has in some kernel, the first one first: all a lab may give it. */
export function valuesOf({ first, changes }: EraSwitch): SwitchValue[] {
  const before = typeof first === 'object' ? Object.values(first) : [first];
  return [...new Set([...before, ...changes.map(({ to }) => to)])];
}
