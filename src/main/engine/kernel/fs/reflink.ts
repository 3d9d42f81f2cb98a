import { fail, leaf, operation, call, failed, type Outcome } from '../../core/world/operation.ts';
import { filePosition, fileSpan } from './file-position.ts';
import { superBlockOf, type Inode, type SuperBlock } from './super-block.ts';
import { vfs_create } from './create.ts';

/** xfs_reflink_remap_blocks(): the new file has the old one's blocks; both are marked shared. */
const xfs_reflink_remap_blocks = leaf<{ from: Inode; to: Inode; sb: SuperBlock }, void>(
  'xfs_reflink_remap_blocks',
  'fs/xfs/xfs_reflink.c:xfs_reflink_remap_blocks',
  (k, { from, to }) => {
    const { start, end } = fileSpan(from);
    for (const row of k.world.overlapping('file_extents', start, end)) {
      if (row.type !== 'mapped') continue;
      const at = filePosition(to, row.start - start);
      const { type, block } = row;
      k.world.set('file_extents', at, at + row.end - row.start, { type, block, shared: true });
    }
    k.world.update('file_extents', start, end, (row) => ({ shared: row.type === 'mapped' }));
  },
  { show: ({ from, to }) => ({ from: from.id, to: to.id }) },
);

/**
 * FICLONE: a new file with the blocks of another. -EOPNOTSUPP off XFS, and -EINVAL for DAX files before 6.2
 *; -EXDEV across filesystems.
 */
export const vfs_clone_file_range = operation<{ from: Inode; path: string }, Outcome<void>>(
  'vfs_clone_file_range',
  'fs/remap_range.c:vfs_clone_file_range',
  function* (k, { from, path }) {
    const sb = superBlockOf(k, from.id);
    if (!sb || superBlockOf(k, path)?.id !== sb.id) return fail('EXDEV', 'file_inode(src)->i_sb');
    if (sb.s_type !== 'xfs') return fail('EOPNOTSUPP', '!file_in->f_op->remap_file_range');
    if (from.i_flags.includes('dax') && !k.facts.era.get('dax_reflink')) {
      return fail('EINVAL', 'IS_DAX(inode_in) || IS_DAX(inode_out)');
    }
    const to = yield* call(vfs_create, { path, size: from.i_size, allocate: 'none' });
    if (failed(to)) return to;
    yield* call(xfs_reflink_remap_blocks, { from, to, sb });
    return undefined;
  },
  { show: ({ from, path }) => ({ from: from.id, to: path }) },
);
