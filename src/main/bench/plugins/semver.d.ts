/** What is used of semver, which brings no types of its own. */
declare module 'semver' {
  interface RangeOptions {
    readonly includePrerelease?: boolean;
  }
  /** The version, or null where it is none. */
  export function valid(version: string): string | null;
  /** The range in its long form, or null where it is none. */
  export function validRange(range: string): string | null;
  export function satisfies(version: string, range: string, options?: RangeOptions): boolean;
  /** Below 0 where the first is the lower version. */
  export function compare(a: string, b: string): number;
}
