import type { Kernel } from '../../core/facts.ts';
import type { KernelFunction, Outcome } from '../../core/world/operation.ts';
import type { Content, ContentRun } from './contents.ts';
import type { Inode } from './inode.ts';

/** What a mapping of a file wants to be: [start, end) positions of the address space. */
export interface MmapFile {
  readonly inode: Inode;
  readonly mm: string;
  readonly start: number;
  readonly end: number;
  readonly pgoff: number;
  readonly vm_flags: string;
}

/** What f_op->mmap() makes of it. */
export interface MmappedFile {
  readonly vm_ops: string;
  readonly vm_flags: string;
}

/** Pages [start, end) of a file (indexes). */
export interface FileRange {
  readonly inode: Inode;
  readonly start: number;
  readonly end: number;
}

/**
 * struct file_operations and what belongs to it, of one file system (`inodes.fs`). Which there are
 * stands in kernel/wiring.ts.
 */
export interface FileOperations {
  readonly mmap: KernelFunction<MmapFile, Outcome<MmappedFile>>;
  /** read_iter(): what is in the pages. */
  readonly read?: KernelFunction<FileRange, Outcome<readonly ContentRun[]>>;
  /** write_iter(): whole pages. */
  readonly write?: KernelFunction<FileRange & { content: Content }, Outcome<number>>;
  /** ftruncate(). */
  readonly truncate?: KernelFunction<{ inode: Inode; i_size: bigint }, Outcome<void>>;
}

/** file->f_op of an inode's files; undefined for a file system nobody modelled. */
export function fileOperations(k: Kernel, { fs }: Pick<Inode, 'fs'>): FileOperations | undefined {
  const all: Readonly<Record<string, FileOperations>> = k.facts.wiring.file_operations;
  return all[fs];
}
