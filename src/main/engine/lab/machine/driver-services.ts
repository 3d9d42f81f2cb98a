import { daxServices } from '../../kernel/dax/services.ts';
import { memoryServices } from '../../kernel/mm/services.ts';
import { firmwareServices } from '../../kernel/cxl/services.ts';
import { hotplugServices } from '../../kernel/hotplug/services.ts';
import { tierServices } from '../../kernel/mm/tier-services.ts';
import { engineServices } from '../../kernel/device/engine-services.ts';
import { serviceTable, type ServiceTable } from '../../kernel/device/services.ts';
import { dmaServices } from '../../kernel/dma/services.ts';
import { gupServices } from '../../kernel/gup/services.ts';
import { hmmServices } from '../../kernel/hmm/services.ts';
import { migrateServices } from '../../kernel/migrate/device/services.ts';
import { pciServices } from '../../kernel/p2pdma/services.ts';
import { services } from '../../kernel/memremap/services.ts';

/** Every kernel function that a hardware model may call, by its name. */
export const DRIVER_SERVICES: ServiceTable = serviceTable([
  ...services,
  ...firmwareServices,
  ...engineServices,
  ...tierServices,
  ...hotplugServices,
  ...pciServices,
  ...dmaServices,
  ...gupServices,
  ...memoryServices,
  ...migrateServices,
  ...hmmServices,
  ...daxServices,
]);
