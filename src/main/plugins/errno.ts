import { ERRNO } from '../../shared/plugins/errno.ts';

const numbers = new Map<string, number>(Object.entries(ERRNO));
const names = new Map([...numbers].map(([name, number]) => [number, name]));

/** Largest errno; values from -MAX_ERRNO to -1 are errors (include/linux/err.h:IS_ERR_VALUE). */
const MAX_ERRNO = 4095;

/** The errno's name for a negative return value; undefined when the value is no error. */
export function errnoOf(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
  if (value >= 0 || value < -MAX_ERRNO) return undefined;
  return names.get(-value) ?? `errno ${-value}`;
}

/** The negative number a driver sees; an errno without a number here is seen as -EIO. */
export function errnoValue(name: string): number {
  return -(numbers.get(name) ?? ERRNO.EIO);
}
