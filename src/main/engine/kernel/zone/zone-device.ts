import type { Kernel } from '../../core/facts.ts';

/** zone_idx of ZONE_DEVICE in this configuration, -1 without it. */
export function zoneDevice(k: Kernel): number {
  return k.facts.arch.zones.indexOf('Device');
}
