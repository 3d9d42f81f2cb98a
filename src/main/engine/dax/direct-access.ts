import type { Kernel } from '../facts.ts';
import { fail, failed, leaf, type Outcome } from '../world/operation.ts';
import { dax_alive, hasDaxFlag, type DaxDevice } from './dax-device.ts';

/** Where direct access leads. */
export interface Accessed {
  readonly pfn: number;
  /** Pages from there on that can be reached, at most as many as asked for. */
  readonly pages: number;
}

export interface DirectAccess {
  readonly dax_dev: string;
  /** Page offset on the device. */
  readonly pgoff: number;
  readonly nr_pages: number;
  /** DAX_RECOVERY_WRITE: the caller means to write over poison. */
  readonly mode?: 'access' | 'recovery_write';
  /** What a run of calls covers; the calls themselves ask for as many pages each. */
  readonly each?: number;
}

/**
 * __pmem_direct_access(): from the page on as far as the namespace and good memory reach. Poison in
 * what was asked for is an error, unless the caller wants to write over it.
 */
function pmemDirectAccess(k: Kernel, device: DaxDevice, params: DirectAccess): Outcome<Accessed> {
  const { pgoff, nr_pages, mode = 'access' } = params;
  const pfn = device.start_pfn + pgoff;
  const errno = k.facts.era.get('dax_bad_block_errno');
  const bad = k.world
    .overlapping('badblocks', pfn, device.start_pfn + device.pages)
    .filter(({ disk }) => disk === device.id);
  const [first] = bad;
  const left = device.pages - pgoff;
  if (errno === '' || first === undefined) return { pfn, pages: Math.min(nr_pages, left) };
  if (first.start < pfn + nr_pages && mode === 'access') {
    return fail(errno, 'bad_blocks in the range: badblocks_check()');
  }
  return { pfn, pages: Math.min(nr_pages, left, Math.max(first.start, pfn + 1) - pfn) };
}

/**
 * dax_direct_access(): the page offsets of a DAX device as memory. -EOPNOTSUPP without a device or a
 * driver that can, -ENXIO when it was killed, -EINVAL for no pages, -ERANGE behind the end. Before
 * 4.12 bdev_direct_access(), which finds the end itself.
 */
export const dax_direct_access = leaf<DirectAccess, Outcome<Accessed>>(
  (k) => (k.facts.era.get('dax_device') ? 'dax_direct_access' : 'bdev_direct_access'),
  'drivers/dax/super.c:dax_direct_access',
  (k, params) => {
    const { dax_dev, pgoff, nr_pages } = params;
    const device = k.world.get('dax_devices', dax_dev);
    if (!k.facts.era.get('dax_device')) return bdevDirectAccess(k, device, params);
    if (!device) return fail('EOPNOTSUPP', '!dax_dev');
    if (!dax_alive(device)) return fail('ENXIO', '!dax_alive(dax_dev)');
    if (!hasDaxFlag(device, 'direct')) return fail('EOPNOTSUPP', '!dax_dev->ops');
    if (nr_pages < 0) return fail('EINVAL', 'nr_pages < 0');
    if (pgoff >= device.pages) return fail('ERANGE', 'avail == 0');
    return pmemDirectAccess(k, device, params);
  },
  {
    show: ({ dax_dev, pgoff, nr_pages, mode }) => ({
      dax_dev,
      pgoff,
      nr_pages,
      ...(mode === 'recovery_write' ? { mode: 'DAX_RECOVERY_WRITE' } : {}),
    }),
    covers: ({ pgoff, nr_pages, each }, k) => {
      if (each === undefined || each >= nr_pages) return undefined;
      void k;
      return {
        count: nr_pages / each,
        range: { start: pgoff, end: pgoff + nr_pages, unit: 'index' },
      };
    },
  },
);

/** fs/block_dev.c:bdev_direct_access() of kernels before 4.12. */
function bdevDirectAccess(
  k: Kernel,
  device: DaxDevice | undefined,
  params: DirectAccess,
): Outcome<Accessed> {
  if (!device || !hasDaxFlag(device, 'direct')) return fail('EOPNOTSUPP', '!ops->direct_access');
  if (params.pgoff + params.nr_pages > device.pages) {
    return fail('ERANGE', '(sector + DIV_ROUND_UP(size, 512)) > part_nr_sects_read(bdev->bd_part)');
  }
  if (!dax_alive(device)) return fail('ENXIO', 'the disk is gone');
  const found = pmemDirectAccess(k, device, params);
  if (failed(found) || found.pages > 0) return found;
  return fail('ERANGE', '!avail');
}
