/** Texts that show what a kernel keeps of its memory, by what they are. */
export const KERNEL_FILES = {
  iomem: '/proc/iomem',
  zoneinfo: '/proc/zoneinfo',
  buddyinfo: '/proc/buddyinfo',
  'memory-blocks': 'the blocks of /sys/devices/system/memory',
  memmap: 'bytes the memory model costs, and who pays; no file of the kernel',
  p2pmem: 'peer memory of PCI devices, as their p2pmem directories have it',
  dma: 'live DMA mappings, as /sys/kernel/debug/dma-api/dump has them',
  'swap-types': 'who has the types of swap entries; no file of the kernel',
  pins: 'pages held by get_user_pages and pin_user_pages, by whom; no file of the kernel',
  files: 'what is mounted, and the blocks and cached pages of every file; no file of the kernel',
  maps: '/proc/PID/maps of every process',
  smaps: '/proc/PID/smaps of every process',
  pagemap: '/proc/PID/pagemap of every process, a line for each run of pages',
} as const;

export type KernelFile = keyof typeof KERNEL_FILES;

export const KERNEL_FILE_NAMES = Object.keys(KERNEL_FILES) as KernelFile[];
