import type { Kernel } from '../facts.ts';
import {
  fileOperations,
  registerFileOperations,
  type MmapFile,
  type MmappedFile,
} from '../mm/file-operations.ts';
import { withVmFlags } from '../mm/vma.ts';
import { call, fail, operation, type Operation, type Outcome } from '../world/operation.ts';
import { dax_read, dax_write } from './read-write.ts';
import { isDax } from './super-block.ts';
import { do_truncate } from './truncate.ts';
import '../dax/dax-fault.ts';

/** Files of these filesystems: mapped directly with S_DAX, through the page cache without. */
function register(fs: 'ext4' | 'xfs', source: string): void {
  const mmap = operation<MmapFile, Outcome<MmappedFile>>(
    `${fs}_file_mmap`,
    source,
    function* (k: Kernel, file): Operation<Outcome<MmappedFile>> {
      const sync = file.vm_flags.split('|').includes('sync');
      if (sync && !(k.facts.era.get('map_sync') && isDax(file.inode))) {
        return fail('EOPNOTSUPP', '!daxdev_mapping_supported(vma, dax_dev)');
      }
      if (!isDax(file.inode)) {
        const generic = fileOperations({ fs: 'generic' });
        return generic ? yield* call(generic.mmap, file) : fail('ENODEV', '!file->f_op->mmap');
      }
      const mixedmap = k.facts.era.get('dax_vma_mixedmap');
      const vm_flags = withVmFlags(file.vm_flags, {
        hugepage: true,
        ...(mixedmap ? { mixedmap } : {}),
      });
      return { vm_ops: `${fs}_dax`, vm_flags };
    },
    { show: ({ inode, pgoff, start, end }) => ({ file: inode.id, pgoff, pages: end - start }) },
  );
  registerFileOperations({ fs, mmap, read: dax_read, write: dax_write, truncate: do_truncate });
}

register('ext4', 'fs/ext4/file.c:ext4_file_mmap');
register('xfs', 'fs/xfs/xfs_file.c:xfs_file_mmap');
