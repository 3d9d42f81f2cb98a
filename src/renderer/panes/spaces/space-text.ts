/** Bits of an entry as one short word each: w(rite), y(oung), d(irty) and the rare ones in full. */
const SHORT: Readonly<Record<string, string>> = {
  write: 'W',
  young: 'A',
  dirty: 'D',
  anon_exclusive: 'excl',
};

/** "W A D excl": the bits of an entry, as little wide as can be read. */
export function entryFlags(flags: readonly string[] | undefined): string {
  return (flags ?? []).map((flag) => SHORT[flag] ?? flag).join(' ');
}

/** Pages as a narrow column holds them: 512, 4K, 3M, 1G (binary multiples where they are exact). */
export function pagesText(pages: number): string {
  const units = ['', 'K', 'M', 'G', 'T'];
  let value = pages;
  let unit = 0;
  while (value >= 1024 && value % 1024 === 0 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value}${units[unit]}`;
}
