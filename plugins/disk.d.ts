/**
 * The part of the public plugin API that is about disks: memory that filesystems and processes map
 * directly, and what is mounted.
 */
import type { Errno, Request } from './api.d.ts';

/** The memory behind a disk or character device, in bytes. */
export interface DiskArgs {
  readonly name: string;
  readonly start: bigint;
  readonly size: bigint;
  readonly pgmap?: string;
  readonly align?: bigint;
}

/** Kernel functions for disks and DAX devices. */
export interface DiskServices {
  /**
   * The disk of a driver whose memory can be mapped (`kind` block), or its character device (char).
   * `start` and `size` are of the data, in bytes; `align` that of its pages; without a pagemap its
   * memory has no struct pages.
   */
  alloc_dax(args: DiskArgs & { readonly kind?: 'block' | 'char' }): Request<void>;
  /** A disk whose memory cannot be mapped, such as that of a BTT. */
  device_add_disk(args: DiskArgs): Request<void>;
  /** From now on direct access to the device fails with -ENXIO. */
  kill_dax(args: { readonly name: string }): Request<void | Errno>;
  put_dax(args: { readonly name: string }): Request<void>;
  /** Takes a character device out of all page tables. */
  unmap_dax_mapping(args: { readonly name: string }): Request<void>;
  /** Sectors (512 bytes, from the start of the data) that cannot be read from now on. */
  badblocks_set(args: {
    readonly name: string;
    readonly sector: number;
    readonly count: number;
  }): Request<void | Errno>;
  /** mount(2) of a disk: `fs` ext4 or xfs. Gives the place it is mounted at. Bytes. */
  path_mount(args: {
    readonly bdev: string;
    readonly fs: string;
    readonly options?: string;
    readonly at: string;
    readonly block_size?: bigint;
    readonly offset?: bigint;
  }): Request<string | Errno>;
  /** Pages from `pgoff` on that can be reached in one go; poison is an errno by era. */
  __pmem_direct_access(args: {
    readonly name: string;
    readonly pgoff: number;
    readonly nr_pages: number;
    readonly recovery?: boolean;
  }): Request<{ readonly pfn: number; readonly pages: number } | Errno>;
  /** Pages are damaged: the filesystem that holds the device ends their users. */
  dax_holder_notify_failure(args: {
    readonly name: string;
    readonly pgoff: number;
    readonly nr_pages: number;
  }): Request<void | Errno>;
  /** Is a filesystem mounted from the disk? */
  bd_mounted(args: { readonly bdev: string }): Request<boolean>;
  path_umount(args: { readonly at: string }): Request<void | Errno>;
}
