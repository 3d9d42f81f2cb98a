import { pageSwitches } from './page.ts';
import { hotplugSwitches } from './hotplug.ts';
import { hotplugArchSwitches } from './hotplug-arch.ts';
import { pgmapSwitches } from './pgmap.ts';
import { pgmapRefSwitches } from './pgmap-ref.ts';
import { bootSwitches } from './boot.ts';
import { buddySwitches } from './buddy.ts';
import { daxSwitches } from './dax.ts';
import { devicePageSwitches } from './device-page.ts';
import { mmSwitches } from './mm.ts';
import { dmaSwitches } from './dma.ts';
import { gupSwitches } from './gup.ts';
import { memoryFailureSwitches } from './memory-failure.ts';
import { hmmSwitches } from './hmm.ts';
import { memmodelSwitches } from './memmodel.ts';
import { nvdimmSwitches } from './nvdimm.ts';
import { p2pdmaSwitches } from './p2pdma.ts';

/** Every behaviour switch, by the name a lab may override it with. */
export const SWITCHES = {
  ...pageSwitches,
  ...hotplugSwitches,
  ...hotplugArchSwitches,
  ...bootSwitches,
  ...buddySwitches,
  ...memmodelSwitches,
  ...mmSwitches,
  ...pgmapSwitches,
  ...pgmapRefSwitches,
  ...devicePageSwitches,
  ...memoryFailureSwitches,
  ...hmmSwitches,
  ...nvdimmSwitches,
  ...daxSwitches,
  ...p2pdmaSwitches,
  ...dmaSwitches,
  ...gupSwitches,
} as const;
