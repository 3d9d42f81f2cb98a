/** Letters at the end of a name that stay where the name is too long. */
const TAIL = 10;

/**
 * Where a name is cut so that its middle can give way: the tail stays whole, and is never more than
 * half of the name, or the head would be too short to show that something is missing.
 */
export function middleCut(text: string, tail = TAIL): number {
  return text.length - Math.min(tail, Math.floor(text.length / 2));
}
