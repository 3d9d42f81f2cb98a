/** Files, what is cached of them, and the disks and DAX devices they lie on. */
export interface FileTables {
  /**
   * struct inode of files that processes map or read. `nr` is its place among the inodes: positions
   * in `i_pages` and `file_extents` are `nr * 2^44 + index`. `fs`: which file system; `device`: what
   * it lies on, '' for memory. `i_flags`: names joined by '|' (dax ...).
   */
  inodes: { id: string; nr: number; fs: string; device: string; i_size: bigint; i_flags: string };
  /**
   * mapping->i_pages, by position: `kind` folio for the page cache, dax for a value entry of a DAX
   * file. `pfn` grows with the index; DAX entries of the zero page or of nothing have the position
   * there. `flags`: names joined by '|'; of DAX entries locked, pmd, zero, empty, dirty, towrite.
   */
  i_pages: { start: number; end: number; inode: string; kind: string; pfn: number; flags: string };
  /**
   * struct dax_device: `id` names its block device (pmem0) or is its character device (dax0.0).
   * Pages from `start_pfn` on; `pgmap` '' without struct pages. `flags`: dax (the queue says so),
   * alive (DAXDEV_ALIVE). `align` in bytes: of a page of a device-dax. `holder`: who mounted it.
   */
  dax_devices: {
    id: string;
    device: string;
    kind: string;
    start_pfn: number;
    pages: number;
    pgmap: string;
    align: bigint;
    flags: string;
    holder: string;
  };
  /** struct badblocks of a pmem device, in PFNs. */
  badblocks: { start: number; end: number; disk: string };
  /**
   * struct super_block of what is mounted at `id`. `nr` is its place among them: positions in
   * `free_blocks` are `nr * 2^44 + block`. `start_pfn` and `blocks` (pages) are its device's, 0
   * without one. `s_flags`: dax where files are mapped directly.
   */
  super_blocks: {
    id: string;
    nr: number;
    s_type: string;
    bdev: string;
    s_flags: string;
    start_pfn: number;
    blocks: number;
  };
  /** A file's blocks on its device: `type` mapped or unwritten; where nothing is there is a hole. */
  file_extents: { start: number; end: number; type: string; block: number; shared: boolean };
  /** Blocks of a filesystem that no file has. */
  free_blocks: { start: number; end: number; sb: string };
}
