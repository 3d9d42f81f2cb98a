/** Kernel errors by name, as `k.E` gives them (include/uapi/asm-generic/errno*.h). */
export const ERRNO: Readonly<Record<string, number>> = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  EINVAL: 22,
  EFBIG: 27,
  ENOSPC: 28,
  EROFS: 30,
  ERANGE: 34,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ENODATA: 61,
  ETIME: 62,
  EOVERFLOW: 75,
  EOPNOTSUPP: 95,
  ETIMEDOUT: 110,
  EREMOTEIO: 121,
  EHWPOISON: 133,
  EPROBE_DEFER: 517,
};

const names = new Map(Object.entries(ERRNO).map(([name, number]) => [number, name]));

/** Largest errno; values from -MAX_ERRNO to -1 are errors (include/linux/err.h:IS_ERR_VALUE). */
export const MAX_ERRNO = 4095;

/** The errno's name for a negative return value; undefined when the value is no error. */
export function errnoOf(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
  if (value >= 0 || value < -MAX_ERRNO) return undefined;
  return names.get(-value) ?? `errno ${-value}`;
}

/** The negative number a driver sees; an errno without a number here is seen as -EIO. */
export function errnoValue(name: string): number {
  return -(ERRNO[name] ?? (ERRNO['EIO'] as number));
}
