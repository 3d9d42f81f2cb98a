import { enabled } from '../../core/arch/config.ts';
import type { Kernel } from '../../core/facts.ts';
import {
  call,
  fail,
  failed,
  leaf,
  operation,
  type KernelFunction,
  type Operation,
  type Outcome,
} from '../../core/world/operation.ts';
import { daxSupported } from './dax-support.ts';
import { fileSpan, freeNumber } from './file-position.ts';
import { pmdPages } from './blocks.ts';
import { filesOf, isMounted, type SuperBlock } from './super-block.ts';

/** mount -t FS -o OPTIONS /dev/BDEV AT. */
export interface MountRequest {
  readonly bdev: string;
  readonly fs: string;
  readonly options: string;
  readonly at: string;
  /** Bytes: of the blocks mkfs made. */
  readonly block_size: bigint;
  /** Bytes from the start of the disk: of a partition. */
  readonly offset: bigint;
}

const shown = ({ bdev, fs, options, at }: MountRequest) => ({ bdev, fs, options, at });

/** Does a mount option ask for direct mapping of every file? */
function wantsDax(options: string): boolean {
  return options.split(',').some((option) => option === 'dax' || option === 'dax=always');
}

/** Pages the filesystem keeps for itself at the start of its device (model): at most a PMD's worth. */
function metadataPages(k: Kernel, blocks: number): number {
  return Math.min(pmdPages(k), Math.floor(blocks / 8));
}

/** mkfs: everything behind the filesystem's own blocks is free. */
const mkfs = leaf<{ sb: SuperBlock }, void>(
  'mkfs',
  'lab:mkfs',
  (k, { sb }) => {
    for (const inode of filesOf(k, sb)) {
      const { start, end } = fileSpan(inode);
      k.world.clear('file_extents', start, end);
      k.world.clear('i_pages', start, end);
      k.world.remove('inodes', inode.id);
    }
    const { start, end } = fileSpan(sb);
    k.world.clear('free_blocks', start, end);
    const used = metadataPages(k, sb.blocks);
    k.world.set('free_blocks', start + used, start + sb.blocks, { sb: sb.id });
  },
  { basis: 'model', show: ({ sb }) => ({ bdev: sb.bdev, fs: sb.s_type, blocks: sb.blocks }) },
);

/** The filesystem that is on the device already: mounted before, and nothing else written since. */
function onDisk(k: Kernel, wanted: Pick<SuperBlock, 'bdev' | 's_type' | 'start_pfn' | 'blocks'>) {
  return [...k.world.rows('super_blocks')].find(
    (sb) =>
      sb.bdev === wanted.bdev &&
      sb.s_type === wanted.s_type &&
      sb.start_pfn === wanted.start_pfn &&
      sb.blocks === wanted.blocks,
  );
}

/** Files move with the place their filesystem is mounted at. */
function rename(k: Kernel, from: SuperBlock, at: string): void {
  if (from.id === at) return;
  for (const inode of filesOf(k, from)) {
    k.world.remove('inodes', inode.id);
    k.world.put('inodes', { ...inode, id: at + inode.id.slice(from.id.length) });
  }
  k.world.remove('super_blocks', from.id);
}

/** What DAX the mount gets: an errno refuses it, false leaves it without. */
function* daxOfMount(k: Kernel, request: MountRequest): Operation<Outcome<boolean>> {
  if (!wantsDax(request.options)) return false;
  if (!enabled(k.facts.config, 'FS_DAX')) return fail('EINVAL', 'dax option not supported');
  const { bdev, fs } = request;
  const supported = yield* daxSupported(k, request);
  if (!failed(supported)) return true;
  if (fs === 'xfs') {
    k.printk('alert', `XFS (${bdev}): DAX unsupported by block device. Turning off DAX.`);
    return false;
  }
  k.printk('err', `EXT4-fs (${bdev}): DAX unsupported by block device.`);
  // 4.12 to 4.17 pass the errno on, others say -EINVAL whatever it was.
  const errno = k.facts.era.get('dax_mount_check') === 'errno' ? supported.errno : 'EINVAL';
  return fail(errno, supported.check);
}

function* fillSuper(k: Kernel, request: MountRequest): Operation<Outcome<string>> {
  const { bdev, fs, at } = request;
  const missing = () => fail('ENOENT', `there is no /dev/${bdev}`);
  if (!k.world.get('dax_devices', bdev)) return missing();
  const dax = yield* daxOfMount(k, request);
  if (failed(dax)) return dax;
  const device = k.world.get('dax_devices', bdev);
  if (!device) return missing();
  const skip = Number(request.offset >> BigInt(k.facts.arch.page_shift));
  const place = {
    bdev,
    s_type: fs,
    start_pfn: device.start_pfn + skip,
    blocks: device.pages - skip,
  };
  const known = onDisk(k, place);
  const s_flags = dax ? 'mounted|dax' : 'mounted';
  const nr = known?.nr ?? freeNumber(k.world.rows('super_blocks'));
  const sb: SuperBlock = { id: at, nr, ...place, s_flags };
  if (known) rename(k, known, at);
  k.world.put('super_blocks', sb);
  for (const inode of filesOf(k, sb)) {
    k.world.patch('inodes', inode.id, { i_flags: dax ? 'dax' : '' });
  }
  if (!known) yield* call(mkfs, { sb });
  if (fs === 'xfs' && dax && k.facts.era.get('dax_holder')) {
    k.world.patch('dax_devices', bdev, { holder: `xfs ${at}` });
  }
  return at;
}

const ext4_fill_super = operation<MountRequest, Outcome<string>>(
  'ext4_fill_super',
  'fs/ext4/super.c:ext4_fill_super',
  fillSuper,
  { show: shown },
);

const xfs_fs_fill_super = operation<MountRequest, Outcome<string>>(
  'xfs_fs_fill_super',
  'fs/xfs/xfs_super.c:xfs_fs_fill_super',
  fillSuper,
  { show: shown },
);

const FILL_SUPER: Readonly<Record<string, KernelFunction<MountRequest, Outcome<string>>>> = {
  ext4: ext4_fill_super,
  xfs: xfs_fs_fill_super,
};

/**
 * mount(2) of a block device. A device without the filesystem gets it first (model). -ENODEV for an
 * unknown filesystem, -EBUSY where something is mounted already, -ENOENT without the device; what
 * ext4 says to `dax` on a device without DAX (XFS goes on without).
 */
export const path_mount = operation<MountRequest, Outcome<string>>(
  (k) => (k.facts.era.get('path_mount') ? 'path_mount' : 'do_mount'),
  'fs/namespace.c:path_mount',
  function* (k, request) {
    const fill = FILL_SUPER[request.fs];
    if (!fill) return fail('ENODEV', `get_fs_type("${request.fs}") == NULL`);
    if (!/^\/[^\s]*[^/\s]$/.test(request.at))
      return fail('EINVAL', 'lab: `at`: expected a path such as /mnt');
    const taken = [...k.world.rows('super_blocks')].filter(isMounted);
    if (taken.some(({ bdev }) => bdev === request.bdev)) {
      return fail('EBUSY', 'bd_may_claim(): the device is mounted already');
    }
    if (taken.some(({ id }) => id === request.at)) return fail('EBUSY', 'the place is taken');
    return yield* call(fill, request);
  },
  { show: shown },
);
