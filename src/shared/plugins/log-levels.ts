/** Levels of the kernel log (include/linux/kern_levels.h), the most urgent first. */
export const LOG_LEVELS = [
  'emerg',
  'alert',
  'crit',
  'err',
  'warn',
  'notice',
  'info',
  'debug',
] as const;

export type KernelLogLevel = (typeof LOG_LEVELS)[number];
