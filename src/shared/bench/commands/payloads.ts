/** Schemas that inputs and outputs of several commands are made of. */
import { z } from 'zod';
import { missingPlugins } from '../plugins.ts';
import { problemView } from '../state.ts';

export const nothing = z.strictObject({});
export const count = z.number().int().min(0);
export const pfn = z.number().int().min(0);
export const step = z.number().int().min(0);
/** Most rows one call returns. */
export const window = z.number().int().min(1).max(2000);
/** Where the session has arrived, and what stopped it on the way. */
export const moved = z.object({ at: step, stopped_by: z.string().optional() });
/** Whether a session has opened, and what is wrong with its lab. */
export const opened = z.object({
  opened: z.boolean(),
  problems: z.array(problemView),
  /** Hashes of strangers' plugins it needs, to be shown and trusted first. */
  untrusted: z.array(z.string()).default([]),
  missing: missingPlugins.default({ plugins: [], devices: [] }),
});
/** A file with its text. */
export const named = z.object({ name: z.string().max(4096), text: z.string() });
