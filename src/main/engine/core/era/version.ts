/** A kernel version as modelled. `6.1` is 6.1.0; a point release carries its backports. */
export interface KernelVersion {
  readonly major: number;
  readonly minor: number;
  readonly point: number;
}

/** Releases whose behaviour was read from source; a lab's version maps to one not above it. */
export const MODELLED_RELEASES = [
  '4.3',
  '4.14',
  '4.18',
  '5.3',
  '5.14',
  '5.19',
  '6.0',
  '6.1',
  '6.1.192',
  '6.12',
  '6.12.117',
  '6.18',
  '7.2',
] as const;

export const NEWEST_RELEASE = MODELLED_RELEASES[MODELLED_RELEASES.length - 1] as string;

/** "6.1.192" in its parts; what is left out is 0. */
export function parseVersion(text: string): KernelVersion {
  const [major = 0, minor = 0, point = 0] = text.split('.').map(Number);
  return { major, minor, point };
}

/** Negative, zero or positive, as `a` is older than, equal to or newer than `b`. */
export function compareVersions(a: KernelVersion, b: KernelVersion): number {
  return a.major - b.major || a.minor - b.minor || a.point - b.point;
}

/** Is the version `release` ("5.3", "6.1.192") or newer? */
export function since(version: KernelVersion, release: string): boolean {
  return compareVersions(version, parseVersion(release)) >= 0;
}

/**
 * Is the change in this kernel: merged in `release`, or backported to a stable series?
 * `backports` lists point releases, "6.1.192": that series has it from there on.
 */
export function carries(
  version: KernelVersion,
  release: string,
  backports: readonly string[] = [],
): boolean {
  if (since(version, release)) return true;
  return backports.some((text) => {
    const stable = parseVersion(text);
    return (
      version.major === stable.major &&
      version.minor === stable.minor &&
      version.point >= stable.point
    );
  });
}

export interface ResolvedVersion {
  readonly version: KernelVersion;
  /** Set when the version is an assumption, a sentence for the screen. */
  readonly assumption: string | undefined;
}

/** A banner or version text that no modelled release is at or below. */
export interface UnknownVersion {
  readonly problem: string;
}

const MAINLINE = /^(\d+)\.(\d+)(?:\.(\d+))?$/;
const BANNER = /^(\d+)\.(\d+)(?:\.(\d+))?\D/;

/**
 * Maps a lab's `kernel.version` to what is modelled. Mainline and stable versions are taken as
 * they are; what is newer than any that was read says that it is an assumption. A vendor's version
 * maps to the highest modelled release not above it, and says so.
 */
export function resolveVersion(text: string): ResolvedVersion | UnknownVersion {
  const mainline = MAINLINE.exec(text);
  const found = mainline ?? BANNER.exec(`${text} `);
  if (!found) return { problem: `"${text}" is not a kernel version` };
  const version = {
    major: Number(found[1]),
    minor: Number(found[2]),
    point: Number(found[3] ?? 0),
  };
  const below = MODELLED_RELEASES.filter((release) => since(version, release));
  const base = below[below.length - 1];
  if (base === undefined) {
    return { problem: `${text} is older than ${MODELLED_RELEASES[0]}, the oldest modelled kernel` };
  }
  if (mainline) return { version, assumption: newerThanRead(text, version) };
  return {
    version: parseVersion(base),
    assumption: `${text} is a vendor's kernel: modelled as ${base}`,
  };
}

/** Of a release after the newest that was read nobody knows here what it changed. */
function newerThanRead(text: string, { major, minor }: KernelVersion): string | undefined {
  const newest = parseVersion(NEWEST_RELEASE);
  if (compareVersions({ major, minor, point: 0 }, newest) <= 0) return undefined;
  return `${text} is newer than ${NEWEST_RELEASE}, the newest kernel that was read: modelled as that`;
}

/** "6.12", "6.1.192": a version as the kernel writes it, without a zero point release. */
export function versionText({ major, minor, point }: KernelVersion): string {
  return point === 0 ? `${major}.${minor}` : `${major}.${minor}.${point}`;
}
