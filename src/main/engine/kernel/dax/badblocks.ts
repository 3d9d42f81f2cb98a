import { fail, leaf, type Outcome } from '../../core/world/operation.ts';

/** Sectors of a disk, 512 bytes each, counted from the start of its data. */
export interface Sectors {
  readonly disk: string;
  readonly sector: number;
  readonly count: number;
}

const SECTORS_SHIFT = 9;

/** badblocks_set() for pages that hold the sectors; -ENODEV without the disk, -EINVAL off its end. */
export const badblocks_set = leaf<Sectors, Outcome<void>>(
  'badblocks_set',
  'block/badblocks.c:badblocks_set',
  (k, { disk, sector, count }) => {
    const device = k.world.get('dax_devices', disk);
    if (!device) return fail('ENODEV', 'there is no such disk');
    const shift = k.facts.arch.page_shift - SECTORS_SHIFT;
    const first = Math.floor(sector / 2 ** shift);
    const end = Math.ceil((sector + count) / 2 ** shift);
    if (count < 1 || end > device.pages) return fail('EINVAL', 'the sectors lie off the disk');
    k.world.set('badblocks', device.start_pfn + first, device.start_pfn + end, { disk });
    return undefined;
  },
);
