/** Versions and ranges as semver has them. */
// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- semver brings no types
/// <reference path="./semver.d.ts" />
import { compare, satisfies, valid, validRange } from 'semver';

/** Is it one version, and no range of them? */
export function isVersion(text: string): boolean {
  return valid(text) !== null;
}

/** Is it a range of versions? One version is one. */
export function isRange(text: string): boolean {
  return validRange(text) !== null;
}

/** Does a version lie in a range? Pre-releases of a version in it do. */
export function isWithin(version: string, range: string): boolean {
  return satisfies(version, range, { includePrerelease: true });
}

/** Below 0 where the first is the lower version. */
export function compareVersions(a: string, b: string): number {
  return compare(a, b);
}
