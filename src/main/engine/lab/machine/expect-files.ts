import type { World } from '../../core/world/world.ts';
import { filePosition, fileSpan } from '../../kernel/fs/file-position.ts';
import type { Inode } from '../../kernel/fs/super-block.ts';
import type { Getter } from './expect.ts';

/** Pages of a file that one of its tables has a record for. */
function pagesIn(world: World, table: 'file_extents' | 'i_pages', inode: Inode): number {
  const { start, end } = fileSpan(inode);
  const rows = world.overlapping(table, start, end);
  return rows.reduce((sum, row) => sum + row.end - row.start, 0);
}

export const file: Getter<'file'> = ({ world }, { path }) => {
  const inode = world.get('inodes', path);
  return {
    title: `file ${path}`,
    fields: inode && {
      size: inode.i_size,
      dax: inode.i_flags.split('|').includes('dax'),
      blocks: pagesIn(world, 'file_extents', inode),
      cached: pagesIn(world, 'i_pages', inode),
    },
  };
};

export const i_page: Getter<'i_page'> = ({ world }, { file: path, index }) => {
  const inode = world.get('inodes', path);
  const at = inode === undefined ? undefined : filePosition(inode, index);
  const row = at === undefined ? undefined : world.at('i_pages', at);
  const flags = row === undefined || row.flags === '' ? [] : row.flags.split('|');
  const real = !flags.includes('zero') && !flags.includes('empty');
  return {
    title: `page ${index} of ${path}`,
    fields: row && {
      kind: row.kind,
      flags,
      ...(real && at !== undefined ? { pfn: row.pfn + (at - row.start) } : {}),
    },
  };
};
