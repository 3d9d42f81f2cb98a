const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/**
 * Bytes in binary units with at most three significant digits, and only when exact;
 * `undefined` where no unit is exact enough: the caller prints pages then.
 */
export function exactBytes(bytes: number): string | undefined {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  for (const unit of UNITS) {
    value /= 1024;
    if (value >= 1024) continue;
    const text = String(value);
    return text.replace('.', '').length <= 3 || Number.isInteger(value)
      ? `${text} ${unit}`
      : undefined;
  }
  return undefined;
}

/** A count of pages as bytes where exact, else as pages. */
export function sizeOfPages(pages: number, pageSize = 4096): string {
  return exactBytes(pages * pageSize) ?? `${groupDecimal(String(pages))} pages`;
}

/** Digits in groups for display; the gap is a margin (`<i>`), so only the parts come back. */
export function hexGroups(text: string): string[] {
  const digits = text.replace(/^0x/, '');
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= 4)
    groups.unshift(digits.slice(Math.max(0, end - 4), end));
  return groups;
}

/** Groups of three with a thin no-break space, for plain text (canvas, titles). */
export function groupDecimal(text: string): string {
  return text.replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');
}

/** A PFN as it is printed. */
export const hex = (pfn: number): string => `0x${pfn.toString(16)}`;
