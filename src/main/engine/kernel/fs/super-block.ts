import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { leaf } from '../../core/world/operation.ts';

export type SuperBlock = RowOf<'super_blocks'>;
export type Inode = RowOf<'inodes'>;

export function isMounted({ s_flags }: SuperBlock): boolean {
  return s_flags.split('|').includes('mounted');
}

/** Are new files of this filesystem mapped directly (-o dax)? */
export function mountedWithDax({ s_flags }: SuperBlock): boolean {
  return s_flags.split('|').includes('dax');
}

/** The mounted filesystem a path lies on; undefined for one of no filesystem with a device. */
export function superBlockOf(k: Kernel, path: string): SuperBlock | undefined {
  let found: SuperBlock | undefined;
  for (const sb of k.world.rows('super_blocks')) {
    const below = path.startsWith(sb.id === '/' ? '/' : `${sb.id}/`);
    if (below && isMounted(sb) && sb.id.length >= (found?.id.length ?? 0)) found = sb;
  }
  return found;
}

export function filesOf(k: Kernel, sb: SuperBlock): Inode[] {
  return [...k.world.rows('inodes')].filter(
    (inode) => inode.device === sb.bdev && inode.fs === sb.s_type,
  );
}

/** IS_DAX(): S_DAX of the inode. */
export function isDax({ i_flags }: Inode): boolean {
  return i_flags.split('|').includes('dax');
}

/** The page of the filesystem's device, counted as direct access does: a partition's offset is in it. */
export function pgoffOf(k: Kernel, sb: SuperBlock, block: number): number {
  const device = k.world.get('dax_devices', sb.bdev);
  return block + sb.start_pfn - (device?.start_pfn ?? sb.start_pfn);
}

/** open(O_EXCL) of a disk, as ndctl tries it: has a filesystem claimed it? */
export const bd_mounted = leaf<{ bdev: string }, boolean>(
  'bd_prepare_to_claim',
  'block/bdev.c:bd_prepare_to_claim',
  (k, { bdev }) =>
    [...k.world.rows('super_blocks')].some((sb) => sb.bdev === bdev && isMounted(sb)),
);
