import type { Kernel } from '../../core/facts.ts';
import { pmdPages } from '../fs/blocks.ts';
import { filePosition, inodeOf } from '../fs/file-position.ts';
import { iomapAt } from '../fs/iomap.ts';
import { pgoffOf, superBlockOf, type Inode, type SuperBlock } from '../fs/super-block.ts';
import type { VmFault, VmFaultRun } from '../mm/fault.ts';

/** What a fault on a DAX file is about: vma->vm_file and what it lies on. */
export interface DaxFile {
  readonly inode: Inode;
  readonly sb: SuperBlock;
}

export function fileOf(k: Kernel, run: VmFaultRun): DaxFile | undefined {
  const inode = inodeOf(k, run.vma.vm_file);
  const sb = inode && superBlockOf(k, inode.id);
  return inode && sb ? { inode, sb } : undefined;
}

export function isShared({ vma }: VmFaultRun): boolean {
  return vma.vm_flags.split('|').includes('shared');
}

/** FAULT_FLAG_WRITE that is not going to a private copy: IOMAP_WRITE. */
export function writesFile(run: VmFaultRun): boolean {
  return run.write && isShared(run);
}

/**
 * Pages of the run, from the first on, that have the same fate: one answer of iomap, equal entries
 * in i_pages, good memory throughout (or poison from the first on), and no zero page among others.
 */
export function uniformPages(
  k: Kernel,
  { inode, sb }: DaxFile,
  run: VmFaultRun,
  pages: number,
): number {
  const map = iomapAt(k, inode, run.pgoff, pages);
  let alike = map.pages;
  const at = filePosition(inode, run.pgoff);
  const [first] = k.world.overlapping('i_pages', at, at + alike);
  if (first) alike = Math.min(alike, (first.start <= at ? first.end : first.start) - at);
  if (map.block !== null) {
    const pfn = sb.start_pfn + map.block;
    for (const bad of k.world.overlapping('badblocks', pfn, pfn + alike)) {
      if (bad.disk !== sb.bdev) continue;
      alike = Math.min(alike, (bad.start <= pfn ? bad.end : bad.start) - pfn);
      break;
    }
  }
  return alike;
}

/** vmf_error(): the vm_fault_t of an errno. */
export function vmfError(errno: string): VmFault['fault'] {
  if (errno === 'ENOMEM') return 'OOM';
  return errno === 'EHWPOISON' ? 'HWPOISON' : 'SIGBUS';
}

/** First page of the device behind a block of the filesystem, and its page offset there. */
export function deviceOffset(k: Kernel, sb: SuperBlock, block: number) {
  return { pgoff: pgoffOf(k, sb, block), pfn: sb.start_pfn + block };
}

/** Offset of a page in its PMD: PG_PMD_COLOUR. */
export function colour(k: Kernel, index: number): number {
  return index % pmdPages(k);
}
