/** All services of the plugin API, by subject. */
import type { Declarations } from '../declaration.ts';
import { DISK_SERVICES } from './disks.ts';
import { DMA_SERVICES } from './dma.ts';
import { ENGINE_SERVICES } from './engine.ts';
import { FIRMWARE_SERVICES } from './firmware.ts';
import { HOTPLUG_SERVICES } from './hotplug.ts';
import { MEMORY_SERVICES } from './memory.ts';
import { MIGRATION_SERVICES } from './migration.ts';
import { MIRROR_SERVICES } from './mirrors.ts';
import { PAGEMAP_SERVICES } from './pagemaps.ts';
import { PCI_SERVICES } from './pci.ts';
import { RESOURCE_SERVICES } from './resources.ts';
import { TIER_SERVICES } from './tiers.ts';
import { USER_MEMORY_SERVICES } from './user-memory.ts';

export interface Subject {
  /** Of the interface in the public types: `PciServices`. */
  readonly name: string;
  readonly title: string;
  readonly services: Declarations;
}

export const SUBJECTS = [
  { name: 'Pagemap', title: 'struct pages for device memory', services: PAGEMAP_SERVICES },
  { name: 'Resource', title: 'the resource tree', services: RESOURCE_SERVICES },
  { name: 'Firmware', title: 'what firmware says of memory', services: FIRMWARE_SERVICES },
  { name: 'Hotplug', title: 'memory hotplug', services: HOTPLUG_SERVICES },
  { name: 'Tier', title: 'memory tiers', services: TIER_SERVICES },
  { name: 'Engine', title: 'engines and interrupts of a device', services: ENGINE_SERVICES },
  { name: 'Dma', title: 'memory as a device sees it', services: DMA_SERVICES },
  { name: 'Pci', title: 'PCI and peer-to-peer memory', services: PCI_SERVICES },
  { name: 'UserMemory', title: 'memory of processes', services: USER_MEMORY_SERVICES },
  { name: 'Memory', title: 'pages, locks, address spaces', services: MEMORY_SERVICES },
  { name: 'Migration', title: 'migration to devices and back', services: MIGRATION_SERVICES },
  { name: 'Mirror', title: 'mirrors of address spaces', services: MIRROR_SERVICES },
  { name: 'Disk', title: 'disks and DAX devices', services: DISK_SERVICES },
] as const satisfies readonly Subject[];
