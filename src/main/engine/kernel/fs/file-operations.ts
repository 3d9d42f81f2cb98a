import type { Kernel } from '../../core/facts.ts';
import type { FileOperations, FileRange, MmapFile, MmappedFile } from '../mm/file-operations.ts';
import { generic_file_operations } from '../mm/filemap.ts';
import type { Content, ContentRun } from '../mm/contents.ts';
import { withVmFlags } from '../mm/vma.ts';
import {
  call,
  fail,
  failed,
  operation,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { dax_iomap_rw } from './read-write.ts';
import { dax_synchronous } from '../dax/dax-device.ts';
import { isDax, type Inode } from './super-block.ts';
import { do_truncate } from './truncate.ts';

/** The DAX device that a file lies on. */
const deviceOf = (k: Kernel, { device }: Inode) => k.world.get('dax_devices', device);

const showRange = ({ inode, start, end }: FileRange) => ({
  file: inode.id,
  index: start,
  pages: end - start,
});

/**
 * Files of these filesystems: mapped directly with S_DAX, through the page cache without. What the
 * page cache has of them is not written back to the disk here.
 */
function operationsOf(fs: 'ext4' | 'xfs', file: string): FileOperations {
  const mmap = operation<MmapFile, Outcome<MmappedFile>>(
    (k) => (k.facts.era.get('mmap_prepare') ? `${fs}_file_mmap_prepare` : `${fs}_file_mmap`),
    `${file}:${fs}_file_mmap`,
    function* (k: Kernel, wanted): Operation<Outcome<MmappedFile>> {
      const sync = wanted.vm_flags.split('|').includes('sync');
      const supported = isDax(wanted.inode) && dax_synchronous(deviceOf(k, wanted.inode));
      if (sync && !(k.facts.era.get('map_sync') && supported)) {
        return fail('EOPNOTSUPP', '!daxdev_mapping_supported(vma, dax_dev)');
      }
      if (!isDax(wanted.inode)) {
        return yield* call(generic_file_operations.mmap, wanted);
      }
      const mixedmap = k.facts.era.get('dax_vma_mixedmap');
      const vm_flags = withVmFlags(wanted.vm_flags, {
        hugepage: true,
        ...(mixedmap ? { mixedmap } : {}),
      });
      return { vm_ops: `${fs}_dax`, vm_flags };
    },
    { show: ({ inode, pgoff, start, end }) => ({ file: inode.id, pgoff, pages: end - start }) },
  );
  const read = operation<FileRange, Outcome<readonly ContentRun[]>>(
    `${fs}_file_read_iter`,
    `${file}:${fs}_file_read_iter`,
    function* (_k, range) {
      if (!isDax(range.inode)) return yield* call(generic_file_operations.read, range);
      const runs: ContentRun[] = [];
      const done = yield* call(dax_iomap_rw, { ...range, iter: { rw: 'read', runs } });
      return failed(done) ? done : runs;
    },
    { show: showRange },
  );
  const write = operation<FileRange & { content: Content }, Outcome<number>>(
    `${fs}_file_write_iter`,
    `${file}:${fs}_file_write_iter`,
    function* (_k, { content, ...range }) {
      if (!isDax(range.inode)) {
        return yield* call(generic_file_operations.write, { ...range, content });
      }
      return yield* call(dax_iomap_rw, { ...range, iter: { rw: 'write', content } });
    },
    { show: showRange },
  );
  return { mmap, read, write, truncate: do_truncate };
}

export const ext4_file_operations = operationsOf('ext4', 'fs/ext4/file.c');
export const xfs_file_operations = operationsOf('xfs', 'fs/xfs/xfs_file.c');
