import type { Iomap } from '../fs/iomap.ts';
import { copyContents } from '../mm/contents.ts';
import { leaf } from '../../core/world/operation.ts';
import type { DaxFile } from './fault-run.ts';

/** A write to blocks that another file shares: what the new ones take over. */
export interface CopyAround {
  readonly file: DaxFile;
  /** The iomap of the new blocks. */
  readonly map: Iomap;
  readonly pages: number;
}

/** dax_iomap_copy_around(): the shared blocks' data into the new ones. */
export const dax_iomap_copy_around = leaf<CopyAround, void>(
  'dax_iomap_copy_around',
  'fs/dax.c:dax_iomap_copy_around',
  (k, { file, map, pages }) => {
    if (map.block === null || map.from === null) return;
    const { start_pfn } = file.sb;
    copyContents(k, start_pfn + map.from, start_pfn + map.block, pages);
  },
  { show: ({ map, pages }) => ({ index: map.index, pages }) },
);
