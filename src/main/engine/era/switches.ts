import { pageSwitches } from './page.ts';
import { hotplugSwitches } from './hotplug.ts';

/** Every behaviour switch, by the name a lab may override it with. */
export const SWITCHES = { ...pageSwitches, ...hotplugSwitches } as const;
