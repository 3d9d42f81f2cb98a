/** Devices and the plugins that model them. */
import { z } from 'zod';
import { closeRange, rangeFields } from './machine.ts';
import type { Place } from './place.ts';
import { count } from './quantity.ts';
import type { ValueMap } from './value.ts';

/** Names that operations can address: letters, digits, `-` and `_`; dots separate levels. */
export const ID = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const ID_EXPECTED = 'a name of letters, digits, - and _, beginning with a letter';

const rangeSchema = z
  .strictObject(rangeFields)
  .transform(closeRange)
  .transform(({ start, end }) => ({ start, size: end - start + 1n }));

/** The keys every device has; all others belong to its model. */
export const deviceSchema = z.looseObject({
  id: z
    .string()
    .regex(ID, ID_EXPECTED)
    .describe('Name of the device, by which the program addresses it: `ID.ACTION`'),
  model: z.string().min(1).describe('Hardware model that is the device: one of a plugin'),
  node: count.optional().describe('NUMA node the device is near to'),
  range: rangeSchema.optional().describe('Physical bytes of the device'),
});

export const pluginSchema = z.strictObject({
  id: z.string().min(1).describe('Id of the plugin, as its manifest says it'),
  version: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Version the lab was made with, others are told with a warning; or a range it needs, such as ^1.2',
    ),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits')
    .optional()
    .describe('Digest of its files; others are told with a warning'),
  path: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .describe("Its folder or .tgz file, beside the lab or below the lab's folder"),
});

/** Physical bytes: `size` from `start`. */
export interface DeviceRange {
  start: bigint;
  size: bigint;
}

export interface Device {
  id: string;
  model: string;
  node?: number | undefined;
  range?: DeviceRange | undefined;
  /** Everything else, as the model's own schema will read it. */
  config: ValueMap;
  source: Place;
}

export type PluginReference = z.output<typeof pluginSchema>;
