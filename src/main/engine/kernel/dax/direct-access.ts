import { call, fail, failed, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { dax_alive, hasDaxFlag, type DaxDevice } from './dax-device.ts';

/** Where direct access leads. */
export interface Accessed {
  readonly pfn: number;
  /** Pages from there on that can be reached. */
  readonly pages: number;
}

export interface DirectAccess {
  readonly dax_dev: string;
  /** Page offset on the device. */
  readonly pgoff: number;
  readonly nr_pages: number;
  /** DAX_RECOVERY_WRITE: the caller means to write over poison. */
  readonly mode?: 'access' | 'recovery_write';
  /** A run of calls: pages each of them asks for. */
  readonly each?: number;
}

const show = ({ dax_dev, pgoff, nr_pages, mode, each }: DirectAccess) => ({
  dax_dev,
  pgoff,
  nr_pages: each ?? nr_pages,
  ...(mode === 'recovery_write' ? { mode: 'DAX_RECOVERY_WRITE' } : {}),
});

const covers = ({ pgoff, nr_pages, each }: DirectAccess) =>
  each === undefined || each >= nr_pages
    ? undefined
    : {
        count: nr_pages / each,
        range: { start: pgoff, end: pgoff + nr_pages, unit: 'index' as const },
      };

/**
 * __pmem_direct_access(): from the page on as far as the disk reaches; where it has bad blocks, no
 * further than was asked for. Poison in what was asked for is an error, unless the caller wants to
 * write over it: then up to the poison, or one page of it.
 */
export const __pmem_direct_access = leaf<DirectAccess, Outcome<Accessed>>(
  '__pmem_direct_access',
  'drivers/nvdimm/pmem.c:__pmem_direct_access',
  (k, { dax_dev, pgoff, nr_pages, mode = 'access', each = nr_pages }) => {
    const device = k.world.need('dax_devices', dax_dev);
    const pfn = device.start_pfn + pgoff;
    const errno = k.facts.era.get('pmem_poison_errno');
    const bad = k.world
      .overlapping('badblocks', device.start_pfn, device.start_pfn + device.pages)
      .filter(({ disk }) => disk === device.id);
    if (errno === 'none' || bad.length === 0) return { pfn, pages: device.pages - pgoff };
    const hit = bad.find(({ start, end }) => start < pfn + nr_pages && end > pfn);
    if (!hit) return { pfn, pages: nr_pages };
    if (mode === 'access') {
      return fail(errno, 'badblocks_check(bb, sector, num, &first_bad, &num_bad)');
    }
    if (hit.start > pfn) return { pfn, pages: hit.start - pfn };
    return { pfn, pages: each === 1 ? Math.min(nr_pages, hit.end - pfn) : 1 };
  },
  { show, covers },
);

/**
 * dax_direct_access(): the page offsets of a DAX device as memory. -EOPNOTSUPP without a device or a
 * driver that can, -ENXIO when it was killed, -EINVAL for no pages, -ERANGE behind the end. Before
 * 4.12 bdev_direct_access(), which finds the end itself.
 */
export const dax_direct_access = operation<DirectAccess, Outcome<Accessed>>(
  (k) => (k.facts.era.get('dax_device') ? 'dax_direct_access' : 'bdev_direct_access'),
  'drivers/dax/super.c:dax_direct_access',
  function* (k, params) {
    const device = k.world.get('dax_devices', params.dax_dev);
    const wrong = k.facts.era.get('dax_device')
      ? daxCheck(device, params)
      : bdevCheck(device, params);
    if (failed(wrong)) return wrong;
    const found = yield* call(__pmem_direct_access, params);
    if (failed(found)) return found;
    return { pfn: found.pfn, pages: Math.min(found.pages, params.nr_pages) };
  },
  { show, covers },
);

function daxCheck(device: DaxDevice | undefined, { pgoff, nr_pages }: DirectAccess): Outcome<void> {
  if (!device) return fail('EOPNOTSUPP', '!dax_dev');
  if (!dax_alive(device)) return fail('ENXIO', '!dax_alive(dax_dev)');
  if (!hasDaxFlag(device, 'direct')) return fail('EOPNOTSUPP', '!dax_dev->ops');
  if (nr_pages < 0) return fail('EINVAL', 'nr_pages < 0');
  return pgoff < device.pages ? undefined : fail('ERANGE', 'avail == 0');
}

/** fs/block_dev.c:bdev_direct_access() of kernels before 4.12. */
function bdevCheck(
  device: DaxDevice | undefined,
  { pgoff, nr_pages }: DirectAccess,
): Outcome<void> {
  if (!device || !hasDaxFlag(device, 'direct')) return fail('EOPNOTSUPP', '!ops->direct_access');
  if (!dax_alive(device)) return fail('ENXIO', 'the disk is gone');
  if (pgoff + nr_pages <= device.pages) return undefined;
  return fail('ERANGE', '(sector + DIV_ROUND_UP(size, 512)) > part_nr_sects_read(bdev->bd_part)');
}
