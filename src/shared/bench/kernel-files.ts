/** Texts that show what a kernel keeps of its memory; all but `memmap`, `pins` and `files` are files of a kernel. */
export const KERNEL_FILES = [
  'iomem',
  'zoneinfo',
  'buddyinfo',
  'memory-blocks',
  'memmap',
  'p2pmem',
  'dma',
  'swap-types',
  'pins',
  'files',
  'maps',
  'smaps',
  'pagemap',
] as const;
