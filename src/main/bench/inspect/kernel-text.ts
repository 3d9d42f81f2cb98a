import type { KernelFile } from '../../../shared/bench/kernel-files.ts';
import { dmaMappingsText, p2pmemText } from '../../engine/lab/inspect/dma-api.ts';
import { buddyinfoText } from '../../engine/lab/inspect/buddyinfo.ts';
import { filesText } from '../../engine/lab/inspect/files.ts';
import { iomemText } from '../../engine/lab/inspect/iomem.ts';
import { memmapText } from '../../engine/lab/inspect/memmap.ts';
import { memoryBlocksText } from '../../engine/lab/inspect/memory-blocks.ts';
import { swapTypesText } from '../../engine/lab/inspect/swap-types.ts';
import { pinsText } from '../../engine/lab/inspect/pins.ts';
import { procMaps } from '../../engine/lab/inspect/proc-maps.ts';
import { pagemapText, smapsText } from '../../engine/lab/inspect/proc-pagemap.ts';
import { zoneinfoText } from '../../engine/lab/inspect/zoneinfo.ts';
import type { Facts } from '../../engine/core/facts.ts';
import type { World } from '../../engine/core/world/world.ts';
import type { Inspection } from './context.ts';

const PRINTERS: Readonly<Record<KernelFile, (world: World, facts: Facts) => string>> = {
  iomem: iomemText,
  zoneinfo: zoneinfoText,
  buddyinfo: buddyinfoText,
  'memory-blocks': memoryBlocksText,
  memmap: memmapText,
  p2pmem: p2pmemText,
  dma: dmaMappingsText,
  'swap-types': swapTypesText,
  pins: pinsText,
  files: filesText,
  maps: procMaps,
  smaps: smapsText,
  pagemap: pagemapText,
};

/** A file as the kernel of this run prints it, at the step looked at. */
export function kernelText({ world, facts }: Inspection, file: KernelFile): string {
  return PRINTERS[file](world, facts);
}
