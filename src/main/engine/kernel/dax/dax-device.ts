import type { RowOf } from '../../../../shared/world/tables.ts';
import type { Kernel } from '../../core/facts.ts';
import { call, fail, leaf, operation, type Outcome } from '../../core/world/operation.ts';
import { gracePeriod } from '../../core/world/rcu.ts';

export type DaxDevice = RowOf<'dax_devices'>;

/** What a driver knows of the memory behind its disk or character device. */
export interface DaxDeviceRequest {
  /** pmem0, dax0.0. */
  readonly id: string;
  /** The device of the bench. */
  readonly device: string;
  readonly kind: 'block' | 'char';
  /** First byte of the data, and how much of it. */
  readonly start: bigint;
  readonly size: bigint;
  /** Its pagemap; '' without struct pages. */
  readonly pgmap: string;
  /** Bytes; of a page of a character device. */
  readonly align: bigint;
  /** The driver has direct access at all: not so behind a BTT. */
  readonly direct: boolean;
  /** DAXDEV_SYNC: what was stored is safe without asking anybody (5.3). */
  readonly synchronous: boolean;
}

function register(k: Kernel, request: DaxDeviceRequest): void {
  const { direct, synchronous, start, size, ...row } = request;
  const shift = BigInt(k.facts.arch.page_shift);
  const place = { start_pfn: Number(start >> shift), pages: Number(size >> shift) };
  // drivers/nvdimm/pmem.c: QUEUE_FLAG_DAX only of memory with struct pages.
  const dax = direct && (request.kind === 'char' || request.pgmap !== '');
  const flags = [
    ...(direct ? ['direct'] : []),
    ...(dax ? ['dax'] : []),
    ...(synchronous ? [] : ['async']),
    'alive',
  ].join('|');
  k.world.put('dax_devices', { ...row, ...place, flags, holder: '' });
}

/**
 * alloc_dax(): the driver's direct access under a name of its own; before 4.12 a method of the
 * block device, which comes with the disk.
 */
export const alloc_dax = leaf<DaxDeviceRequest, void>(
  (k) => (k.facts.era.get('dax_device') ? 'alloc_dax' : 'add_disk'),
  'drivers/dax/super.c:alloc_dax',
  register,
);

/** device_add_disk() of a disk without direct access: the sectors of a BTT. */
export const add_disk = leaf<DaxDeviceRequest, void>(
  'device_add_disk',
  'block/genhd.c:device_add_disk',
  register,
);

/** The struct srcu_struct between dax_read_lock() and kill_dax(). */
export const DAX_SRCU = 'dax_srcu';

/** synchronize_srcu(): until every fault and access that is inside now has come out. */
const synchronize_srcu = operation<Record<string, never>, void>(
  'synchronize_srcu',
  'kernel/rcu/srcutree.c:synchronize_srcu',
  function* (k) {
    yield* gracePeriod(k, DAX_SRCU);
  },
  { show: () => ({ ssp: DAX_SRCU }) },
);

/** kill_dax(): from now on direct access fails with -ENXIO; who is inside is waited for (SRCU). */
export const kill_dax = operation<{ id: string }, Outcome<void>>(
  (k) => (k.facts.era.get('dax_device') ? 'kill_dax' : 'del_gendisk'),
  'drivers/dax/super.c:kill_dax',
  function* (k, { id }) {
    const row = k.world.get('dax_devices', id);
    if (!row) return fail('ENODEV', '!dax_dev');
    k.world.patch('dax_devices', id, { flags: without(row.flags, 'alive') });
    yield* call(synchronize_srcu, {});
    return undefined;
  },
);

/** put_dax(): the last reference: the device is gone. A filesystem on it keeps one. */
export const put_dax = leaf<{ id: string }, void>(
  (k) => (k.facts.era.get('dax_device') ? 'put_dax' : 'put_disk'),
  'drivers/dax/super.c:put_dax',
  (k, { id }) => {
    const held = [...k.world.rows('super_blocks')].some(
      ({ bdev, s_flags }) => bdev === id && s_flags.includes('mounted'),
    );
    if (!held) k.world.remove('dax_devices', id);
    else k.note('a filesystem still holds it');
  },
);

export function hasDaxFlag({ flags }: DaxDevice, flag: string): boolean {
  return flags.split('|').includes(flag);
}

function without(flags: string, flag: string): string {
  return flags
    .split('|')
    .filter((name) => name !== flag)
    .join('|');
}

/** dax_synchronous(): may a file on the device be mapped with MAP_SYNC? */
export function dax_synchronous(device: DaxDevice | undefined): boolean {
  return device !== undefined && !hasDaxFlag(device, 'async');
}

/** dax_alive(). */
export function dax_alive(device: DaxDevice): boolean {
  return hasDaxFlag(device, 'alive');
}
