import type { Kernel } from '../../core/facts.ts';
import { flagList } from '../page/flags.ts';
import type { Vma } from './vma.ts';

/** vma_is_dax(): the file's data is device memory (S_DAX), of a file system or of a device-dax. */
export function vmaIsDax(k: Kernel, { vm_file, vm_ops }: Vma): boolean {
  const inode = vm_file === '' ? undefined : k.world.get('inodes', vm_file);
  return flagList(inode?.i_flags ?? '').includes('dax') || vm_ops.endsWith('dax');
}
